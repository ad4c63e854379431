"""What a Python file defines: its names, its classes with their members, what it imports.

Read line by line with regular expressions, so a file that is half typed has an outline too. This module knows text; it
must not know where files are or what is done with their names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ClassOutline", "Outline", "outline"]

_MAX_NAMES = 3_000  # of one file; tables of data have more

_STATEMENT = re.compile(
    r"\n(?P<indent>[ \t]*)(?:"
    r"(?:async[ \t]+)?def[ \t]+(?P<function>\w+)"
    r"|class[ \t]+(?P<klass>\w+)[ \t]*(?:\((?P<bases>[^)\n]*))?"
    r"|from[ \t]+(?P<source>[.\w]+)[ \t]+import[ \t]+(?:\((?P<listed>[^)]*)\)|(?P<taken>(?:\\\n|[^\n#;])*))"
    r"|import[ \t]+(?P<modules>(?:\\\n|[^\n#;])*)"
    r"|(?P<name>(?!(?:else|try|finally)\b)[^\W\d]\w*)[ \t]*(?:=(?!=)|:(?!=)[^\n]*\w)"
    r")"
)
_OWN = re.compile(r"self\.([^\W\d]\w*)")
_COMMENT = re.compile(r"#[^\n]*")


@dataclass(frozen=True, slots=True)
class ClassOutline:
    """A class: what it defines and what is named of `self` in it, and its bases as they are written."""

    members: frozenset[str]
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A file: all names of its top level, its classes, and for each imported name the dotted name it stands for."""

    names: frozenset[str]
    classes: Mapping[str, ClassOutline]
    imports: Mapping[str, str]


def outline(text: str) -> Outline:
    """Return the outline of the Python source `text`."""
    text = "\n" + text
    names: dict[str, None] = {}
    imports: dict[str, str] = {}
    members: dict[str, set[str]] = {}
    bases: dict[str, tuple[str, ...]] = {}
    current, body, start = "", -1, 0  # the class that is being read, how far its body is indented, where it begins
    for match in _STATEMENT.finditer(text):
        depth = len(match["indent"])
        if current and depth == 0:
            members[current].update(_OWN.findall(text, start, match.start()))
            current = ""
        defined = match["function"] or match["klass"] or match["name"]
        if current:
            body = depth if body < 0 else body
            if defined and depth == body:
                members[current].add(defined)
        elif depth == 0:
            if match["klass"]:
                current, body, start = match["klass"], -1, match.end()
                members[current] = set()
                bases[current] = tuple(base.strip() for base in (match["bases"] or "").split(",") if "=" not in base)
            if defined:
                names[defined] = None
            imports.update(_imports(match))
        if len(names) >= _MAX_NAMES:
            break
    if current:
        members[current].update(_OWN.findall(text, start))
    classes = {name: ClassOutline(frozenset(members[name]), bases[name]) for name in members}
    return Outline(frozenset({**names, **dict.fromkeys(imports)}), classes, imports)


def _imports(match: "re.Match[str]") -> dict[str, str]:
    """Return what one import statement binds, and to what dotted name; a relative one keeps its dots."""
    source = match["source"]
    listed = match["listed"] or match["taken"] or match["modules"]
    found: dict[str, str] = {}
    for entry in _COMMENT.sub("", listed or "").replace("\\", " ").split(","):
        words = entry.split()
        if not words or not words[0].replace(".", "").isidentifier():
            continue
        if source:
            found[words[-1]] = f"{source}{'' if source.endswith('.') else '.'}{words[0]}"
        elif len(words) == 3:
            found[words[2]] = words[0]
        else:
            found[words[0].partition(".")[0]] = words[0].partition(".")[0]
    return found
