"""What the features say of a moment and of a completion, and that they know nothing of the future."""

from dataclasses import replace
from math import isnan, log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.core.context import context_at
from tactful.core.features import SCHEMA, STAGE1_NAMES, STAGE2_NAMES, stage1_features, stage2_features
from tactful.core.syntax import parse
from tactful.core.text import open_document
from tactful.core.types import Completion, CursorContext, History, Outcome, Rhythm


def moment(source: str, rhythm: Rhythm | None = None, history: History | None = None) -> CursorContext:
    before, _, after = source.partition("¦")
    document = open_document("file:///t.py", "python", 1, before + after)
    return context_at(
        document,
        len(before),
        path=None,
        automatic=True,
        tree=parse(document, None),
        rhythm=rhythm or Rhythm(),
        history=history or History(),
    )


def completion(text: str, **known: object) -> Completion:
    return replace(Completion(text=text, probability=0.5), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("foo.¦", "after_dot", 1),
        ("foo.b¦", "after_dot", 0),
        ("foo(¦)", "after_open_bracket", 1),
        ("x = ¦", "after_equals", 1),
        ("x = ¦", "space_before", 1),
        ("return ¦", "after_keyword", 1),
        ("return¦", "after_keyword", 0),
        ("returned ¦", "after_keyword", 0),
        ("return ¦", "line_is_return", 1),
        ("    if x¦", "line_is_branch", 1),
        ("    if x¦", "indent", 4),
        ("import o¦", "line_is_import", 1),
        ("foo.ba¦r", "partial_word_length", 2),
        ("foo.ba¦r", "line_after_word", 1),
        ("foo(a¦)", "line_after_closes_only", 1),
        ("foo(a¦, b)", "line_after_closes_only", 0),
        ("foo(a¦)", "line_after_length", 1),
        ("def f():\n    ¦", "previous_line_opens", 1),
        ("def f():\n    ¦", "indent_change", 4),
        ("x = 1\n\n\n¦", "blank_lines_above", 2),
        ("x = 1\nx = ¦", "common_with_previous_line", 3),
        ("# no¦", "in_comment", 1),
        ("x = 'no¦'", "in_string", 1),
        ("foo(a, [¦])", "open_brackets", 2),
        ("foo(¦)", "node_is_arguments", 1),
    ],
)
def test_the_moment(source: str, name: str, expected: float) -> None:
    assert stage1_features(moment(source)).values[name] == expected


@pytest.mark.parametrize(
    ("source", "text", "name", "expected"),
    [
        ("foo.ba¦", "r()", "completes_word", 1),
        ("foo.¦", "bar()", "completes_word", 0),
        ("x = ¦", "foo(", "bracket_balance", 1),
        ("x = ¦", "y + zoo", "names_known_share", 0),
        ("y = 1\nx = ¦", "y + zoo", "names_known_share", 0.5),
        ("x = ¦", "1 +", "names_known_share", float("nan")),
        ("x = 1\nx = ¦", "1", "same_as_previous_line", 1),
        ("foo(¦, b)", "a, b)", "repeats_line_after", 1),
        ("x = ¦", "a\n    b", "lines", 2),
        ("x = ¦", "a a a a", "repeats_itself", 0.75),
        ("x = ¦", "'a'", "has_quote", 1),
        ("x =¦", " 1", "begins_with_space", 1),
        ("¦\ny = 1\n", "y = 2", "common_with_next_line", 4),
        ("x = ¦)", "foo(a", "line_brackets_open", 0),
        ("x = ¦", "foo(a", "line_brackets_open", 1),
        ("x = 'a¦", "b", "line_quotes_odd", 1),
        ("x = ¦", ".foo,", "begins_with_dot", 1),
        ("x = ¦", "foo,", "ends_with_comma", 1),
        ("a b b\nx = ¦", "a + b", "rarest_name_seen", log1p(1)),
        ("foo.bar\nfoo¦", ".bar", "junction_seen", log1p(1)),
    ],
)
def test_the_completion(source: str, text: str, name: str, expected: float) -> None:
    value = stage2_features(moment(source), completion(text)).values[name]
    assert value == pytest.approx(expected, nan_ok=True)


def test_the_confidence_of_the_engine() -> None:
    values = stage2_features(moment("x = ¦"), completion("f(a)", token_logprobs=(-0.5, -0.1), source="model")).values
    assert values["mean_logprob"] == pytest.approx(-0.3)
    assert values["least_logprob"] == -0.5
    assert (values["source_is_model"], values["source_is_document"]) == (1, 0)


def test_what_is_not_known_is_nan() -> None:
    values = stage2_features(moment("x = ¦"), completion("f")).values
    assert all(isnan(values[name]) for name in ("mean_logprob", "ms_since_last_edit", "recent_wanted_share"))


def test_recent_outcomes_count() -> None:
    outcomes = (Outcome.ACCEPTED, Outcome.UNSEEN, Outcome.REJECTED, Outcome.IGNORED)
    values = stage1_features(moment("x¦", history=History(outcomes=outcomes, s_since_last_shown=0.0))).values
    assert values["refusals_in_a_row"] == 2
    assert values["recent_wanted_share"] == pytest.approx(2 / 6)
    assert values["s_since_last_shown"] == 0


def test_rhythm_counts() -> None:
    rhythm = Rhythm(ms_since_last_edit=0.0, deletions_in_last_ten=4)
    assert stage1_features(moment("x¦", rhythm=rhythm)).values["deletions_in_last_ten"] == 4


def test_without_a_grammar_the_tree_is_unknown_and_the_line_still_counts() -> None:
    document = open_document("file:///t.go", "go", 1, "x // a")
    ctx = context_at(document, 6, path=None, automatic=True, tree=None, rhythm=Rhythm(), history=History())
    values = stage1_features(ctx).values
    assert isnan(values["depth"])
    assert values["in_comment"] == 1


SOURCES = st.text(st.sampled_from("ab_ .(=)[:,\"'#\n\r\täπ😀"), max_size=40)


@given(SOURCES, SOURCES, SOURCES)
def test_every_moment_has_every_name(before: str, after: str, text: str) -> None:
    ctx = moment(before + "¦" + after)
    first, second = stage1_features(ctx), stage2_features(ctx, completion(text))
    assert tuple(first.values) == STAGE1_NAMES
    assert tuple(second.values) == STAGE2_NAMES
    assert first.schema == second.schema == SCHEMA
    assert all(
        isinstance(value, float) and value not in (float("inf"), float("-inf")) for value in second.values.values()
    )


def test_a_huge_line_is_read_near_the_cursor_only() -> None:
    document = open_document("file:///t.py", "python", 1, "a" * 300_000 + "(x)" + "b" * 300_000)
    ctx = context_at(document, 300_002, path=None, automatic=True, tree=None, rhythm=Rhythm(), history=History())
    values = stage2_features(ctx, completion("foo" * 100)).values
    assert values["line_before_length"] == values["line_after_length"] == 500
    assert values["partial_word_length"] == 1


def test_names_are_unique() -> None:
    assert len(set(STAGE2_NAMES)) == len(STAGE2_NAMES)


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("x = ¦", "foo(1)", 1),
        ("x = ¦", "foo(1", 0),
        ("foo(a¦)", ", b", 1),
        ("if ¦", "x:", 1),
        ("else¦", ":", 1),
        ("x = '¦", "a'", 1),
        ("foo(\n    a,¦\n)", " b", float("nan")),  # inside brackets of an earlier line
        ("# a¦", " b", float("nan")),
    ],
)
def test_whether_the_line_parses(source: str, text: str, expected: float) -> None:
    value = stage2_features(moment(source), completion(text)).values["parses"]
    assert value == pytest.approx(expected, nan_ok=True)


def test_an_error_near_by_is_told_from_one_on_the_line() -> None:
    values = stage1_features(moment("def f(:\n    pass\n\n\nx = 1\ny = 2¦\n")).values
    assert (values["in_error"], values["error_near"]) == (0, 1)
    assert stage1_features(moment("def f(:\n" + "x = 1\n" * 20 + "y = 2¦\n")).values["error_near"] == 0


def test_what_was_written_since_the_last_suggestion() -> None:
    history = History(last_uri="file:///t.py", before_last="x = 1\ny = ")
    values = stage1_features(moment("x = 1\nz¦", history=history)).values
    assert values["typed_since_last"] == pytest.approx(log1p(1))
    assert values["deleted_since_last"] == pytest.approx(log1p(4))


@pytest.mark.parametrize("history", [History(), History(last_uri="file:///other.py", before_last="x")])
def test_without_an_earlier_suggestion_here_that_is_unknown(history: History) -> None:
    assert isnan(stage1_features(moment("x¦", history=history)).values["typed_since_last"])


@pytest.mark.parametrize(
    ("rejected", "expected"), [("a + b", 1), ("b + a", 1), ("a - c", 1 / 5), ("", float("nan")), ("(", 0)]
)
def test_likeness_to_what_was_rejected(rejected: str, expected: float) -> None:
    ctx = moment("x = ¦", history=History(last_rejected=rejected))
    value = stage2_features(ctx, completion("a + b")).values["like_the_rejected"]
    assert value == pytest.approx(expected, nan_ok=True)
