"""What can stand after a dot or in an import: members of the class around the cursor, of modules, of known classes.

Two kinds of evidence: what stands after the same name in this document, and what the file defines that the name stands
for. This module must not judge what it finds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tactful.backends.local.definitions import Definitions
from tactful.backends.local.document import Cursor
from tactful.backends.local.evidence import Evidence, Layer
from tactful.backends.local.outline import Outline
from tactful.backends.local.scope import Scope
from tactful.backends.local.tokens import Vocabulary

__all__ = ["Members"]

_MAX_DEFINED = 48  # names of a module or class that are looked at, the most used in the workspace first
_MAX_CHAIN = 4  # names of `a.b.c.` that are looked at


@dataclass(frozen=True, kw_only=True)
class Members:
    """Finds members at one cursor; `count` says how often a token stands in the workspace."""

    cursor: Cursor
    scope: Scope
    vocabulary: Vocabulary
    definitions: Definitions
    path: str | None
    others: str  # the document without the cursor's line
    count: Callable[[int], int]
    _found: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)

    def evidence(self, context: Sequence[int], line: Sequence[int], word: str) -> list[Evidence]:
        """Return what can follow `context`, whose last tokens are `line`; empty where no member is due."""
        texts = self.vocabulary.texts
        if not context:
            return []
        last = texts[context[-1]]
        if line and texts[line[0]] in ("from", "import"):
            return self._imports([texts[token] for token in line], word)
        if last != "." or len(context) < 2:
            return []
        owner = texts[context[-2]]
        if owner in ("self", "cls"):
            own = Counter({token << 2: count for token, count in self.scope.members.items()})
            return [*_evidence(Layer.MEMBERS, 2, own), *self._defined(self._of_bases(), word, 0)]
        if owner == ")":
            is_super = [texts[token] for token in context[-4:-1]] == ["super", "(", ")"]
            return self._defined(self._of_bases(), word, 0) if is_super else []
        if not owner.isidentifier():
            return []
        chain = self._chain(context)
        found = self._of(chain)
        if not found:
            kind = self._kind(context[-2])
            found = self._of(kind) if kind else found
        return [*_evidence(Layer.MEMBERS, 2, self._named_after(context[-2])), *self._defined(found, word, 0)]

    @cached_property
    def _outline(self) -> Outline:
        return self.definitions.own(self.others)

    @cached_property
    def _dot(self) -> int:
        return self.vocabulary.token(".")

    def _imports(self, line: list[str], word: str) -> list[Evidence]:
        """Return what can follow in a line that begins with `from` or `import`."""
        last = line[-1]
        if line[0] == "from" and "import" in line:
            module = "".join(line[1 : line.index("import")])
            if last not in ("import", ",", "("):
                return []
            names = self.definitions.names(module, self.path) | self.definitions.submodules(module, self.path)
            names = frozenset(name for name in names if name not in line)
            return self._defined(names, word, 0 if last == "(" else 1)
        if last != "." or len(line) < 3:
            return []
        package = "".join(line[1:-1]).rpartition(",")[2]
        return self._defined(self.definitions.submodules(package, self.path), word, 0)

    def _chain(self, context: Sequence[int]) -> tuple[str, ...]:
        """Return the names of `a.b.` at the end of `context`."""
        texts = self.vocabulary.texts
        names = [texts[context[-2]]]
        place = len(context) - 3
        while place > 0 and context[place] == self._dot and len(names) < _MAX_CHAIN:
            names.append(texts[context[place - 1]])
            place -= 2
        return tuple(reversed(names))

    def _of(self, name: tuple[str, ...]) -> frozenset[str]:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self.definitions.members(self._outline, name, self.path)
        return found

    def _of_bases(self) -> frozenset[str]:
        texts = self.vocabulary.texts
        return frozenset().union(*(self._of((texts[base],)) for base in self.scope.bases))

    def _kind(self, name: int) -> tuple[str, ...]:
        """Return the class of `name` where `name = Class(...)` or `name: Class` stands above the cursor."""
        tokens = self.cursor.before >> np.uint32(2)
        texts = self.vocabulary.texts
        signs = [self.vocabulary.token(sign) for sign in ("=", ":")]
        places = np.flatnonzero((tokens[:-2] == name) & np.isin(tokens[1:-1], signs))
        for place in reversed(places[-4:].tolist()):
            following = [texts[token] for token in tokens[place + 2 : place + 6].tolist()]
            if not following[0].isidentifier():
                continue
            if following[1:2] == ["."] and len(following) > 2 and following[2].isidentifier():
                return following[0], following[2]
            if following[0][:1].isupper() or following[0] in self._outline.classes:
                return (following[0],)
        return ()

    def _named_after(self, name: int) -> Counter[int]:
        """Return what stands after `name` and a dot in this document."""
        counts: Counter[int] = Counter()
        for raws in (self.cursor.before, self.cursor.after):
            tokens = raws >> np.uint32(2)
            places = np.flatnonzero((tokens[:-2] == name) & (tokens[1:-1] == self._dot))
            counts.update(raws[places + 2].tolist())
        return counts

    def _defined(self, names: Iterable[str], word: str, blanks: int) -> list[Evidence]:
        """Return names as evidence, those used most in the workspace; private ones only when asked for."""
        tokens = [
            self.vocabulary.token(name)
            for name in sorted(names)
            if name.startswith(word) and (word or not name.startswith("__"))
        ]
        if len(tokens) > _MAX_DEFINED:
            tokens = sorted(tokens, key=self.count, reverse=True)[:_MAX_DEFINED]
        return _evidence(Layer.DEFINED, 1, Counter({token << 2 | blanks: 1 for token in tokens}))


def _evidence(layer: Layer, order: int, counts: Counter[int]) -> list[Evidence]:
    total = sum(counts.values())
    return [Evidence(layer, order, total, total, counts)] if total else []
