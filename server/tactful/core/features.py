"""What a gate model sees of a moment and of a completion, as named numbers; owns the names and their version.

Everything here can be known when the suggestion would be shown. NaN stands for what is not known. Must not know: what
the model makes of the numbers, and anything that happens later.
"""

import re
from dataclasses import replace
from math import log1p, nan

from tactful.core.languages import PYTHON, Language, Lexis, language
from tactful.core.lexis import lexis_of
from tactful.core.syntax import line_parses
from tactful.core.text import Document, common_prefix, open_document
from tactful.core.types import Completion, CursorContext, Features, History, Outcome, Rhythm, SyntaxFacts

__all__ = ["SCHEMA", "STAGE1_NAMES", "STAGE2_NAMES", "stage1_features", "stage2_features"]

SCHEMA = 2  # raise it whenever a name is added or dropped, or the meaning of a number changes

_NEAR_CHARS = 4_000  # "near" in a feature: this far before the cursor
_LINE_CHARS = 500
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\b\d")
# The word that a line begins with says what kind of line it is; a trained tree asks for each by its own number.
_LINE_KINDS = ("import", "definition", "return", "branch", "assert")
_NODE_GROUPS = ("arguments", "attribute", "header", "import", "collection", "assignment", "block")
_POSITIVE = frozenset({Outcome.ACCEPTED, Outcome.PARTLY_ACCEPTED, Outcome.TYPED_THROUGH})
_SOURCES = ("document", "workspace", "environment", "model")
_SIGNS = {"dot": ".", "open": "([{", "close": ")]}", "comma": ",", "colon": ":", "equals": "=", "quote": "\"'"}
_FIRST_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])")
_LAST_TOKEN = re.compile(r"(?:\w+|[^\w\s])\s*\Z")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_CLOSERS = ")]}\"'`:;, \t"


def stage1_features(ctx: CursorContext) -> Features:
    """Return what is known before anything is generated, under the names of `STAGE1_NAMES`."""
    return Features(schema=SCHEMA, values=_moment(_with_short_line(ctx)))


def stage2_features(ctx: CursorContext, completion: Completion) -> Features:
    """Return what is known with a completion in hand, under the names of `STAGE2_NAMES`."""
    ctx = _with_short_line(ctx)
    return Features(schema=SCHEMA, values=_moment(ctx) | _completion(ctx, completion))


def _with_short_line(ctx: CursorContext) -> CursorContext:
    """Return `ctx` with at most 500 characters of its line on each side, so that data in one line costs no time."""
    before, after = ctx.line_before[-_LINE_CHARS:], ctx.line_after[:_LINE_CHARS]
    if len(before) == len(ctx.line_before) and len(after) == len(ctx.line_after):
        return ctx
    return replace(ctx, line_before=before, line_after=after)


def _moment(ctx: CursorContext) -> dict[str, float]:
    known = language(ctx.document.language_id) or PYTHON  # the words of Python are a fair guess elsewhere too
    return {
        **_line(ctx.line_before, ctx.line_after, known),
        **_surroundings(ctx),
        **_syntax(ctx.syntax, known),
        **_rhythm(ctx.rhythm),
        **_history(ctx.history),
        **_since_last(ctx),
        "asks_model": float(ctx.asks_model),
    }


def _line(before: str, after: str, known: Language) -> dict[str, float]:
    """Return what the cursor's own line says."""
    code = before.rstrip()
    last = code[-1:]
    words = _WORD.findall(before)
    partial = _partial_word(before)
    first_word = words[0] if words else ""
    after_keyword = before != code and bool(words) and words[-1] in known.keywords and code.endswith(words[-1])
    values = {
        "line_before_length": float(len(before)),
        "indent": float(len(before) - len(before.lstrip())),
        "line_before_blank": float(not code),
        "words_before": float(len(words)),
        "line_after_length": float(len(after.strip())),
        "line_after_closes_only": float(bool(after.strip()) and not after.strip(_CLOSERS)),
        "line_after_word": float(after[:1].isalnum() or after[:1] == "_"),
        "partial_word_length": float(len(partial)),
        "space_before": float(bool(code) and before != code),
        "after_dot": float(last == "."),
        "after_open_bracket": float(last in ("(", "[", "{")),
        "after_close_bracket": float(last in (")", "]", "}")),
        "after_comma": float(last == ","),
        "after_equals": float(last == "="),
        "after_colon": float(last == ":"),
        "after_quote": float(last in ('"', "'")),
        "after_operator": float(bool(last) and last in "+-*/%<>|&^!~@"),
        "after_keyword": float(after_keyword),
        "line_has_equals": float("=" in code),
    }
    kind = known.line_kinds.get(first_word)
    return values | {f"line_is_{name}": float(name == kind) for name in _LINE_KINDS}


def _surroundings(ctx: CursorContext) -> dict[str, float]:
    """Return how this place compares with the text around it."""
    document = ctx.document
    line = document.line_of(ctx.offset)
    previous, blanks = _previous_line(document, line)
    near = document.text[max(0, ctx.offset - _NEAR_CHARS) : ctx.offset - len(ctx.line_before)]
    code, partial = ctx.line_before.strip(), _partial_word(ctx.line_before)
    words = _WORD.findall(ctx.line_before)
    return {
        "document_length": log1p(len(document.text)),
        "lines_before": log1p(line),
        "lines_after": log1p(len(document.line_starts) - 1 - line),
        "blank_lines_above": float(blanks),
        "previous_line_length": float(len(previous.strip())),
        "indent_change": float(_indent(ctx.line_before) - _indent(previous)),
        "previous_line_opens": float(previous.rstrip()[-1:] in (":", "(", "[", "{")),
        "previous_line_continues": float(previous.rstrip()[-1:] in (",", "\\")),
        "partial_word_seen": log1p(near.count(partial)) if len(partial) > 1 else nan,
        "last_word_seen": log1p(near.count(words[-1])) if words else nan,
        "line_start_seen": log1p(document.text.count(code, 0, ctx.offset - len(code))) if len(code) > 1 else nan,
        "common_with_previous_line": float(common_prefix(ctx.line_before.strip(), previous.strip())),
    }


def _syntax(facts: SyntaxFacts, known: Language) -> dict[str, float]:
    group = known.node_groups.get(facts.node_type) or known.node_groups.get(facts.parent_type)
    values = {
        "in_error": float(facts.in_error),
        "error_near": float(facts.error_near),
        "depth": float(facts.depth),
        "in_function": float(facts.in_function),
        "in_class": float(facts.in_class),
        "open_brackets": float(facts.open_brackets),
        **{f"node_is_{name}": float(name == group) for name in _NODE_GROUPS},
    }
    return {
        "in_string": float(facts.in_string),
        "in_comment": float(facts.in_comment),
        **(values if facts.known else dict.fromkeys(values, nan)),
    }


def _rhythm(rhythm: Rhythm) -> dict[str, float]:
    known = rhythm.ms_since_last_edit is not None
    return {
        "ms_since_last_edit": _log_or_nan(rhythm.ms_since_last_edit),
        "ms_between_edits": _log_or_nan(rhythm.ms_between_edits),
        "chars_in_run": log1p(rhythm.chars_in_run) if known else nan,
        "deletions_in_last_ten": float(rhythm.deletions_in_last_ten) if known else nan,
        "last_edit_length": log1p(rhythm.last_edit_length) if known else nan,
        "undone_in_last_ten": float(rhythm.undone_in_last_ten) if known else nan,
    }


def _history(history: History) -> dict[str, float]:
    seen = [outcome in _POSITIVE for outcome in history.outcomes if outcome is not Outcome.UNSEEN]
    # One imagined acceptance in three (the share found in the CUPS study) keeps a short memory from being extreme.
    return {
        "recent_wanted_share": (sum(seen) + 1) / (len(seen) + 3) if seen else nan,
        "last_wanted": float(seen[-1]) if seen else nan,
        "refusals_in_a_row": float(_run_of_refusals(seen)) if seen else nan,
        "s_since_last_shown": _log_or_nan(history.s_since_last_shown),
        "s_since_last_accepted": _log_or_nan(history.s_since_last_accepted),
        "s_since_last_ended": _log_or_nan(history.s_since_last_ended),
    }


def _since_last(ctx: CursorContext) -> dict[str, float]:
    """Return how much was written and deleted before the cursor since the last suggestion in this document."""
    then, now = ctx.history.before_last, ctx.document.text[: ctx.offset]
    if not ctx.history.last_uri or ctx.history.last_uri != ctx.document.uri:
        return {"typed_since_last": nan, "deleted_since_last": nan}
    same = common_prefix(then, now)
    return {"typed_since_last": log1p(len(now) - same), "deleted_since_last": log1p(len(then) - same)}


def _completion(ctx: CursorContext, completion: Completion) -> dict[str, float]:
    return {
        **_confidence(completion),
        **_shape(completion.text, lexis_of(ctx.document.language_id)),
        **_fit(ctx, completion.text),
        **{f"source_is_{name}": float(completion.source == name) for name in _SOURCES},
    }


def _confidence(completion: Completion) -> dict[str, float]:
    logprobs = completion.token_logprobs
    total = sum(logprobs)
    return {
        "engine_probability": completion.probability,
        "mean_logprob": total / len(logprobs) if logprobs else nan,
        "least_logprob": min(logprobs, default=nan),
        "first_logprob": logprobs[0] if logprobs else nan,
        "total_logprob": total if logprobs else nan,
        "tokens": float(len(logprobs)) if logprobs else nan,
        "match_length": float(completion.match_length),
        "context_seen": log1p(max(0, completion.count)),
    }


def _shape(text: str, lexis: Lexis) -> dict[str, float]:
    stripped = text.strip()
    return {
        "length": log1p(len(text)),
        "lines": float(text.count("\n") + 1),
        "words": float(len(_WORD.findall(text))),
        "letters_share": sum(map(str.isalpha, text)) / max(1, len(text)),
        "bracket_balance": float(sum(map(text.count, "([{")) - sum(map(text.count, ")]}"))),
        "has_quote": float('"' in text or "'" in text),
        "has_number": float(_NUMBER.search(text) is not None),
        "has_comment": float(any(mark in text for mark in (*lexis.comments, *lexis.spans))),
        "begins_with_word": float(text[:1].isalnum() or text[:1] == "_"),
        "begins_with_space": float(text[:1].isspace()),
        "ends_with_word": float(stripped[-1:].isalnum() or stripped[-1:] == "_"),
        "repeats_itself": _repetition(text),
        **{f"begins_with_{name}": float(bool(stripped) and stripped[0] in signs) for name, signs in _SIGNS.items()},
        **{f"ends_with_{name}": float(bool(stripped) and stripped[-1] in signs) for name, signs in _SIGNS.items()},
    }


def _fit(ctx: CursorContext, text: str) -> dict[str, float]:
    """Return how the completion fits the text around the cursor."""
    document = ctx.document
    first_line = text.partition("\n")[0]
    whole = (ctx.line_before + first_line).strip()
    previous, _ = _previous_line(document, document.line_of(ctx.offset))
    next_line = _next_line(document, document.line_of(ctx.offset))
    names = {word for word in _WORD.findall(first_line) if not word[0].isdigit()}
    near = document.text[max(0, ctx.offset - _NEAR_CHARS) : ctx.offset + _NEAR_CHARS // 4]
    rest = ctx.line_after.strip()
    seen = [near.count(name) for name in names]
    line = ctx.line_before + first_line + ctx.line_after
    return {
        "completes_word": float(bool(_partial_word(ctx.line_before)) and (text[:1].isalnum() or text[:1] == "_")),
        "names_known_share": sum(count > 0 for count in seen) / len(names) if names else nan,
        "rarest_name_seen": log1p(min(seen)) if seen else nan,
        "junction_seen": log1p(document.text.count(_junction(ctx.line_before, text))),
        "line_brackets_open": float(sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))),
        "line_quotes_odd": float(line.count('"') % 2 or line.count("'") % 2),
        "whole_line_seen": log1p(document.text.count(whole)) if whole else nan,
        "text_seen": log1p(document.text.count(first_line)) if len(first_line) > 1 else nan,
        "same_as_previous_line": float(whole == previous.strip()),
        "common_with_next_line": float(common_prefix(whole, next_line.strip())),
        "repeats_line_after": float(bool(rest) and rest in first_line),
        "share_of_line": len(first_line) / max(1, len(whole)),
        "parses": _parses(ctx, text),
        "like_the_rejected": _likeness(text, ctx.history.last_rejected),
    }


def _parses(ctx: CursorContext, text: str) -> float:
    """Return 1 if the line is a whole statement with `text` in it, 0 if not.

    Unknown inside brackets or strings that were opened on an earlier line, where a line is never a statement.
    """
    facts = ctx.syntax
    opened_here = sum(map(ctx.line_before.count, "([{")) - sum(map(ctx.line_before.count, ")]}"))
    if not facts.known or facts.in_comment or facts.open_brackets > max(0, opened_here):
        return nan
    if facts.in_string and not set(ctx.line_before) & set("\"'"):
        return nan
    whole = line_parses(ctx.document.language_id, ctx.line_before + text + ctx.line_after)
    return nan if whole is None else float(whole)


def _likeness(text: str, rejected: str) -> float:
    """Return how many words and signs two texts share (Jaccard), in [0, 1]; unknown where nothing was rejected."""
    one, other = (set(_TOKEN.findall(each[:_LINE_CHARS])) for each in (text, rejected))
    return len(one & other) / len(one | other) if one and other else nan


def _junction(before: str, text: str) -> str:
    """Return the last token before the cursor with the first one of `text`, as they would stand together."""
    last, first = _LAST_TOKEN.search(before[-80:]), _FIRST_TOKEN.match(text)
    return (last.group() if last else before[-1:]) + (first.group() if first else text[:1])


def _partial_word(before: str) -> str:
    """Return the word that is being typed: the identifier that ends at the cursor."""
    end = start = len(before)
    while start and (before[start - 1].isalnum() or before[start - 1] == "_"):
        start -= 1
    return before[start:end]


def _previous_line(document: Document, line: int) -> tuple[str, int]:
    """Return the last line above with something on it, and how many blank ones lie between (at most twenty)."""
    for number in range(line - 1, max(-1, line - 21), -1):
        text = document.line_text(number)
        if text and not text.isspace():
            return text, line - 1 - number
    return "", min(line, 20)


def _next_line(document: Document, line: int) -> str:
    for number in range(line + 1, min(len(document.line_starts), line + 21)):
        text = document.line_text(number)
        if text and not text.isspace():
            return text
    return ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _repetition(text: str) -> float:
    words = _WORD.findall(text)
    return 1 - len(set(words)) / len(words) if words else 0.0


def _run_of_refusals(wanted: list[bool]) -> int:
    run = 0
    for was_wanted in reversed(wanted):
        if was_wanted:
            break
        run += 1
    return run


def _log_or_nan(value: float | None) -> float:
    return nan if value is None else log1p(max(0.0, value))


_NOWHERE = CursorContext(
    document=open_document("", "", 0, ""),
    offset=0,
    path=None,
    automatic=True,
    line_before="",
    line_after="",
    syntax=SyntaxFacts(),
)
STAGE1_NAMES = tuple(_moment(_NOWHERE))
STAGE2_NAMES = STAGE1_NAMES + tuple(_completion(_NOWHERE, Completion(text="", probability=0.0)))
