"""Outcomes as one-line cases: what the programmer does, and what is told of the suggestion."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scene import URI, Scene

from tactful.core.text import Edit, apply_edit, single_edit
from tactful.core.types import Outcome

ACCEPTED, PARTLY, TYPED = Outcome.ACCEPTED, Outcome.PARTLY_ACCEPTED, Outcome.TYPED_THROUGH
REJECTED, IGNORED, UNSEEN = Outcome.REJECTED, Outcome.IGNORED, Outcome.UNSEEN


def check(scene: Scene, act: Callable[[Scene], object], *expected: tuple[Outcome, int]) -> None:
    act(scene)
    assert scene.told() == [("s1", outcome, chars) for outcome, chars in expected]


def steps(*acts: Callable[[Scene], object]) -> Callable[[Scene], object]:
    return lambda scene: [act(scene) for act in acts]


def returning() -> Scene:
    return Scene("def f(a):\n    re|\n", "turn a + 1")


CASES = [
    # taken whole
    ("one insertion", lambda s: s.insert("turn a + 1"), [(ACCEPTED, 10)]),
    ("the rest after some typing", lambda s: (s.type("tu"), s.insert("rn a + 1")), [(ACCEPTED, 8)]),
    ("insertion, then the command", lambda s: (s.insert("turn a + 1"), s.command()), [(ACCEPTED, 10)]),
    ("the command, then the insertion", lambda s: (s.command(), s.insert("turn a + 1")), [(ACCEPTED, 10)]),
    ("the command twice", lambda s: (s.command(), s.command()), [(ACCEPTED, 10)]),
    ("a wider replacement", lambda s: s.edit(14, 16, "return a + 1"), [(ACCEPTED, 10)]),
    ("the whole line replaced", lambda s: s.edit(10, 16, "    return a + 1"), [(ACCEPTED, 10)]),
    ("accepted, then undone", lambda s: (s.insert("turn a + 1"), s.delete_word(10)), [(ACCEPTED, 10)]),
    ("accepted, then typing goes on", lambda s: (s.insert("turn a + 1"), s.type(" + b")), [(ACCEPTED, 10)]),
    # in parts
    ("one word", lambda s: s.insert("turn"), [(PARTLY, 4)]),
    ("two words", lambda s: (s.insert("turn"), s.insert(" a")), [(PARTLY, 4), (PARTLY, 6)]),
    ("a word, then the rest", lambda s: (s.insert("turn"), s.insert(" a + 1")), [(PARTLY, 4), (ACCEPTED, 10)]),
    ("a word, then something else", lambda s: (s.insert("turn"), s.type(" b")), [(PARTLY, 4)]),
    ("a word, the rest by hand", lambda s: (s.insert("turn"), s.type(" a + 1")), [(PARTLY, 4)]),
    ("a word, taken back", lambda s: (s.insert("turn"), s.delete_word(4), s.backspace()), [(PARTLY, 4)]),
    ("a word, the rest by command", lambda s: (s.insert("turn"), s.command()), [(PARTLY, 4), (ACCEPTED, 10)]),
    ("half a word at once", lambda s: s.insert("tur"), []),
    # by hand
    ("stroke by stroke", lambda s: s.type("turn a + 1"), [(TYPED, 0)]),
    ("with a typo taken back", lambda s: (s.type("turn"), s.backspace(2), s.type("rn a + 1")), [(TYPED, 0)]),
    (
        "the last character, then the command",
        lambda s: (s.type("turn a + 1"), s.command()),
        [(TYPED, 0), (ACCEPTED, 1)],
    ),
    ("and more in the same insertion", lambda s: s.insert("turn a + 1  # sum"), [(TYPED, 0)]),
    ("not finished", lambda s: s.type("turn"), []),
    # turned down
    ("something else", lambda s: s.type("x"), [(REJECTED, 0)]),
    ("something else after a part", lambda s: s.type("turn b"), [(REJECTED, 0)]),
    ("deleted before the cursor", lambda s: s.backspace(), [(REJECTED, 0)]),
    ("deleted behind what was typed", lambda s: (s.type("tu"), s.backspace(3)), [(REJECTED, 0)]),
    ("the line deleted", lambda s: s.edit(10, 17, ""), [(REJECTED, 0)]),
    ("the text after the cursor deleted", lambda s: s.edit(16, 17, ""), [(REJECTED, 0)]),
    ("undo of more than was typed", lambda s: (s.type("tu"), s.delete_word(6)), [(REJECTED, 0)]),
    ("rejected, but the client knows better", lambda s: (s.type("x"), s.command()), [(REJECTED, 0), (ACCEPTED, 10)]),
    # left alone
    ("an edit above", lambda s: s.edit(6, 7, "b"), [(IGNORED, 0)]),
    ("an edit below", lambda s: s.edit(17, 17, "x = 1"), [(IGNORED, 0)]),
    ("a request elsewhere", lambda s: s.ask(3), [(IGNORED, 0)]),
    ("a request in another document", lambda s: s.ask(16, "file:///b.py"), [(IGNORED, 0)]),
    ("a request at the place", lambda s: s.ask(16), []),
    ("a request after typing on", lambda s: (s.type("tu"), s.ask(18)), []),
    ("closed", lambda s: s.close(), [(IGNORED, 0)]),
    ("closed twice", lambda s: (s.close(), s.close()), [(IGNORED, 0)]),
    ("nothing at all", lambda s: s.wait(3600), []),
    ("a command for another suggestion", lambda s: s.command("other"), []),
    ("an edit that changes nothing", lambda s: s.edit(14, 16, "re"), []),
    # too soon
    ("gone at once", lambda s: (s.wait(-0.9), s.type("x")), [(UNSEEN, 0)]),
    ("left at once", lambda s: (s.wait(-0.9), s.ask(3)), [(UNSEEN, 0)]),
    ("accepted at once", lambda s: (s.wait(-0.9), s.insert("turn a + 1")), [(ACCEPTED, 10)]),
]


@pytest.mark.parametrize(("act", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_told(act: Callable[[Scene], object], expected: list[tuple[Outcome, int]]) -> None:
    check(returning(), act, *expected)


EDITORS = [
    (
        "a closing bracket of the editor",
        "|",
        "foo(a, b)",
        lambda s: (s.type("foo"), s.type_pair("()"), s.type("a, b")),
        [(TYPED, 0)],
    ),
    (
        "typed over the closing bracket",
        "|",
        "foo(a)",
        lambda s: (s.type("foo"), s.type_pair("()"), s.type("a"), s.edit(s.cursor, s.cursor + 1, ")")),
        [(TYPED, 0)],
    ),
    ("a pair that is the rest", "foo|", "()", lambda s: s.type_pair("()"), [(TYPED, 0)]),
    ("a pair that is accepted", "foo|", "()", lambda s: (s.insert("()"), s.command()), [(TYPED, 0), (ACCEPTED, 2)]),
    (
        "nothing between the brackets yet",
        "|",
        "foo(a, b)",
        lambda s: (s.type("foo"), s.type_pair("()"), s.type("a")),
        [],
    ),
    ("quotes of the editor", "x = |", '"abc" + y', lambda s: (s.type_pair('""'), s.type("abc")), []),
    ("brackets that do not belong", "|", "foo(a, b)", lambda s: s.type("foo]"), [(REJECTED, 0)]),
    (
        "indentation of the editor",
        "if a:|",
        "\n    b = 1",
        lambda s: (s.insert("\n    "), s.type("b = 1")),
        [(TYPED, 0)],
    ),
    (
        "indentation of another width",
        "if a:|",
        "\n    b = 1",
        lambda s: (s.insert("\n  "), s.type("b = 1")),
        [(TYPED, 0)],
    ),
    (
        "accepted behind the indentation",
        "if a:|",
        "\n    b = 1",
        lambda s: (s.insert("\n    "), s.insert("b = 1")),
        [(ACCEPTED, 5)],
    ),
    (
        "many lines with CRLF",
        "if a:|\r\n",
        "\n    b\n    c",
        lambda s: s.insert("\r\n    b\r\n    c"),
        [(ACCEPTED, 14)],
    ),
    ("a line of several", "|", "a = 1\nb = 2", lambda s: s.insert("a = 1"), [(PARTLY, 5)]),
    ("characters outside the BMP", "|", "x = '\U0001f600'", lambda s: s.insert("x = '\U0001f600'"), [(ACCEPTED, 7)]),
]


@pytest.mark.parametrize(("source", "text", "act", "expected"), [c[1:] for c in EDITORS], ids=[c[0] for c in EDITORS])
def test_what_editors_add(
    source: str, text: str, act: Callable[[Scene], object], expected: list[tuple[Outcome, int]]
) -> None:
    check(Scene(source, text), act, *expected)


@pytest.mark.parametrize(
    ("source", "covers", "text", "inserted"),
    [
        ("re|", 2, "return a", "turn a"),
        ("foo(|)", 0, "a, (b)", None),
        ("x = aa|a\n", 0, "aaaa", None),
        ("    |    \n", 0, "  ", None),
        ("a\n|\n\nb", 0, "\n\n", None),
    ],
)
def test_takes_an_acceptance_however_the_client_cuts_it(
    source: str, covers: int, text: str, inserted: str | None
) -> None:
    scene = Scene(source, text, covers=covers)
    before = scene.document.text
    after = before[: scene.cursor - covers] + text + before[scene.cursor :]
    shifted = single_edit(before, after)  # as a client that compares texts would cut it: as late as possible
    scene.edit(shifted.start, shifted.end, shifted.text)
    scene.command()
    assert scene.told()[-1] == ("s1", ACCEPTED, len(inserted or text))


def test_a_suggestion_that_replaces_other_text_is_accepted_by_the_replacement() -> None:
    check(Scene("Retrun|", "return a", covers=6), lambda s: s.edit(0, 6, "return a"), (ACCEPTED, 8))


def test_a_suggestion_that_is_already_there_is_not_watched() -> None:
    check(Scene("return|", "return", covers=6), steps(lambda s: s.type("x"), lambda s: s.close()))


def test_a_newer_suggestion_with_the_same_text_inherits() -> None:
    scene = returning()
    scene.type("tu")
    scene.show("s2", "rn a + 1")
    scene.wait(0.1)
    scene.type("x")
    assert scene.told() == [("s1", UNSEEN, 0), ("s2", REJECTED, 0)]  # seen for more than a second in all


def test_a_newer_suggestion_that_goes_further_inherits() -> None:
    scene = returning()
    scene.show("s2", "turn a + 1 + b")
    scene.type("turn a + 1 + b")
    assert scene.told() == [("s1", UNSEEN, 0), ("s2", TYPED, 0)]


def test_another_suggestion_in_its_place_means_ignored() -> None:
    scene = returning()
    scene.show("s2", "pass")
    assert scene.told() == [("s1", IGNORED, 0)]


def test_showing_the_same_suggestion_again_changes_nothing() -> None:
    scene = returning()
    scene.show("s1", "turn a + 1")
    scene.insert("turn a + 1")
    assert scene.told() == [("s1", ACCEPTED, 10)]


def test_history_holds_the_last_ten_that_were_seen() -> None:
    scene = Scene("|")
    for number in range(12):
        scene.show(f"s{number}", f"name{number} = 1")
        scene.wait(1)
        scene.insert(f"name{number} = 1" if number == 11 else "x\n")
    history = scene.tracker.history(scene.at + 5)
    assert history.outcomes == (REJECTED,) * 9 + (ACCEPTED,)
    assert history.s_since_last_shown == 6
    assert history.s_since_last_accepted == 5


def test_history_leaves_out_the_unseen_and_follows_upgrades() -> None:
    scene = returning()
    scene.show("s2", "turn a + 1")
    scene.insert("turn")
    assert scene.tracker.history(scene.at).outcomes == (PARTLY,)
    scene.insert(" a + 1")
    assert scene.tracker.history(scene.at).outcomes == (ACCEPTED,)


def test_history_of_a_beginning() -> None:
    history = Scene("|").tracker.history(1.0)
    assert (history.outcomes, history.s_since_last_shown, history.s_since_last_accepted) == ((), None, None)


def test_survival_after_acceptance() -> None:
    scene = returning()
    scene.insert("turn a + 1")
    accepted_at = scene.at
    assert scene.tracker.next_due() == accepted_at + 30
    scene.wait(10)
    scene.delete_word(4)  # " + 1" goes
    assert scene.tracker.due(accepted_at + 29.9) == []
    soon = scene.tracker.due(accepted_at + 30)
    assert [(event.after_s, event.kept_fraction) for event in soon] == [(30, 0.6)]
    assert scene.tracker.next_due() == accepted_at + 300
    assert [event.after_s for event in scene.tracker.due(accepted_at + 1000)] == [300]
    assert scene.tracker.next_due() is None


def test_survival_after_the_command_that_upgrades() -> None:
    scene = Scene("foo|", "()")
    scene.insert("()")
    scene.command()
    assert [(event.suggestion_id, event.kept_fraction) for event in scene.tracker.due(scene.at + 30)] == [("s1", 1.0)]


def test_survival_after_the_command_that_came_first() -> None:
    scene = returning()
    scene.command()
    scene.insert("turn a + 1")
    assert [event.kept_fraction for event in scene.tracker.due(scene.at + 30)] == [1.0]


def test_survival_grows_with_partial_acceptance() -> None:
    scene = returning()
    scene.insert("turn")
    first_at = scene.at
    scene.wait(5)
    scene.insert(" a")
    scene.edit(scene.cursor - 2, scene.cursor, "")
    events = scene.tracker.due(first_at + 30)
    assert [(event.after_s, event.kept_fraction) for event in events] == [(30, pytest.approx(4 / 6))]


edits = st.lists(
    st.tuples(
        st.integers(0, 40), st.integers(0, 4), st.sampled_from(["", "a", "(", "()", "\n", "ab", "a b", "\r\n  "])
    ),
    max_size=25,
)


@given(source=st.text("ab (\n", max_size=15), text=st.text("ab ()\n", min_size=1, max_size=8), actions=edits)
def test_any_edits_give_at_most_one_outcome_and_named_upgrades(
    source: str, text: str, actions: list[tuple[int, int, str]]
) -> None:
    scene = Scene(source + "|" + source, text)
    for number, (start, length, inserted) in enumerate(actions):
        size = len(scene.document.text)
        first = min(start, size)
        scene.edit(first, min(first + length, size), inserted)
        scene.wait(0.2)
        if number % 5 == 4:
            scene.ask(min(start, size))
    scene.close()
    outcomes = [event.outcome for event in scene.events]
    assert len(outcomes) == 0 or outcomes[:-1] == [PARTLY] * (len(outcomes) - 1)
    assert len(outcomes) < 2 or outcomes[-1] in (PARTLY, ACCEPTED)
    chars = [event.accepted_chars for event in scene.events]
    assert chars == sorted(chars)


@given(
    text=st.text("ab ()[]'\n", min_size=1, max_size=20), cut=st.integers(0, 20), around=st.text("ab()\n ", max_size=10)
)
def test_typing_then_accepting_is_always_accepted(text: str, cut: int, around: str) -> None:
    text = text.rstrip(" ") or "a"  # without what stands for indentation at the end, which counts as there or not
    scene = Scene(around + "|" + around, text)
    scene.type(text[: min(cut, len(text) - 1)])
    rest = text[min(cut, len(text) - 1) :]
    scene.insert(rest)
    scene.command()
    assert scene.events[-1].outcome is ACCEPTED
    assert [event.kept_fraction for event in scene.tracker.due(scene.at + 30)] == [1.0]


@given(st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.text(max_size=3)), max_size=5))
def test_edits_that_do_not_fit_the_document_never_raise(actions: list[tuple[int, int, str]]) -> None:
    scene = returning()
    for start, end, text in actions:
        after = apply_edit(scene.document, Edit(start=3, end=4, text=text), 9)
        scene.tracker.changed(URI, Edit(start=start, end=end, text=text), after, scene.at)
        scene.document = after
    scene.tracker.closed(URI, scene.at)


def standing(scene: Scene) -> tuple[str, int] | None:
    return scene.tracker.standing(scene.document, scene.cursor)


def test_what_is_typed_through_still_stands() -> None:
    scene = Scene("x = f|\n", "oo(bar)")
    assert standing(scene) == ("s1", 5)
    scene.type("oo")
    scene.type_pair("()")
    assert standing(scene) == ("s1", 5)
    scene.type("ba")
    assert standing(scene) == ("s1", 5)


@pytest.mark.parametrize(
    "act",
    [
        lambda scene: scene.type("x"),
        lambda scene: scene.type("oo(bar)"),
        lambda scene: scene.command(),
        lambda scene: (scene.type("oo"), setattr(scene, "cursor", scene.cursor - 1)),
        lambda scene: setattr(scene, "cursor", 0),
    ],
)
def test_nothing_stands_after_something_else_or_elsewhere(act: Callable[[Scene], object]) -> None:
    scene = Scene("x = f|\n", "oo(bar)")
    act(scene)
    assert standing(scene) is None
