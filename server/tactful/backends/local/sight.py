"""All that is known at one cursor, looked up when it is first asked for and kept while a line is searched.

This module knows where knowledge comes from; it must not know how it is turned into numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.definitions import Definitions
from tactful.backends.local.document import Cursor
from tactful.backends.local.evidence import Around, DiskLayer, DocumentShapes, Evidence, MemoryLayer
from tactful.backends.local.members import Members
from tactful.backends.local.scope import SCOPES, Binding, Scope
from tactful.backends.local.segment import MAX_ORDER
from tactful.backends.local.shapes import NUMBER_CODE, REACH, NameCodes, shape_key
from tactful.backends.local.tokens import FIRST_WORD, LINE_SAME, Vocabulary, is_line_token, line_raws
from tactful.core.lexis import scan

__all__ = ["CONTEXT", "SAMPLE", "Sight"]

CONTEXT = max(MAX_ORDER, REACH)  # tokens before the cursor that are looked at
SAMPLE = 48  # followers that are read for one context

_RECENT = 4_000  # tokens on each side of the cursor that count as near
_LINE_BELOW, _LINE_ABOVE = 60, 150  # tokens that are read to find the next and the last line
_NEAR, _NEAR_WORDS = 120, 24  # tokens that are read for names, and names of them that others are derived from
_BONUS = 200  # a local name that was not used yet counts as if it had been written so many tokens later


@dataclass(frozen=True, kw_only=True)
class Sight:
    """All that is known at one cursor."""

    cursor: Cursor
    memory: Sequence[MemoryLayer]
    disk: Sequence[DiskLayer]
    vocabulary: Vocabulary
    codes: NameCodes
    definitions: Definitions
    language_id: str = ""
    path: str | None = None
    others: str = ""  # the text of the document without the cursor's line

    @cached_property
    def described(self) -> dict[int, NDArray[np.float32]]:
        """Return the columns that are the same at every step, of the tokens that were looked at so far."""
        return {}

    @cached_property
    def scope(self) -> Scope:
        """Return the names that can be used at the cursor; none in a language without a finder of scopes."""
        find = SCOPES.get(self.language_id)
        return find(self.cursor, self.vocabulary, self.codes) if find else Scope()

    @cached_property
    def members(self) -> Members:
        """Return what finds members at the cursor."""
        return Members(
            cursor=self.cursor,
            scope=self.scope,
            vocabulary=self.vocabulary,
            definitions=self.definitions,
            path=self.path,
            others=self.others,
            count=self.disk[0].count if self.disk else lambda token: 0,
        )

    @cached_property
    def in_reach(self) -> list[int]:
        """Return names in scope that are likely at any place: not used yet, or used last; the likeliest first."""
        names, uses, last = self.scope.names, self.scope.uses, self.last_places
        near = [token for token, bound in names.items() if bound.kind <= Binding.LOCAL or token in last]
        unused = {token for token in near if names[token].kind <= Binding.LOCAL and uses.get(token, 0) <= 1}
        return sorted(near, key=lambda token: last.get(token, _RECENT) - _BONUS * (token in unused))

    @cached_property
    def near_words(self) -> list[str]:
        """Return the names and numbers last written before the cursor, newest first, and those of the line after it."""
        texts = self.vocabulary.texts
        tokens = [*self.rest, *reversed((self.cursor.before[-_NEAR:] >> 2).tolist())]
        codes = self.codes.codes
        return list(dict.fromkeys(texts[token] for token in tokens if codes[token] in (0, NUMBER_CODE)))[:_NEAR_WORDS]

    @cached_property
    def members_of_anything(self) -> frozenset[int]:
        """Return the tokens that stand after a dot near the cursor."""
        tokens = self.cursor.before[-_RECENT:] >> 2
        return frozenset(tokens[1:][tokens[:-1] == self.vocabulary.token(".")].tolist())

    @cached_property
    def plain_names(self) -> frozenset[int]:
        """Return the tokens that stand near the cursor, but not after a dot."""
        tokens = self.cursor.before[-_RECENT:] >> 2
        return frozenset(tokens[1:][tokens[:-1] != self.vocabulary.token(".")].tolist())

    @cached_property
    def context(self) -> tuple[int, ...]:
        """Return the last tokens before the cursor, newest last."""
        return tuple((self.cursor.before[-CONTEXT:] >> 2).tolist())

    @cached_property
    def line(self) -> tuple[int, ...]:
        """Return the tokens of the cursor's line, without its line token."""
        tokens = (self.cursor.before[-400:] >> 2).tolist()
        starts = [place for place, token in enumerate(tokens) if is_line_token(token)]
        return tuple(tokens[starts[-1] + 1 :] if starts else tokens)

    @cached_property
    def rest(self) -> list[int]:
        """Return the tokens of the line after the cursor."""
        return [raw >> 2 for raw in line_raws(self.cursor.rest, self.vocabulary)]

    @cached_property
    def shapes(self) -> DocumentShapes:
        """Return the shapes of the text around the cursor."""
        before, after = self.cursor.before[-2 * _RECENT :], self.cursor.after[:_RECENT]
        raws = np.concatenate([before, np.zeros(1, np.uint32), after], dtype=np.uint32)
        return DocumentShapes(raws, self.codes.codes, len(before))

    @cached_property
    def last_places(self) -> dict[int, int]:
        """Return how many tokens before the cursor each near token stood last."""
        tokens = (self.cursor.before[-_RECENT:] >> 2).tolist()
        size = len(tokens)
        return {token: size - place for place, token in enumerate(tokens)}

    @cached_property
    def below(self) -> frozenset[int]:
        """Return the tokens of the lines below."""
        return frozenset((self.cursor.after[:_RECENT] >> 2).tolist())

    @cached_property
    def next_line(self) -> int:
        """Return the line token that begins the line below; 0 when there is none."""
        return int(self.cursor.after[0]) >> 2 if len(self.cursor.after) else 0

    @cached_property
    def line_below(self) -> list[int]:
        """Return the tokens of the line below, without its line token and with a line token at its end."""
        return _first_line((self.cursor.after[1:_LINE_BELOW] >> 2).tolist())

    @cached_property
    def line_above(self) -> list[int]:
        """Return the tokens of the line above, without its line token and with a line token at its end."""
        tokens = (self.cursor.before[-_LINE_ABOVE:] >> 2).tolist()
        starts = [place for place, token in enumerate(tokens) if is_line_token(token)]
        return _first_line(tokens[starts[-2] + 1 :]) if len(starts) > 1 else []

    @cached_property
    def around(self) -> Around:
        """Return the lines that are followed as the cursor's line is."""
        return Around(self.cursor.before[-2 * _RECENT :], self.cursor.after[:_RECENT])

    @cached_property
    def in_long_string(self) -> bool:
        """Say whether a triple quote is open before the cursor."""
        tokens = self.cursor.before >> 2
        marks = [self.vocabulary.known(mark) for mark in ('"""', "'''")]
        return any(mark is not None and np.count_nonzero(tokens == mark) & 1 for mark in marks)

    @cached_property
    def in_prose(self) -> bool:
        """Say whether the cursor is inside a string or a comment."""
        line = self.cursor.line_before
        is_within_line = '"""' not in line and "'''" not in line and any(scan(line, self.language_id))
        return self.in_long_string or is_within_line

    def evidence(self, context: Sequence[int], limit: int = SAMPLE) -> list[Evidence]:
        """Return what followed `context` in all layers."""
        found = [item for layer in self.memory for item in layer.evidence(context, limit)]
        for layer in self.disk:
            found += layer.evidence(context, limit)
        codes = self.codes.codes
        keys = shape_key(context, codes)
        found += self.shapes.evidence(context, keys)
        found += self.around.evidence(context)
        for layer in self.disk:
            found += layer.shape_evidence(context, keys)
        return found


def _first_line(tokens: list[int]) -> list[int]:
    for place, token in enumerate(tokens):
        if token < FIRST_WORD:
            return [*tokens[:place], LINE_SAME]
    return tokens
