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
_EVERYWHERE = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls", "__file__", "__name__"})


def unknown_names(text: str, known: str) -> frozenset[str]:
    """Return the names that `text` reads and that occur neither in `known` nor among Python's own.

    `text` begins with a whole word: what stands of it before the cursor belongs to it.
    """
    if re.search(r"^\s*from\s+\S+\s+import\s+\*", known, re.MULTILINE):
        return frozenset()
    code = _QUIET.sub('""', text)
    bound = {name for pattern in _BINDINGS for name in pattern.findall(code)}
    for pattern in _BINDING_LISTS:
        for listed in pattern.findall(code):
            bound |= set(re.findall(r"[A-Za-z_]\w*", listed))
    read = {name for name in _NAME.findall(code) if len(name) >= _SHORTEST} - _EVERYWHERE - bound
    words = set(re.findall(r"[A-Za-z_]\w*", known)) if read else set()
    return frozenset(read - words)
