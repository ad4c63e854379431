"""Stretches of a document that follow its edits, and edits brought into the form that is easiest to judge.

Knows offsets and text only; must not know what a stretch is tracked for.
"""

from dataclasses import dataclass

from tactful.core.text import Edit, single_edit

__all__ = ["Span", "follow", "minimal", "nearest_place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The characters from `start` to `end` (offsets, end excluded)."""

    start: int
    end: int

    def text(self, document: str) -> str:
        """Return what stands in the span."""
        return document[self.start : self.end]

    def touches(self, edit: Edit) -> bool:
        """Say whether `edit` overlaps the span or borders on it."""
        return edit.start <= self.end and edit.end >= self.start


def follow(span: Span, edit: Edit, *, grows: bool) -> Span:
    """Return where `span` is after `edit`.

    With `grows`, text that is inserted at either border belongs to the span (somebody is writing there); without it,
    only text that replaces or splits a part of the span does.
    """
    shift = len(edit.text) - (edit.end - edit.start)
    before = edit.end < span.start if grows else edit.end <= span.start
    after = edit.start > span.end if grows else edit.start >= span.end
    if before:
        return Span(start=span.start + shift, end=span.end + shift)
    if after:
        return span
    return Span(start=min(span.start, edit.start), end=max(span.end, edit.end) + shift)


def minimal(edit: Edit, before: str, after: str) -> Edit:
    """Return the smallest edit with the same effect: editors may replace a whole word, line or document.

    An edit that does not lead from `before` to `after` is computed anew from the two texts.
    """
    grown = len(edit.text) - (edit.end - edit.start)
    fits = 0 <= edit.start <= edit.end <= len(before) and len(before) + grown == len(after)
    if not fits or before[: edit.start] + edit.text + before[edit.end :] != after:
        return single_edit(before, after)
    inner = single_edit(before[edit.start : edit.end], edit.text)
    return Edit(start=edit.start + inner.start, end=edit.start + inner.end, text=inner.text)


def nearest_place(edit: Edit, span: Span, after: str) -> Edit:
    """Return the insertion `edit` moved to the border of `span`, where that leads to the same text `after`.

    A client that compares lines reports an `a` typed before another `a` as typed behind it; the place can only be told
    by asking where the programmer was writing.
    """
    if edit.start != edit.end or span.touches(edit):
        return edit
    place = span.end if edit.start > span.end else span.start
    size, low, high = len(edit.text), min(place, edit.start), max(place, edit.start)
    if after[low:high] != after[low + size : high + size]:
        return edit
    return Edit(start=place, end=place, text=after[place : place + size])
