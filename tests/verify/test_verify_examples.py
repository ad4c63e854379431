"""Examples in docstrings, read as people read them."""

import pytest
from workbench import Project

from tactful.verify import VerifyRequest, run
from tactful.verify.runner.forkserver.examples import means_the_same


@pytest.mark.parametrize(
    ("want", "got", "same"),
    [
        ('"21"\n', "'21'\n", True),
        ("[1,2]\n", "[1, 2]\n", True),
        ("", "True\n", True),  # `f(2) == 4`
        ("", "False\n", False),
        ("", "3\n", False),
        ("1\n", "True\n", False),
        ("2\n", "3\n", False),
        ("<object>\n", "<object at 0x1>\n", False),
        ("f(\n", "3\n", False),
    ],
)
def test_meaning(want: str, got: str, same: bool) -> None:
    assert means_the_same(want, got) is same


SOURCE = "def f(x):\n    '''Double.\n\n    >>> f('a')\n    \"aa\"\n    >>> f(2) == 4\n    '''\n    return x * 2\n"


@pytest.mark.parametrize(
    ("settings", "status"), [("", "verified"), ("[pytest]\naddopts = --doctest-modules\n", "failing")]
)
def test_a_project_that_runs_its_examples_has_them_compared_to_the_letter(
    project: Project, settings: str, status: str
) -> None:
    root = project({"a.py": SOURCE, "pytest.ini": settings or "[pytest]\n"})
    request = VerifyRequest(root=root, path=root / "a.py", text=SOURCE, symbol="f", budget_s=20.0)
    assert run(request, lambda message, fraction: None).status == status
