"""Where secrets stand in a text: keys and tokens by their form, passwords by the name they are given to.

Two lists work together: the formats in use today, below, which cost next to nothing and serve the log too; and the
detectors of the library detect-secrets for the rarer ones, which only prompts are worth. Its guesses by entropy and by
keyword are not used: on source code they take identifiers, checksums and messages for secrets.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin

__all__ = ["Span", "find_secrets", "is_settings_file", "key_blocks", "load_library", "merged"]


class Span(NamedTuple):
    """A secret's offsets, end excluded."""

    start: int
    end: int


class _Form(NamedTuple):
    anchors: tuple[str, ...]  # one of them stands in every match: a quick look before the slow one
    pattern: re.Pattern[str]  # the secret is group 1 where there is one, else all


def _form(pattern: str, *anchors: str) -> _Form:
    return _Form(anchors, re.compile(pattern))


# From the providers' own documentation of their tokens, as far as they publish it, and the public rules of gitleaks.
_FORMS = (
    _form(r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", "A3T", "AKIA", "ASIA", "ABIA", "ACCA"),
    _form(r"\bgh[pousr]_[A-Za-z0-9]{20,}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _form(r"\bgithub_pat_\w{20,}", "github_pat_"),
    _form(r"\bgl(?:pat|dt|ft|rt|cbt|ptt|oas|imt)-[\w.-]{18,}", "glpat-", "gldt-", "glft-", "glrt-", "glcbt-", "glptt-"),
    _form(r"\bxox[abeoprs]-[\w-]{10,}|\bxapp-\d-[\w-]{10,}", "xox", "xapp-"),
    _form(r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w/+-]{20,})", "hooks.slack.com"),
    _form(r"\b[sr]k_(?:live|test|prod)_\w{10,}|\bwhsec_[\w+/=]{20,}", "k_live_", "k_test_", "k_prod_", "whsec_"),
    _form(r"\bsk-(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}", "sk-"),
    _form(r"\b(?:AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})", "AIza", "ya29.", "GOCSPX-"),
    _form(r"\b(?:hf|npm|gsk|r8|ntn)_(?=\w*\d)[A-Za-z0-9]{20,}", "hf_", "npm_", "gsk_", "r8_", "ntn_"),
    _form(
        r"\b(?:lin_api|dckr_pat|do[opr]_v1|sntrys|glsa)_[\w-]{20,}", "lin_api_", "dckr_pat_", "_v1_", "sntrys_", "glsa_"
    ),
    _form(r"\bpypi-[\w-]{16,}", "pypi-AgE"),
    _form(r"\bSG\.[\w-]{16,}\.[\w-]{16,}", "SG."),
    _form(r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", "shpat_", "shpca_", "shppa_", "shpss_"),
    _form(r"\bkey-[0-9a-f]{32}\b|\bdapi[0-9a-f]{32}\b", "key-", "dapi"),
    _form(r"\b\d{8,10}:AA[\w-]{33}", ":AA"),
    _form(r"\bhv[sbr]\.[\w-]{24,}", "hvs.", "hvb.", "hvr."),
    _form(r"\bxai-\w{40,}|\bPMAK-[\w-]{30,}|\bATATT3[\w=-]{50,}", "xai-", "PMAK-", "ATATT3"),
    _form(r"\bAGE-SECRET-KEY-1[0-9A-Z]{20,}", "AGE-SECRET-KEY-"),
    _form(r"(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/=]{20,})", "AccountKey=", "SharedAccessKey="),
    _form(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*)?", "eyJ"),
    _form(r"://[^\s:/@'\"`{}<>$%]*:([^\s/@'\"`{}<>$]{3,})@[\w\[]", "://"),
    _form(r"\b(?:[Bb]earer|[Bb]asic)[ +]+((?=[\w+/.=-]*\d)[\w+/.=-]{16,})", "earer ", "asic ", "earer+"),
)
_ANCHORED = tuple((anchor, form) for form in _FORMS for anchor in form.anchors)
_KEY_BLOCK = re.compile(
    r"-----BEGIN (?P<what>[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----(?P<key>.*?)(?:-----END (?P=what)-----|\Z)"
    r"|\A(?P<rest>[A-Za-z0-9+/=\s\\n\"']*)-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----",
    re.DOTALL,
)

# A name that ends like this, then what gives it a value. Looked for in lower case.
_NAMES = ("password", "passwd", "passphrase", "pwd", "secret", "token", "key")
_KEY_NAME = re.compile(
    r"(?:api|app|auth|access|private|encryption|signing|account|service|client|secret|master|db|jwt|session|cookie|hmac)[_-]?\Z"
)
_GIVEN = re.compile(
    r"[\"'\]]{0,2}[ \t]*(?::[ \t]*[a-z_][\w.\[\], |]{0,40}?[ \t]*)?(?::=|=>|===?|!==?|=|:)[ \t]*"
    r"@?[rbuf]{0,2}(?P<quote>[\"'`])(?P<value>[^\"'`\n),.; \\][^\"'`\n]{3,200}?)(?:(?P=quote)|$)",
    re.MULTILINE,
)
_GIVEN_BARE = re.compile(r"[ \t]*[=:][ \t]*(?P<value>[^\s\"'`#;,(){}\[\]<>$]{4,200})\s*(?:$|[#;\s])", re.MULTILINE)
_NO_SECRET = re.compile(
    r"[{$%<].*|.*(?:\{\{|\$\{|%\(|<[a-z_ -]+>).*|(.)\1*|(?:old|new|your|my|user|the|confirm)?[_ -]?"
    r"(?:password|passwd|passphrase|pwd|secret|token|key)s?[12]?|true|false|none|null|nil|string|str|optional|required|"
    r"undefined|self\..*|os\..*|env\..*|tactful_redacted_\d+",
    re.IGNORECASE | re.DOTALL,
)
_RANDOM_LENGTH = 16  # of a token's value: a shorter one is a word of the program
_SETTINGS = re.compile(
    r".*\.(?:ya?ml|toml|ini|cfg|conf|properties|env|sh|bash|zsh|fish)|.*dockerfile.*|\.?env.*", re.IGNORECASE
)
_WORTH_A_LOOK = re.compile(r"[A-Za-z0-9_+/=.:-]{20,}")  # all that the library's detectors find is at least so long


def find_secrets(text: str, *, bare: bool = False, thorough: bool = True) -> list[Span]:
    """Return the secrets in `text`, in order, none within another.

    `bare` also takes values without quotes for secrets, as settings files have them. `thorough` asks the library too,
    which takes a tenth of a second to load the first time.
    """
    found = [*_by_form(text), *key_blocks(text), *_by_name(text, bare)]
    if thorough:
        found += _by_library(text)
    return merged(found)


def load_library() -> None:
    """Load what the first thorough look would have to wait for."""
    _detectors()


def key_blocks(text: str) -> list[Span]:
    """Return what stands between the first and the last line of private keys, to the text's end if one is cut off."""
    if "PRIVATE KEY" not in text:
        return []
    spans = (Span(*match.span("key" if match["what"] else "rest")) for match in _KEY_BLOCK.finditer(text))
    return [span for span in spans if span.end > span.start]


def is_settings_file(path: str) -> bool:
    """Say whether values stand without quotes in files of this name."""
    return _SETTINGS.fullmatch(path.rpartition("/")[2]) is not None


def merged(spans: list[Span]) -> list[Span]:
    """Return the spans in order, those that overlap made one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start < joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(span.end, joined[-1].end))
        elif span.end > span.start:
            joined.append(span)
    return joined


def _by_form(text: str) -> Iterator[Span]:
    for form in {form: None for anchor, form in _ANCHORED if anchor in text}:
        for match in form.pattern.finditer(text):
            span = Span(*match.span(match.lastindex or 0))
            if not _NO_SECRET.fullmatch(text, *span):
                yield span


def _by_name(text: str, bare: bool) -> Iterator[Span]:
    lowered = text.replace("İ", "I").lower()  # the one letter whose lower case is longer
    for name in _NAMES:
        at = lowered.find(name)
        while at >= 0:
            end = at + len(name)
            given = _GIVEN.match(text, end) or (_GIVEN_BARE.match(text, end) if bare else None)
            if given is not None and _is_secret(name, lowered[max(0, at - 12) : at], given["value"]):
                yield Span(*given.span("value"))
            at = lowered.find(name, end)


def _is_secret(name: str, before: str, value: str) -> bool:
    if _NO_SECRET.fullmatch(value) or (any(map(str.isspace, value)) and name != "passphrase"):
        return False
    if name == "key" and not _KEY_NAME.search(before):
        return False  # of a mapping, a route, a table
    if name == "token":
        return len(value) >= _RANDOM_LENGTH and _looks_random(value)
    if name in ("key", "secret"):
        return len(value) >= 8 and (_looks_random(value) or name == "secret") and "://" not in value
    return True


def _looks_random(value: str) -> bool:
    """Say whether a value mixes digits with letters, as words, paths and messages seldom do."""
    digits = sum(map(str.isdigit, value))
    return digits >= 2 and digits < len(value) and not value.startswith(("/", ".", "http"))


def _by_library(text: str) -> Iterator[Span]:
    done = -1
    for hit in _WORTH_A_LOOK.finditer(text):
        if hit.start() < done:
            continue
        start = text.rfind("\n", 0, hit.start()) + 1
        done = text.find("\n", hit.end())
        done = len(text) if done < 0 else done
        line = text[start:done]
        if any(map(str.isdigit, line)):
            yield from (Span(start + span.start, start + span.end) for span in _line_by_library(line))


@lru_cache(maxsize=4096)
def _line_by_library(line: str) -> tuple[Span, ...]:
    spans = []
    for detector in _detectors():
        for secret in detector.analyze_string(line):
            at = line.find(secret) if len(secret) >= 8 else -1
            if at >= 0 and not _NO_SECRET.fullmatch(secret):
                spans.append(Span(at, at + len(secret)))
    return tuple(spans)


@cache
def _detectors() -> "tuple[BasePlugin, ...]":
    """Load the library's detectors of fixed forms; none of them opens a connection unless told to verify."""
    from importlib import import_module

    modules = {
        "artifactory": "ArtifactoryDetector",
        "aws": "AWSKeyDetector",
        "cloudant": "CloudantDetector",
        "discord": "DiscordBotTokenDetector",
        "gitlab_token": "GitLabTokenDetector",
        "ibm_cloud_iam": "IbmCloudIamDetector",
        "ibm_cos_hmac": "IbmCosHmacDetector",
        "mailchimp": "MailchimpDetector",
        "npm": "NpmDetector",
        "softlayer": "SoftlayerDetector",
        "square_oauth": "SquareOAuthDetector",
        "twilio": "TwilioKeyDetector",
    }
    return tuple(getattr(import_module(f"detect_secrets.plugins.{module}"), name)() for module, name in modules.items())
