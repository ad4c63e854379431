"""What code brings in that reaches beyond the program: files, processes, the network, other code.

The sandbox holds whatever is tried; this is for the day after, when the repair runs outside of it. Names that the file
uses already are the programmer's own choice.
"""

import ast
from collections.abc import Iterable, Iterator

__all__ = ["brought_in"]

_MODULES = frozenset(
    {
        "_thread", "asyncio", "atexit", "builtins", "code", "codecs", "concurrent", "ctypes", "fcntl", "fileinput",
        "ftplib", "gc", "glob", "http", "imaplib", "importlib", "inspect", "io", "marshal", "mmap",
        "multiprocessing", "os", "pathlib", "pickle", "pkgutil", "platform", "poplib", "pty", "pytest", "requests",
        "resource", "runpy", "select", "shelve", "shutil", "signal", "site", "smtplib", "socket", "socketserver",
        "sqlite3", "ssl", "subprocess", "sys", "syslog", "telnetlib", "tempfile", "threading", "unittest", "urllib",
        "webbrowser", "zipfile"
    }
)  # fmt: skip
_BUILTINS = frozenset(
    {"__builtins__", "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "exit", "globals", "input"}
    | {"open", "quit", "setattr", "vars", "locals", "memoryview"}
)
_ATTRIBUTES = frozenset(
    {"__globals__", "__subclasses__", "__builtins__", "__code__", "__class__", "__bases__", "__mro__"}
)
_ATTRIBUTES |= {"f_back", "f_globals", "f_locals", "gi_frame", "tb_frame"}


def brought_in(new: Iterable[ast.AST], old: ast.AST) -> list[str]:
    """Return the names in `new` that reach beyond the program and that `old` has nothing of, sorted."""
    return sorted({name for each in new for name in _reaching(each)} - set(_reaching(old)))


def _reaching(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name for each in node.names if (name := each.name.partition(".")[0]) in _MODULES)
        elif isinstance(node, ast.ImportFrom):
            top = (node.module or "").partition(".")[0]
            yield from [top] if top in _MODULES else []
        elif isinstance(node, ast.Name) and node.id in _BUILTINS:
            yield node.id
        elif isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES:
            yield node.attr
