"""Everything that can go wrong with an endpoint: one cause each, in words that say what to do, and the way back."""

import asyncio
import datetime
import email.utils
import ssl
from pathlib import Path

import pytest
import trustme
from test_remote_backend import AREA, at, bench, texts, until  # noqa: F401 the fixture `bench` is used by name

from tactful.backends.remote import Limits
from tactful.backends.remote.trouble import Cause, EndpointTrouble
from tactful.core.errors import BackendError

NEXT = "width = height = 1\n\n\ndef area(width, height):\n    return |"


async def fails(backend, source: str = AREA) -> EndpointTrouble:
    with pytest.raises(EndpointTrouble) as caught:
        await backend.complete(at(source))
    assert "width" not in str(caught.value)  # nothing that the server quotes, no source text
    return caught.value


@pytest.mark.parametrize(
    ("how", "cause", "words"),
    [
        ("401", Cause.UNAUTHORIZED, "backend.apiKeyEnv"),
        ("403", Cause.UNAUTHORIZED, "does not accept the key"),
        ("404", Cause.NO_MODEL, "does not know the model qwen2.5-coder:1.5b"),
        ("400", Cause.REJECTED, "backend.template"),
        ("422", Cause.REJECTED, "backend.template"),
        ("407", Cause.PROXY, "backend.proxy"),
        ("429", Cause.SATURATED, "left in peace"),
        ("503", Cause.SATURATED, "left in peace"),
        ("500", Cause.SERVER_ERROR, "status 500"),
        ("502", Cause.SERVER_ERROR, "status 502"),
        ("hang", Cause.TIMEOUT, "backend.timeoutMs"),
        ("cut", Cause.CUT, "broke off"),
        ("end-missing", Cause.CUT, "broke off"),
        ("malformed", Cause.MALFORMED, "backend.baseUrl"),
        ("page", Cause.FOREIGN, "login page"),
        ("redirect", Cause.FOREIGN, "backend.baseUrl"),
    ],
)
async def test_each_trouble_has_a_cause_and_the_model_comes_back(bench, how, cause, words):  # noqa: F811
    bench.server.trouble = how
    bench.server.token_s = 0.02
    backend = bench.backend(timeout_ms=300.0 if how == "hang" else 5000.0)
    await backend.start()
    trouble = await fails(backend)
    assert trouble.cause is cause
    assert words in str(trouble)
    assert [(status.cause, status.phase) for status in bench.told if status.cause] == [
        (cause, "paused" if cause is Cause.SATURATED else "failed")
    ]
    asked = len(bench.server.seen)
    assert (await fails(backend)).cause is cause
    assert len(bench.server.seen) == asked  # left in peace

    bench.server.trouble = ""
    bench.clock.ahead = 20.0
    assert texts(await backend.complete(at(AREA))) == ["width * height"]
    assert backend.status.phase == "ready"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"error": {"type": "exceed_context_size_error"}}'),
        (400, '{"error": {"code": "context_length_exceeded"}}'),
        (400, '{"object": "error", "message": "This model\'s maximum context length is 2048 tokens. However, ..."}'),
        (500, '{"error": {"message": "Requested tokens (2067) exceed context window of 2048"}}'),
        (400, '{"message": "Prompt contains 40964 tokens ..., too large for model with 32768 maximum context length"}'),
        (413, ""),
    ],
)
async def test_prompts_that_are_too_long_are_halved_until_they_fit(bench, status, body):  # noqa: F811
    bench.server.most_chars, bench.server.too_long = 2500, (status, body)
    bench.prompts.fills_up = True
    backend = bench.backend(context_chars=8000)
    for _ in range(2):
        trouble = await fails(backend)
        assert trouble.cause is Cause.TOO_LONG
        assert "backend.contextChars" in str(trouble)
        bench.clock.ahead += 5.0
    assert texts(await backend.complete(at(AREA))) == ["width * height"]
    assert [len(seen.prompt) > 2500 for seen in bench.server.seen] == [True, True, False]
    assert backend.status.phase == "ready"


async def test_where_the_server_cannot_fill_in_the_familys_tokens_are_sent_if_the_way_is_ours_to_choose(bench):  # noqa: F811
    bench.server.trouble = "no-insert"
    proxy = f"http://127.0.0.1:{bench.server.port}"  # to an address at which the server is known to fill in
    backend = bench.backend(base_url="http://api.siliconflow.com/v1", allow_insecure=True, proxy=proxy)
    assert texts(await backend.complete(at(AREA))) == ["width * height"]
    assert texts(await backend.complete(at(NEXT, "file:///other.py"))) == ["width * height"]
    assert ["suffix" in seen.body for seen in bench.server.seen] == [True, False, False]
    assert bench.server.seen[1].prompt.endswith("return <|fim_suffix|><|fim_middle|>")
    assert [entry.outcome for entry in bench.log.entries] == ["rejected", "answered", "answered"]


async def test_a_model_that_cannot_fill_in_is_said_to_be_so_at_once(bench):  # noqa: F811
    bench.server.trouble = "no-insert"
    trouble = await fails(bench.backend(template="suffix"))
    assert trouble.cause is Cause.NO_INSERT
    assert "`chat`" in str(trouble)
    assert len(bench.server.seen) == 1


async def test_a_budget_counts_what_is_sent_again_for_a_refused_wish(bench):  # noqa: F811
    bench.server.trouble = "no-logprobs"
    backend = bench.backend(Limits(requests=2))
    assert texts(await backend.complete(at(AREA))) == ["width * height"]
    assert (await fails(backend, NEXT)).cause is Cause.BUDGET
    assert len(bench.server.seen) == 2


async def test_a_server_that_is_not_there_is_said_to_be_refused(bench):  # noqa: F811
    await bench.server.stop()
    trouble = await fails(bench.backend())
    assert trouble.cause is Cause.REFUSED
    assert f"127.0.0.1:{bench.server.port}" in str(trouble)
    assert "Start the model server" in str(trouble)


async def test_a_name_that_does_not_exist_cannot_be_reached(bench):  # noqa: F811
    trouble = await fails(bench.backend(base_url="https://no-such-host.invalid/v1"))
    assert trouble.cause is Cause.UNREACHABLE


async def test_a_proxy_that_is_not_there_is_named(bench):  # noqa: F811
    port = bench.server.port
    await bench.server.stop()
    backend = bench.backend(base_url="https://models.example/v1", proxy=f"http://127.0.0.1:{port}")
    assert (await fails(backend)).cause is Cause.PROXY


@pytest.mark.parametrize("named", ["setting", "variable"])
async def test_a_proxy_is_asked_for_other_machines(bench, monkeypatch, named):  # noqa: F811
    address = f"http://127.0.0.1:{bench.server.port}"
    if named == "variable":
        monkeypatch.setenv("HTTP_PROXY", address)
    proxy = address if named == "setting" else ""
    backend = bench.backend(base_url="http://models.example/v1", allow_insecure=True, proxy=proxy)
    assert texts(await backend.complete(at(AREA))) == ["width * height"]
    assert bench.server.seen[0].path == "http://models.example/v1/completions"
    assert bench.log.entries[0].host == "models.example"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_no_proxy_is_asked_for_this_machine(bench, monkeypatch, variable):  # noqa: F811
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    assert texts(await bench.backend().complete(at(AREA))) == ["width * height"]


@pytest.mark.parametrize(
    ("asked", "early", "late"),
    [
        ("7", 6.0, 8.0),
        (
            email.utils.format_datetime(datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1000)),
            800.0,
            1100.0,
        ),
    ],
)
async def test_retry_after_is_honoured(bench, asked, early, late):  # noqa: F811
    bench.server.trouble, bench.server.retry_after = "429", asked
    backend = bench.backend()
    await fails(backend)
    bench.server.trouble = ""
    bench.clock.ahead = early
    await fails(backend)
    assert len(bench.server.seen) == 1
    bench.clock.ahead = late
    assert texts(await backend.complete(at(AREA))) == ["width * height"]


async def test_after_trouble_one_request_at_a_time_tries_again(bench):  # noqa: F811
    bench.server.trouble = "500"
    backend = bench.backend()
    await fails(backend)
    seen = len(bench.server.seen)
    bench.clock.ahead = 5.0
    bench.server.trouble, bench.server.first_s = "", 0.1
    trial = asyncio.ensure_future(backend.complete(at(AREA)))
    await until(lambda: len(bench.server.seen) > seen)
    with pytest.raises(EndpointTrouble):
        await backend.complete(at(NEXT, "file:///other.py"))
    assert texts(await trial) == ["width * height"]
    assert texts(await backend.complete(at(NEXT, "file:///other.py"))) == ["width * height"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"base_url": ""}, "backend.baseUrl"),
        ({"base_url": "localhost:11434"}, "backend.baseUrl"),
        ({"base_url": "http://models.example/v1"}, "backend.allowInsecure"),
        ({"base_url": "http://192.168.1.5/v1"}, "not encrypted"),
        ({"base_url": "https://user:hunter2@models.example/v1"}, "no user, password"),
        ({"base_url": "https://models.example/v1?key=hunter2"}, "no user, password"),
        ({"model": ""}, "backend.model"),
        ({"api_key_env": "sk-hunter2-abc"}, "name of an environment variable"),
        ({"api_key_env": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE"),
        ({"ca_file": "/no/such.pem"}, "backend.caFile"),
    ],
)
async def test_settings_that_cannot_work_are_said_and_nothing_is_sent(bench, settings, words):  # noqa: F811
    backend = bench.backend(**settings)
    await backend.start()
    (status,) = bench.told
    assert words in status.message
    assert "hunter2" not in status.message
    assert status.cause == Cause.SETTINGS
    with pytest.raises(BackendError):
        await backend.complete(at(AREA))
    assert not bench.server.connections


async def test_unencrypted_addresses_can_be_allowed(bench):  # noqa: F811
    backend = bench.backend(base_url="http://models.example/v1", allow_insecure=True)
    await backend.start()
    assert not bench.told


async def test_a_key_of_the_keyring_is_used_where_no_variable_is_named(monkeypatch):
    import keyring
    from keyring.backend import KeyringBackend

    from tactful.backends.remote.keys import find_key
    from tactful.backends.remote.settings import EndpointSettings

    class Ring(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return {("tactful", "models.example:8443"): "k-ring"}.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

        def delete_password(self, service: str, username: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    try:
        assert find_key(EndpointSettings(base_url="https://models.example:8443/v1", model="m")) == "k-ring"
        assert find_key(EndpointSettings(base_url="https://other.example/v1", model="m")) == ""
        assert find_key(EndpointSettings(base_url="http://localhost:1/v1", model="m")) == ""
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("limits", "setting"),
    [
        (Limits(requests=2), "requestsPerHour"),
        (Limits(tokens=400), "tokensPerHour"),
        (Limits(cost=0.004, price_in=10.0, price_out=10.0), "costPerHour"),
    ],
)
async def test_an_hour_has_a_budget(bench, limits, setting):  # noqa: F811
    backend = bench.backend(limits)
    sent = 0
    with pytest.raises(EndpointTrouble, match=setting):  # noqa: PT012 which of the requests is the first too many is not known
        while sent < 10:
            await backend.complete(at(AREA, f"file:///{sent}.py"))
            sent += 1
    assert sent > 0
    assert backend.status.phase == "paused"
    assert len(bench.server.seen) == sent
    bench.clock.ahead = 3601.0
    assert texts(await backend.complete(at(AREA, "file:///later.py"))) == ["width * height"]
    assert backend.status.phase == "ready"


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """Return the file of a certificate authority made for this test, and a server's context signed by it."""
    made = trustme.CA()
    path = tmp_path / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return path, context


async def test_a_certificate_authority_of_ones_own(bench, authority):  # noqa: F811
    path, context = authority
    await bench.server.stop()
    await bench.server.start(context)
    url = f"https://127.0.0.1:{bench.server.port}/v1"
    trouble = await fails(bench.backend(base_url=url))
    assert trouble.cause is Cause.CERTIFICATE
    assert "backend.caFile" in str(trouble)
    assert texts(await bench.backend(base_url=url, ca_file=str(path)).complete(at(AREA))) == ["width * height"]
