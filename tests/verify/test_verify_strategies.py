"""What is asked next: refine, tree and sample told the same things."""

import pytest

from tactful.verify.repair.refine import Refine
from tactful.verify.repair.sample import Sample
from tactful.verify.repair.strategy import Attempt, Move, Strategy, Turn
from tactful.verify.repair.tree import Tree, p_ucb


def attempt(number: int, passed: int, *, code: str = "", sure: float = 0.5, fault: str = "") -> Attempt:
    """Return an attempt that makes so many of four tests pass."""
    return Attempt(
        number=number,
        thought=f"bug {number}",
        sure=sure,
        code=code or f"code {number}",
        fault=fault,
        passed=tuple("abcd"[:passed]),
        failed=tuple("abcd"[passed:]),
        reward=passed / 4,
    )


def moves(turns: "list[Turn] | tuple[Turn, ...]") -> list[Move]:
    return [each.move for each in turns]


@pytest.mark.parametrize("strategy", [Refine(), Tree(), Sample()], ids=["refine", "tree", "sample"])
def test_first_tries_go_out_together_and_nothing_more_before_one_is_back(strategy: Strategy) -> None:
    assert moves(list(strategy.turns(2))) == [Move.FIRST] * 2
    assert [each.number for each in strategy.turns(9)] == [2]
    assert list(strategy.turns(9)) == []


@pytest.mark.parametrize("strategy", [Refine(), Tree(), Sample()], ids=["refine", "tree", "sample"])
def test_no_room_no_turn(strategy: Strategy) -> None:
    assert list(strategy.turns(0)) == []


def test_refine_goes_on_with_each_line_the_best_first() -> None:
    strategy = Refine()
    first = list(strategy.turns(3))
    for number, (turn, passed) in enumerate(zip(first, (1, 3, 0), strict=True)):
        strategy.learn(turn, attempt(number, passed))
    (best,) = strategy.turns(1)
    assert (best.move, [each.number for each in best.line]) == (Move.REFINE, [1])
    assert [each.number for each in best.others] == [0, 2]
    strategy.learn(best, attempt(3, 2))
    lines = [[each.number for each in turn.line] for turn in strategy.turns(9)]
    assert lines == [[1, 3], [0], [2]]


def test_refine_leaves_a_line_that_goes_in_circles() -> None:
    strategy = Refine(width=1)
    (turn,) = strategy.turns(1)
    strategy.learn(turn, attempt(0, 1))
    (turn,) = strategy.turns(1)
    strategy.learn(turn, attempt(1, 1, code="code 0"))
    (turn,) = strategy.turns(1)
    assert (turn.move, turn.line, len(turn.others)) == (Move.OTHER, (), 2)


def test_refine_survives_an_answer_that_never_came() -> None:
    strategy = Refine(width=1)
    (turn,) = strategy.turns(1)
    strategy.learn(turn, attempt(0, 1))
    (turn,) = strategy.turns(1)
    strategy.learn(turn, None)
    assert moves(list(strategy.turns(3))) == [Move.REFINE]


def test_tree_rethinks_each_failing_thought_once_the_best_first() -> None:
    strategy = Tree()
    for number, (turn, passed) in enumerate(zip(list(strategy.turns(3)), (1, 3, 0), strict=True)):
        strategy.learn(turn, attempt(number, passed))
    turns = list(strategy.turns(3))
    assert moves(turns) == [Move.RETHINK] * 3
    assert [turn.line[-1].number for turn in turns] == [1, 0, 2]
    assert [each.number for each in turns[0].others] == [0, 2]


def grown(rewards: dict[int, int], sure: float = 0.5) -> Tree:
    """Return a tree whose three first thoughts were tried and rethought to no avail."""
    strategy = Tree()
    for number, turn in enumerate(list(strategy.turns(3))):
        strategy.learn(turn, attempt(number, rewards[number], sure=sure))
    for turn in list(strategy.turns(3)):
        strategy.learn(turn, attempt(turn.line[-1].number + 3, rewards[turn.line[-1].number], sure=sure))
    return strategy


def test_tree_thinks_on_below_the_best_thought_or_of_another_bug() -> None:
    strategy = grown({0: 0, 1: 3, 2: 0})
    found = list(strategy.turns(4))
    assert Move.DEEPEN in moves(found)
    assert Move.OTHER in moves(found)
    deeper = next(turn for turn in found if turn.move is Move.DEEPEN)
    assert [each.number for each in deeper.line] == [4]  # the rethought took the place of the thought


def test_tree_names_another_bug_where_no_thought_mended_anything() -> None:
    assert moves(list(grown({0: 0, 1: 0, 2: 0}).turns(4))) == [Move.OTHER] * 4


def test_tree_grows_downwards_no_further_than_its_depth() -> None:
    strategy = grown({0: 3, 1: 0, 2: 0})
    for number in range(6, 60):
        (turn,) = strategy.turns(1)
        strategy.learn(turn, attempt(number, min(3, 1 + len(turn.line)), sure=0.5))
        assert len(turn.line) <= 3
        assert turn.others or turn.line


def test_tree_keeps_the_better_of_thought_and_rethought() -> None:
    strategy = Tree(width=1)
    (turn,) = strategy.turns(1)
    strategy.learn(turn, attempt(0, 3))
    (turn,) = strategy.turns(1)
    strategy.learn(turn, attempt(1, 1))
    lines = [[each.number for each in turn.line] for turn in strategy.turns(4)]
    assert [0] in lines
    assert [1] not in lines


def test_tree_survives_answers_that_never_came() -> None:
    strategy = Tree()
    for turn in list(strategy.turns(3)):
        strategy.learn(turn, None)
    assert list(strategy.turns(3)) == []


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ((0.8, 0.3, 9, 2), (0.2, 0.3, 9, 2)),  # what is worth more
        ((0.5, 0.6, 9, 2), (0.5, 0.1, 9, 2)),  # of what the model was surer
        ((0.5, 0.3, 9, 0), (0.5, 0.3, 9, 4)),  # what was tried less
        ((0.5, 0.3, 30, 2), (0.5, 0.3, 3, 2)),  # what was passed over more often
    ],
)
def test_p_ucb_prefers(better: tuple[float, float, int, int], worse: tuple[float, float, int, int]) -> None:
    assert p_ucb(*better) > p_ucb(*worse)


def test_sample_learns_nothing() -> None:
    strategy = Sample(width=2)
    turns = list(strategy.turns(9))
    strategy.learn(turns[0], attempt(0, 3))
    (turn,) = strategy.turns(9)
    assert (turn.move, turn.line, turn.others, turn.number) == (Move.FIRST, (), (), 2)


def test_right_is_what_ran_and_passed() -> None:
    assert not attempt(0, 3).is_right
    assert attempt(0, 4).is_right
    assert not attempt(0, 4, fault="no code").is_right
    assert not Attempt(number=0, thought="", sure=0.0).is_right  # nothing ran
