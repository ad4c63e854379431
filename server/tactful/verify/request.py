"""A request as the verification needs it: paths resolved, texts as Python sees them, where and with what tests run."""

import os
from dataclasses import replace
from pathlib import Path

from tactful.verify.bed import Site
from tactful.verify.interpreter import find_interpreter
from tactful.verify.model import VerifyRequest
from tactful.verify.sandbox import choose_sandbox

__all__ = ["has_own_tests", "resolved", "root_of", "site_of", "texts_of"]

_BYTE_ORDER_MARK = "\ufeff"


def resolved(request: VerifyRequest) -> VerifyRequest:
    """Return the request with links in its paths resolved, a root above its file, and texts as Python sees them."""
    return _without_marks(replace(request, root=root_of(request), path=request.path.resolve()))


def root_of(request: VerifyRequest) -> Path:
    """Return the root of the request, the file's folder where the file is not below it."""
    root, path = request.root.resolve(), request.path.resolve()
    return root if path.is_relative_to(root) else path.parent


def site_of(request: VerifyRequest) -> Site:
    """Return what a bed for the request is made for. Raises VerifyError where no sandbox or interpreter is found."""
    sandbox = choose_sandbox(request.sandbox)
    python = find_interpreter(request.root, request.python, os.environ)
    return Site(root=request.root, python=python, sandbox=sandbox, budget_s=request.budget_s)


def texts_of(request: VerifyRequest) -> dict[Path, str]:
    """Return the unsaved texts below the root by path; the request's own last, so that it wins."""
    others = {Path(path).resolve(): text for path, text in request.other_texts.items()}
    below = {path: text for path, text in others.items() if path.is_relative_to(request.root)}
    return {**below, request.path: request.text}


def has_own_tests(request: VerifyRequest) -> bool:
    """Return whether the file of the request holds tests itself."""
    has_tests = "def test" in request.text and ("import pytest" in request.text or "unittest" in request.text)
    return has_tests or "\ndef test_" in request.text


def _without_marks(request: VerifyRequest) -> VerifyRequest:
    """Return the request with its texts as Python sees them: a byte order mark belongs to the file, not to the code."""
    others = {path: text.removeprefix(_BYTE_ORDER_MARK) for path, text in request.other_texts.items()}
    return replace(request, text=request.text.removeprefix(_BYTE_ORDER_MARK), other_texts=others)
