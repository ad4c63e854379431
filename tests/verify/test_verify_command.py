"""`tactful verify` as scripts use it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from workbench import Project

from tactful.cli.project import root_of
from tactful.cli.verify import exit_code, verify
from tactful.verify import VerifyResult

WRONG = "def low(a, b):\n    return max(a, b)\n"
TESTS = "from a import low\ndef test_low(): assert low(1, 2) == 1\ndef test_more(): assert low(5, 3) == 3\n"


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(verify, ["--python", sys.executable, *map(str, arguments)])


def test_failing_tests_are_shown(project: Project) -> None:
    root = project({"a.py": WRONG, "test_a.py": TESTS})
    done = invoke(root / "a.py")
    assert done.exit_code == 1
    assert "assert low(1, 2) == 1" in done.output
    assert "2 of 2 near tests fail." in done.output


def test_repair_is_shown_and_not_written(project: Project) -> None:
    root = project({"a.py": WRONG, "test_a.py": TESTS})
    done = invoke(f"{root / 'a.py'}::low", "--fix")
    assert done.exit_code == 0
    assert "-    return max(a, b)\n+    return min(a, b)" in done.output
    assert "add --write" in done.output
    assert (root / "a.py").read_text() == WRONG


def test_diff_is_all_that_is_printed_and_applies(project: Project) -> None:
    root = project({"a.py": WRONG, "test_a.py": TESTS})
    done = invoke(f"{root / 'a.py'}::low", "--fix", "--diff")
    assert done.exit_code == 0
    patched = subprocess.run(["git", "apply", "-p0"], input=done.stdout, cwd=root, text=True, check=False)
    assert patched.returncode == 0
    assert (root / "a.py").read_text() == WRONG.replace("max", "min")


def test_diff_of_a_file_in_a_folder_applies_from_the_project_on(project: Project) -> None:
    wrong = WRONG.rstrip("\n")
    root = project({"pyproject.toml": "", "shop/a.py": wrong, "test_a.py": TESTS.replace("from a ", "from shop.a ")})
    done = invoke(f"{root / 'shop' / 'a.py'}::low", "--fix", "--diff")
    assert "\\ No newline at end of file" in done.stdout
    patched = subprocess.run(["git", "apply", "-p0"], input=done.stdout, cwd=root, text=True, check=False)
    assert patched.returncode == 0
    assert (root / "shop" / "a.py").read_text() == wrong.replace("max", "min")


def test_places_are_named_from_the_project_on_and_what_is_left_out_is_counted(project: Project) -> None:
    more = "".join(f"def test_again_{number}(): assert low(1, 1) == 1\n" for number in range(5))
    root = project({"pyproject.toml": "", "a.py": WRONG, "test_a.py": TESTS + more})
    lines = invoke(root / "a.py").output.splitlines()
    assert "  test_a.py:2: def test_low(): assert low(1, 2) == 1" in lines
    assert "  and 2 more" in lines


def test_repair_is_written_when_asked(project: Project) -> None:
    root = project({"a.py": WRONG.replace("\n", "\r\n"), "test_a.py": TESTS})
    assert invoke(root / "a.py", "--fix", "--write").exit_code == 0
    assert (root / "a.py").read_bytes() == b"def low(a, b):\r\n    return min(a, b)\r\n"


def test_byte_order_mark_stays_in_the_file(project: Project) -> None:
    root = project({"a.py": "\ufeff" + WRONG, "test_a.py": "\ufeff" + TESTS})
    assert invoke(root / "a.py", "--fix", "--write").exit_code == 0
    assert (root / "a.py").read_bytes() == b"\xef\xbb\xbfdef low(a, b):\n    return min(a, b)\n"


def test_json_is_one_object(project: Project) -> None:
    root = project({"a.py": WRONG, "test_a.py": TESTS})
    done = invoke(root / "a.py", "--json")
    assert VerifyResult.from_json(json.loads(done.stdout)).status == "failing"


@pytest.mark.parametrize(
    ("lines", "failures"), [(":1-2", 2), (":2", 2), (":4-5", 0), (":1-5", 2), ("", 2), ("::low", 2)]
)
def test_lines_mean_the_functions_that_they_touch(project: Project, lines: str, failures: int) -> None:
    tests = TESTS.replace("import low", "import low, one") + "def test_one(): assert one() == 1\n"
    root = project({"a.py": WRONG + "\ndef one():\n    return 1\n", "test_a.py": tests})
    done = invoke(f"{root / 'a.py'}{lines}", "--json")
    result = json.loads(done.stdout)
    assert len(result["evidence"]["tests_before"]["failed"]) == failures, result["message"]


def test_a_file_may_be_named_like_lines(project: Project) -> None:
    root = project({"a.py:3": WRONG})
    assert "No test near a.py:3 was found" in invoke(root / "a.py:3").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.py:3-2"], "lines count from 1"),
        (["a.py:0"], "lines count from 1"),
        (["gone.py"], "does not exist"),
        (["latin.py"], "is not UTF-8 text"),
        (["a.py", "--write"], "--write needs --fix"),
        (["a.py", "--diff"], "--diff needs --fix"),
        (["a.py", "--fix", "--diff", "--json"], "use one of --json and --diff"),
        (["a.py", "--budget-s", "none"], "not a valid float"),
    ],
)
def test_wrong_usage(project: Project, arguments: list[str], message: str) -> None:
    root = project({"a.py": WRONG})
    (root / "latin.py").write_bytes(b"x = '\xe9'\n")
    done = invoke(root / arguments[0], *arguments[1:])
    assert done.exit_code == 2
    assert message in done.output


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("verified", 0),
        ("fixed", 0),
        ("failing", 1),
        ("no_tests", 2),
        ("cannot_run", 3),
    ],
)
def test_exit_codes(status: str, code: int) -> None:
    assert exit_code(VerifyResult(status=status, message="")) == code  # type: ignore[arg-type]


def test_interpreter_that_is_not_there(project: Project) -> None:
    root = project({"a.py": WRONG, "test_a.py": TESTS})
    done = CliRunner().invoke(verify, [str(root / "a.py"), "--python", str(Path("/nowhere/python"))])
    assert done.exit_code == 3
    assert "There is no Python interpreter at /nowhere/python" in done.output


@pytest.mark.parametrize(
    "mark", [".git", "pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "tox.ini", "package.json"]
)
def test_folder_with_a_mark_is_the_project(project: Project, mark: str) -> None:
    root = project({mark: "", "sub/a.py": ""})
    assert root_of(root / "sub" / "a.py") == root
