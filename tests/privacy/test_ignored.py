"""What is ignored: git's rules, `.tactfulignore`, files of secrets, links to any of them."""

from pathlib import Path

import pytest

from tactful.privacy.ignored import IgnoreRules, holds_secrets
from tactful.workspace.files import workspace_files


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        (".env", True),
        (".env.local", True),
        ("prod.env", True),
        (".ENV", True),
        ("server.pem", True),
        ("id_ed25519", True),
        ("id_rsa.pub", True),
        (".netrc", True),
        (".npmrc", True),
        ("credentials.json", True),
        ("db-secrets.yaml", True),
        ("terraform.tfvars", True),
        ("service-account-prod.json", True),
        ("environment.py", False),
        ("secrets.py", False),
        ("credentials.py", False),
        ("keys.py", False),
        ("pyproject.toml", False),
        ("monkey.py", False),
    ],
)
def test_files_of_secrets_are_known_by_name(name: str, secret: bool) -> None:
    assert holds_secrets(Path(name)) is secret


@pytest.mark.parametrize(
    ("files", "path", "ignored"),
    [
        ({}, "a.py", False),
        ({".gitignore": "*.log\n"}, "a.log", True),
        ({".gitignore": "out/\n"}, "out/deep/a.py", True),
        ({".gitignore": "out/\n", "out/.gitignore": "!a.py\n"}, "out/a.py", True),  # git says the same
        ({".gitignore": "*.py\n", "sub/.gitignore": "!a.py\n"}, "sub/a.py", False),
        ({".gitignore": "!.env\n"}, ".env", True),  # what may be committed may not be sent
        ({".tactfulignore": "!.env.example\n"}, ".env.example", False),
        ({".tactfulignore": "private/\n"}, "private/a.py", True),
        ({".gitignore": "a.py\n", ".tactfulignore": "!a.py\n"}, "a.py", False),
        ({".gitignore": "!a.py\n", ".tactfulignore": "a.py\n"}, "a.py", True),
        ({".git/info/exclude": "mine.py\n"}, "mine.py", True),
        ({}, ".ssh/config.txt", True),
        ({".gitignore": "[\n"}, "a.py", False),
    ],
)
def test_rules(tmp_path: Path, files: dict[str, str], path: str, ignored: bool) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, files | {path: ""})
    assert IgnoreRules([tmp_path]).is_ignored(tmp_path / path) is ignored


def test_rules_above_the_workspace_count_up_to_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", ".gitignore": "gen.py\n", "sub/gen.py": ""})
    assert IgnoreRules([tmp_path / "sub"]).is_ignored(tmp_path / "sub" / "gen.py")


def test_a_nested_repository_has_rules_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", ".gitignore": "a.py\n", "sub/.git/HEAD": "", "sub/deep/a.py": ""})
    assert not IgnoreRules([]).is_ignored(tmp_path / "sub" / "deep" / "a.py")
    assert IgnoreRules([tmp_path]).is_ignored(tmp_path / "sub" / "deep" / "a.py")  # opened as one workspace


def test_a_file_outside_of_any_workspace_is_judged_too(tmp_path: Path) -> None:
    write(tmp_path, {"else/.tactfulignore": "a.py\n", "else/a.py": "", "else/.env": "", "else/b.py": ""})
    rules = IgnoreRules([tmp_path / "workspace"])
    assert [rules.is_ignored(tmp_path / "else" / name) for name in ("a.py", ".env", "b.py")] == [True, True, False]


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    write(tmp_path, {".env": "KEY=1\n"})
    (tmp_path / "config.py").symlink_to(tmp_path / ".env")
    assert IgnoreRules([tmp_path]).is_ignored(tmp_path / "config.py")


def test_a_changed_rule_counts_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ""})
    rules = IgnoreRules([tmp_path])
    assert not rules.is_ignored(tmp_path / "a.py")
    write(tmp_path, {".tactfulignore": "a.py\n"})
    assert rules.is_ignored(tmp_path / "a.py")


def test_a_walk_leaves_out_what_is_ignored(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "b.py": "", "secrets.yaml": "", ".tactfulignore": "b.py\n", ".aws/config.txt": ""})
    assert [path.name for path in workspace_files([tmp_path])] == ["a.py"]
