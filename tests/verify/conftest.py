"""A project made of texts, and a verification of it, for the tests of this folder."""

import sys
from pathlib import Path

import pytest
from workbench import Project, Verify

from tactful.verify import VerifyRequest, VerifyResult, run


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a function that writes files (by relative path) into a new folder and returns it."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "project"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        return root

    return write


@pytest.fixture
def verify(project: Project) -> Verify:
    """Return a function that writes files and verifies the first of them."""

    def verify_files(files: dict[str, str], **options: object) -> VerifyResult:
        root = project(files)
        path = root / next(iter(files))
        chosen = {"text": files[path.relative_to(root).as_posix()], "python": Path(sys.executable), "budget_s": 20.0}
        return run(VerifyRequest(root=root, path=path, **{**chosen, **options}), lambda message, fraction: None)

    return verify_files
