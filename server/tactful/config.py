"""Settings: what a client may send (all optional) resolved to frozen values; every default lives here.

A value that cannot be used means the default and one message that names it; nothing here raises. The schema is the
dataclasses themselves: docs/settings.md is written from them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, NamedTuple, cast

__all__ = [
    "BackendSettings",
    "GateSettings",
    "LogSettings",
    "Setting",
    "Settings",
    "VerifySettings",
    "describe",
    "merge",
    "resolve",
]


def _option(
    default: Any, doc: str, *, choices: tuple[Any, ...] = (), minimum: float = 0, maximum: float | None = None
) -> Any:
    metadata = {"doc": doc, "choices": choices, "minimum": minimum, "maximum": maximum}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """When suggestions are generated and shown."""

    mode: str = _option(
        "balanced",
        "How much has to speak for a suggestion before it is shown: `quiet` shows the fewest, `eager` the most, "
        "`off` shows all that the engine offers.",
        choices=("off", "eager", "balanced", "quiet"),
    )
    max_lost_accepts: float = _option(
        0.05,
        "Share of the wanted suggestions that may be hidden in mode `balanced`; `eager` may hide a fifth of it, "
        "`quiet` three times as much. Where the gate's data cannot promise it, the gate shows.",
        maximum=0.5,
    )
    max_delay_ms: float = _option(
        1_000.0,
        "Milliseconds that your hand has to rest before the least certain suggestions appear in mode `balanced`; "
        "`eager` waits half as long, `quiet` half as long again. What is likely to pay appears at once. 0: no waiting.",
        maximum=5_000,
    )
    exploration: float = _option(
        0.02,
        "Share of the suggestions it would hide that are shown all the same, so that the gate can learn from them.",
        maximum=0.2,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSettings:
    """Where completions come from."""

    mode: str = _option(
        "local",
        "Source of completions: `local` is the embedded engine, which needs no network; `model` is the model at "
        "`backend.baseUrl`; `hybrid` answers from the engine where it is sure and asks the model elsewhere. While the "
        "model cannot be used, the engine answers.",
        choices=("local", "model", "hybrid"),
    )
    base_url: str = _option(
        "",
        "Address of an OpenAI-compatible server, for example `http://localhost:11434/v1` (Ollama), "
        "`http://localhost:8080/v1` (llama.cpp) or `https://api.mistral.ai/v1`. Only https or this machine, see "
        "`backend.allowInsecure`.",
    )
    model: str = _option("", "Name of the model there, for example `qwen2.5-coder:1.5b`.")
    template: str = _option(
        "auto",
        "How the model is asked to fill in the middle: a family's own tokens, `suffix` where the server does it, "
        "`chat` for models that only chat. `auto` goes by the model's name and the server's address.",
        choices=(
            "auto",
            "suffix",
            "chat",
            "qwen",
            "starcoder2",
            "codellama",
            "deepseek",
            "codestral",
            "codegemma",
            "granite-code",
            "granite",
            "seed-coder",
        ),
    )
    api_key_env: str = _option(
        "",
        "Name of the environment variable that holds the key (never the key itself). Empty: the system's keyring, "
        "service `tactful`, user the server's host, where the extra `keyring` is installed; else no key.",
    )
    timeout_ms: float = _option(
        5000.0, "Milliseconds that one answer of the model may take.", minimum=100, maximum=60_000
    )
    context_chars: float = _option(
        6000.0, "Characters of code that a prompt may hold, the document's own included.", minimum=500, maximum=100_000
    )
    prefetch: bool = _option(
        True,
        "Whether the next suggestion is asked for as soon as one is accepted.",
        choices=(True, False),
    )
    requests_per_hour: float = _option(0.0, "Most requests to the model in an hour; 0 for no limit.", maximum=1e6)
    tokens_per_hour: float = _option(
        0.0, "Most tokens in an hour, prompts (estimated) and answers together; 0 for no limit.", maximum=1e12
    )
    cost_per_hour: float = _option(
        0.0, "Most money in an hour, in the currency of the two prices; 0 for no limit.", maximum=1e6
    )
    price_in: float = _option(0.0, "Price of a million prompt tokens, for `backend.costPerHour`.", maximum=1e6)
    price_out: float = _option(0.0, "Price of a million generated tokens, for `backend.costPerHour`.", maximum=1e6)
    proxy: str = _option(
        "",
        "Address of a proxy for the model. Empty: HTTPS_PROXY and its like, never for a server on this machine.",
    )
    ca_file: str = _option("", "File with the certificates (PEM) of a certificate authority of your own.")
    allow_insecure: bool = _option(
        False, "Whether code may be sent unencrypted (http) to another machine.", choices=(True, False)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifySettings:
    """How tests are run by verify and fix."""

    sandbox: str = _option(
        "auto",
        "What keeps the tests from your files and the network: `auto` takes bubblewrap, else Landlock, on macOS "
        "sandbox-exec, and refuses to run where none works; `off` runs the tests on a copy without a sandbox.",
        choices=("auto", "bubblewrap", "landlock", "sandbox-exec", "off"),
    )
    budget_s: float = _option(20.0, "Seconds that one run may take, repair included.", minimum=1, maximum=600)
    on_accept: bool = _option(
        False,
        "Run the near tests in the background when a suggestion was accepted inside a function; only a failure is "
        "reported, with the offer to look for a repair. Only in folders that are trusted already.",
        choices=(True, False),
    )
    background: bool = _option(
        True,
        "Run the tests near open files while you pause, at the lowest priority and in the sandbox, so that Tactful "
        "knows which test runs which function. Only in folders that are trusted already.",
        choices=(True, False),
    )
    model: str = _option(
        "auto",
        "Whether a repair may ask a model: with `auto` it asks the one at `backend.baseUrl`, where `backend.mode` is "
        "not `local`; `off` repairs without one.",
        choices=("off", "auto"),
    )
    strategy: str = _option(
        "refine",
        "How a model is asked again when its code fails the tests: `refine` goes on from each try with what the tests "
        "did, `tree` searches over the bugs that it names and lets it rethink those that led nowhere.",
        choices=("refine", "tree"),
    )
    max_samples: float = _option(
        10.0,
        "Answers of a model that one repair may use. More find little: the tests are all that judges.",
        maximum=100,
    )
    max_tokens: float = _option(
        60_000.0,
        "Tokens that one repair may use, prompts (estimated) and answers together.",
        minimum=1000,
        maximum=10_000_000,
    )
    python: str = _option(
        "",
        "Interpreter that runs your tests and whose packages are indexed. Empty: the active virtual environment, then "
        "`.venv` or `venv` in the workspace, then `python3` on the PATH.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is written to the log file; never source text."""

    level: str = _option("info", "Least severity that is logged.", choices=("error", "warning", "info", "debug"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, resolved."""

    gate: GateSettings = GateSettings()
    backend: BackendSettings = BackendSettings()
    verify: VerifySettings = VerifySettings()
    log: LogSettings = LogSettings()
    network: str = _option(
        "allow",
        "`never` makes every connection to a model impossible. The embedded engine makes none in any case.",
        choices=("allow", "never"),
    )
    trusted: bool | str = _option(
        "ask",
        "Whether verify may run the code of this workspace: `true`, `false`, or `ask` once for each folder.",
        choices=(True, False, "ask"),
    )
    languages: Mapping[str, bool] = field(
        default_factory=dict,
        metadata={"doc": 'Switches suggestions on or off by language id, for example `{"markdown": false}`.'},
    )


class Setting(NamedTuple):
    """One line of the settings' documentation; `name` is dotted and in the client's spelling."""

    name: str
    default: Any
    choices: tuple[Any, ...]
    minimum: float | None
    maximum: float | None
    doc: str


def resolve(options: object) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings that `options` (a client's JSON, None for nothing) asks for, and what is wrong with it.

    Each problem is one sentence for the user that names the setting, the value and what is used instead.
    """
    problems: list[str] = []
    if options is None:
        return Settings(), ()
    if not isinstance(options, Mapping):
        return Settings(), (f"Tactful's settings must be an object, not {_kind(options)}; the defaults are used.",)
    return cast(Settings, _resolve_group(Settings, options, "", problems)), tuple(problems)


def merge(base: object, over: object) -> object:
    """Return `base` with the values of `over` on top, object by object; neither is changed."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return base if over is None else over
    return {key: merge(base.get(key), over.get(key)) for key in {**base, **over}}


def describe() -> tuple[Setting, ...]:
    """Return every setting, in the order of the dataclasses."""
    return tuple(_describe_group(Settings, ""))


def _describe_group(group: type[Any], prefix: str) -> Iterator[Setting]:
    for item in fields(group):
        name = prefix + _camel(item.name)
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        if is_dataclass(default):
            yield from _describe_group(type(default), name + ".")
            continue
        number = isinstance(default, float)
        low = item.metadata.get("minimum") if number else None
        high = item.metadata.get("maximum") if number else None
        yield Setting(name, default, item.metadata.get("choices", ()), low, high, item.metadata["doc"])


def _resolve_group(group: type[Any], options: Mapping[Any, Any], prefix: str, problems: list[str]) -> Any:
    known = {_camel(item.name): item for item in fields(group)}
    values = {}
    for key, value in options.items():
        item = known.get(str(key))
        if item is None:
            problems.append(f"Tactful has no setting `{prefix}{key}`; it is ignored.")
        elif value is not None:
            resolved = _resolve_value(item, value, prefix + str(key), problems)
            if resolved is not None:
                values[item.name] = resolved
    return group(**values)


def _resolve_value(item: Any, value: object, name: str, problems: list[str]) -> Any:
    if is_dataclass(item.default):
        if isinstance(value, Mapping):
            return _resolve_group(type(item.default), value, name + ".", problems)
        problems.append(f"Tactful's setting `{name}` must be an object, not {_kind(value)}; its defaults are used.")
        return None
    if item.default is MISSING:
        return _resolve_switches(value, name, problems)
    wanted = _wanted(item, value)
    if wanted is None:
        return float(cast(float, value)) if isinstance(item.default, float) else value
    problems.append(
        f"Tactful's setting `{name}` must be {wanted}, not {_shown(value)}; {_shown(item.default)} is used."
    )
    return None


def _wanted(item: Any, value: object) -> str | None:
    """Return None when `value` will do, else what would."""
    choices, default = item.metadata["choices"], item.default
    if choices:
        fits = any(value == choice and type(value) is type(choice) for choice in choices)
        return None if fits else "one of " + ", ".join(_shown(choice) for choice in choices)
    if isinstance(default, float):
        low, high = item.metadata["minimum"], item.metadata["maximum"]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if number and low <= cast(float, value) <= high else f"a number from {low} to {high}"
    return None if isinstance(value, str) else "text"


def _resolve_switches(value: object, name: str, problems: list[str]) -> dict[str, bool] | None:
    if not isinstance(value, Mapping):
        problems.append(f"Tactful's setting `{name}` must be an object, not {_kind(value)}; it is ignored.")
        return None
    for key, switch in value.items():
        if not isinstance(switch, bool):
            problems.append(
                f"Tactful's setting `{name}.{key}` must be true or false, not {_shown(switch)}; it is ignored."
            )
    return {str(key): switch for key, switch in value.items() if isinstance(switch, bool)}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _kind(value: object) -> str:
    kinds = {str: "text", bool: "a switch", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "something else")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{value}`" if isinstance(value, str | int | float) else _kind(value)
