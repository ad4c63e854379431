"""Names that a text reads and nobody has defined: a model's inventions. Python only; pure.

Careful on the side of showing: attributes, keyword arguments, whatever the text itself binds, and words in strings and
comments are never held against it.
"""

import builtins
import keyword
import re

__all__ = ["unknown_names"]

_SHORTEST = 3
_QUIET = re.compile(
    r"[rbfuRBFU]{0,2}(?:\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)|\"(?:\\.|[^\"\\\n])*(?:\"|$)|'(?:\\.|[^'\\\n])*(?:'|$))"
    r"|#[^\n]*",
    re.DOTALL | re.MULTILINE,
)
_NAME = re.compile(r"(?<![\w.])([A-Za-z_]\w*)")
_BINDINGS = (
    re.compile(r"([A-Za-z_]\w*)\s*(?::[^=\n()]+)?=(?!=)"),  # assignments and keyword arguments
    re.compile(r"\b(?:def|class|as|global|nonlocal|except\s+\w+\s+as)\s+([A-Za-z_]\w*)"),
    re.compile(r"([A-Za-z_]\w*)\s*:="),
)
_BINDING_LISTS = (
    re.compile(r"\bfor\s+(.+?)\s+in\b"),
    re.compile(r"\blambda\s*([^:]*):"),
    re.compile(r"\bdef\s+\w+\s*\(([^)]*)"),
    re.compile(r"\b(?:import|from)\s+([^\n]+)"),
    re.compile(r"^\s*([\w, *()]+?)\s*=(?!=)", re.MULTILINE),
    re.compile(r"\bcase\s+([^\n:]+)"),
)
_ALL_OF_A_MODULE = re.compile(r"^\s*from\s+\S+\s+import\s+\*", re.MULTILINE)  # brings names that nobody can see
_EVERYWHERE = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls", "__file__", "__name__"})


def unknown_names(text: str, known: str) -> frozenset[str]:
    """Return the names that `text` reads and that occur neither in `known` nor among Python's own.

    `text` begins with a whole word: what stands of it before the cursor belongs to it.
    """
    code = _QUIET.sub('""', text)
    bound = {name for pattern in _BINDINGS for name in pattern.findall(code)}
    for pattern in _BINDING_LISTS:
        for listed in pattern.findall(code):
            bound |= set(re.findall(r"[A-Za-z_]\w*", listed))
    read = {name for name in _NAME.findall(code) if len(name) >= _SHORTEST} - _EVERYWHERE - bound
    unknown = frozenset(name for name in read if not _stands_in(name, known))
    return unknown if unknown and _ALL_OF_A_MODULE.search(known) is None else frozenset()


def _stands_in(name: str, known: str) -> bool:
    """Say whether `known` has `name` as a word. Without a pattern: to compile one for each name would take longer."""
    at = known.find(name)
    while at >= 0:
        end = at + len(name)
        if not (_goes_on(known[at - 1 : at]) or _goes_on(known[end : end + 1])):
            return True
        at = known.find(name, end)
    return False


def _goes_on(neighbour: str) -> bool:
    return neighbour.isalnum() or neighbour == "_"
