"""Secrets are found in the forms people use, and code that only looks like one is left alone."""

import random
import string
import time
from pathlib import Path

import pytest

from tactful.privacy.secrets import find_secrets


def mixed(length: int, alphabet: str = string.ascii_letters + string.digits, seed: int = 5) -> str:
    return "a1" + "".join(random.Random(seed).choices(alphabet, k=length - 2))


def check(text: str, secrets: list[str], bare: bool = False) -> None:
    assert [text[span.start : span.end] for span in find_secrets(text, bare=bare)] == secrets


HEX = "0123456789abcdef"
TOKENS = [
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + mixed(36),
    "github_pat_" + mixed(22) + "_" + mixed(59),
    "glpat-" + mixed(20),
    "xoxb-" + "1234567890-" + mixed(24),
    "sk_live_" + mixed(24),
    "rk_test_" + mixed(24),
    "whsec_" + mixed(32),
    "sk-" + mixed(48),
    "sk-proj-" + mixed(60),
    "sk-ant-api03-" + mixed(80),
    "AIza" + mixed(35),
    "hf_" + mixed(34),
    "npm_" + mixed(36),
    "pypi-AgEIcHlwaS5vcmc" + mixed(60),
    "SG." + mixed(22) + "." + mixed(43),
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + mixed(43),
    "1234567890:AA" + mixed(33),
    "hvs." + mixed(24),
    "sq0csp-" + mixed(43),
]


@pytest.mark.parametrize("token", TOKENS, ids=[token[:8] for token in TOKENS])
@pytest.mark.parametrize("line", ['x = "{}"', "# try {} first", "curl -H 'X: {}' there", "url?a={}&b=1"])
def test_tokens_are_found_wherever_they_stand(token: str, line: str) -> None:
    check(line.format(token), [token])


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ('password = "hunter2"', ["hunter2"]),
        ("PASSWORD = 'swordfish'", ["swordfish"]),
        ('db_password: str = "tr0ub4dor&3"', ["tr0ub4dor&3"]),
        ('connect(user="me", passwd="tiger-cat")', ["tiger-cat"]),
        ('{"password": "opensesame"}', ["opensesame"]),
        ("const apiKey = 'a8f5f167f44f4964e6c998dee827110c';", ["a8f5f167f44f4964e6c998dee827110c"]),
        ('os.environ["DB_PASSWORD"] = "opensesame"', ["opensesame"]),
        ('if pwd == "let-me-in":', ["let-me-in"]),
        ('SECRET_KEY = "django-insecure-9f8d7"', ["django-insecure-9f8d7"]),
        ('client_secret = "notveryrandombutlong"', ["notveryrandombutlong"]),
        ('passphrase = "correct horse battery staple"', ["correct horse battery staple"]),
        ('access_token = "1b2c3d4e5f6a7b8c9d0e"', ["1b2c3d4e5f6a7b8c9d0e"]),
        (
            'aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"',
            ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
        ),
        ("postgres://app:s3cr3t@db.local/x", ["s3cr3t"]),
        ("redis://:s3cr3t@cache", ["s3cr3t"]),
        ('"Authorization: Bearer 0a1b2c3d4e5f6a7b8c9d"', ["0a1b2c3d4e5f6a7b8c9d"]),
        ("https://hooks.slack.com/services/T00000000/B00000000/abcd1234", ["T00000000/B00000000/abcd1234"]),
        ("AccountKey=" + "a1" * 43 + "==;", ["a1" * 43 + "=="]),
        ('password = "hunt', ["hunt"]),  # still being typed
    ],
)
def test_passwords_are_found_by_the_name_they_are_given_to(text: str, secrets: list[str]) -> None:
    check(text, secrets)


@pytest.mark.parametrize(
    "text",
    [
        "password = get_password(user)",
        'password = "{}".format(value)',
        'password = "password"',
        'password = f"{user.password}"',
        'password = "${DB_PASSWORD}"',
        'password = ""',
        'label = "Enter your password: "',
        'message = {"password": "Please enter the password again"}',
        'token = "NAME"',
        "token = tokens[index]",
        'if token == "==":',
        'key = "user.settings.language"',
        'primary_key = "customer_id_number_2024"',
        'routing_key="celery.0.0.0.0.1"',
        "https://example.com:8080/a@b",
        'url = f"https://{user}:{password}@{host}"',
        'sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
        'commit = "4839fda0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6"',
        "class sk_learn_estimator_with_long_name(Base):",
        "def test_hf_model_with_a_long_name_1(): ...",
        'uuid = "123e4567-e89b-12d3-a456-426614174000"',
        "for token in tokenizer.tokens: secret = token",
        '"password", "keyboard-interactive"',
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA = 1",
    ],
)
def test_code_is_no_secret(text: str) -> None:
    check(text, [])


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("password: hunter2\nuser: me\n", ["hunter2"]),
        ("DB_PASSWORD=hunter2", ["hunter2"]),
        ("api_key = 0a1b2c3d4e5f6a7b\n", ["0a1b2c3d4e5f6a7b"]),
        ("password: true", []),
        ("password: $(cat file)", []),
        ("secret: {{ vault_secret }}", []),
    ],
)
def test_settings_files_have_no_quotes(text: str, secrets: list[str]) -> None:
    check(text, secrets, bare=True)
    check(text, [], bare=False)


KEY = "\nMIIEpAIBAAKCAQEA04up8hoqzS1APqzv\nabcd/efg+==\n"


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        (f"a = 1\n-----BEGIN RSA PRIVATE KEY-----{KEY}-----END RSA PRIVATE KEY-----\nb = 2", [KEY]),
        (f"-----BEGIN OPENSSH PRIVATE KEY-----{KEY}", [KEY]),
        (f"{KEY}-----END PRIVATE KEY-----\nb = 2", [KEY]),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", []),
        ('if line == "-----BEGIN PUBLIC KEY-----": pass', []),
    ],
)
def test_private_keys_are_found_whole_and_cut_off(text: str, secrets: list[str]) -> None:
    check(text, secrets)


def test_a_line_of_signs_is_read_in_time() -> None:
    started = time.process_time()
    for line in ("a" * 30_000, "password" * 4_000, "://" * 10_000, "key=" * 8_000, "=" * 30_000, "a1_" * 10_000):
        find_secrets(line, bare=True)
    assert time.process_time() - started < 5


def test_this_repository_is_hardly_changed() -> None:
    """Of all lines of the program itself, those that hold patterns of secrets may be hit, no others."""
    package = Path(__file__).parents[2] / "server" / "tactful"
    hit = {file.name for file in package.rglob("*.py") if find_secrets(file.read_text())}
    assert hit <= {"secrets.py"}
