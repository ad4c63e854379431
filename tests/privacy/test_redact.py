"""Placeholders: the same for the same secret, none within another, and no request from inside a secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.privacy.redact import Redactor, scrub

KEY = "ghp_" + "a1B2c3D4e5" * 4


def around(source: str) -> tuple[str, str, int] | None:
    """Return what may leave of a text with the cursor at |."""
    text, offset = source.replace("|", ""), source.index("|")
    return Redactor().around(text, 0, offset, len(text), "a.py")


def test_the_same_secret_has_the_same_placeholder_in_all_texts() -> None:
    redactor = Redactor()
    first = redactor.redact(f'key = "{KEY}"\nother = "{KEY}"\npassword = "hunter2"\n', "a.py")
    assert first.text == 'key = "TACTFUL_REDACTED_1"\nother = "TACTFUL_REDACTED_1"\npassword = "TACTFUL_REDACTED_2"\n'
    assert first.redactions == 3
    assert redactor.redact('passwd = "hunter2"', "b.py").text == 'passwd = "TACTFUL_REDACTED_2"'


def test_a_settings_file_is_read_as_one() -> None:
    assert Redactor().redact("password: hunter2\n", "deploy/app.yaml").text == "password: TACTFUL_REDACTED_1\n"
    assert Redactor().redact("password: hunter2\n", "app.py").redactions == 0


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = 1\nb = |2\n", ("a = 1\nb = ", "2\n", 0)),
        (f'k = "{KEY}"\nx = |', ('k = "TACTFUL_REDACTED_1"\nx = ', "", 1)),
        (f'x = |\nk = "{KEY}"\n', ("x = ", '\nk = "TACTFUL_REDACTED_1"\n', 1)),
        (f'k = "{KEY}"|', ('k = "TACTFUL_REDACTED_1"', "", 1)),
        (f'k = "|{KEY}"', ('k = "', 'TACTFUL_REDACTED_1"', 1)),
        (f'k = "{KEY[:9]}|{KEY[9:]}"', None),
        (f'k = "{KEY}|"', None),
        ('password = "hunt|', None),
        ('password = "hunt|"', None),
        ('password = "|"', ('password = "', '"', 0)),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n|abcd\n-----END RSA PRIVATE KEY-----", None),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n|",
            ("-----BEGIN RSA PRIVATE KEY-----TACTFUL_REDACTED_1-----END RSA PRIVATE KEY-----\n", "", 1),
        ),
    ],
)
def test_around_the_cursor(source: str, expected: tuple[str, str, int] | None) -> None:
    assert around(source) == expected


def test_a_key_that_the_window_cuts_is_out_whole() -> None:
    text = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEabcd\n" * 50 + "-----END RSA PRIVATE KEY-----\nx = 1\n"
    found = Redactor().around(text, 200, len(text), len(text), "a.py")
    assert found is not None
    assert "MIIE" not in found.prefix
    assert found.prefix.endswith("-----END RSA PRIVATE KEY-----\nx = 1\n")


@given(st.text(alphabet='ab1=":\n|@/-_ \r', max_size=80), st.integers(0, 80), st.data())
def test_text_without_secrets_comes_back_as_it_is(text: str, at: int, data: st.DataObject) -> None:
    offset = min(at, len(text))
    start = data.draw(st.integers(0, offset))
    end = data.draw(st.integers(offset, len(text)))
    found = Redactor().around(text, start, offset, end, "a.py")
    assert found is not None
    if found.redactions == 0:
        assert (found.prefix, found.suffix) == (text[start:offset], text[offset:end])


def test_messages_are_scrubbed_without_any_number() -> None:
    assert scrub(f"401: key {KEY} is not known") == "401: key [redacted] is not known"
    assert scrub("https://me:s3cr3t@host/v1 refused") == "https://me:[redacted]@host/v1 refused"
    assert scrub("suggestion 4839fda0c1d2e3f4a5b6c7d8e9f0a1b2 stage=shown score=0.512") == (
        "suggestion 4839fda0c1d2e3f4a5b6c7d8e9f0a1b2 stage=shown score=0.512"
    )


def test_a_models_text_gets_its_secrets_back():
    redactor = Redactor()
    secret = "ghp_" + "a1B2c3D4e5" * 4
    sent = redactor.redact(f'token = "{secret}"\n', "app.py").text
    assert secret not in sent
    answer = sent.replace("token", "key") + "# TACTFUL_REDACTED_77"
    assert redactor.restore(answer) == f'key = "{secret}"\n# TACTFUL_REDACTED_77'


def test_a_placeholder_is_no_secret_again():
    redactor = Redactor()
    sent = redactor.redact('password = "correct-horse2battery"\n', "app.py")
    assert sent.redactions == 1
    assert redactor.redact(sent.text, "app.py") == (sent.text, 0)
