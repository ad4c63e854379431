"""A search tree over thoughts: which bug was named, what its code did, and where it is most worth to think on.

RethinkMCTS (Li et al., arXiv 2409.09584) for a handful of samples. A node is a thought with the code that it led to;
its reward is the share of the failing tests that it mends. Nodes are chosen by P-UCB with the model's own sureness as
the prior, and a node is worth the best that was found below it, as in that paper. A thought that led to failing code is
rethought once, in its place. Two things are made cheaper: one answer brings thought and code together, and a node gets
its children one at a time, the next one being a further arm of the choice.
"""

from collections.abc import Sequence
from math import log, sqrt

from tactful.verify.repair.strategy import FIRST_TRIES, Attempt, Move, Turn

__all__ = ["Tree", "p_ucb"]

C_BASE, C = 10.0, 4.0  # of P-UCB, as in the paper's program
MAX_CHILDREN = 3  # of a thought; of the root any number
MAX_DEPTH = 3
LEAST_PRIOR = 0.05  # of a thought of which the model said that it is not sure at all


class _Node:
    """A thought; the root has none. `visits` counts what is still out too, so that others are chosen meanwhile."""

    def __init__(self, parent: "_Node | None") -> None:
        self.parent = parent
        self.attempt: Attempt | None = None
        self.children: list[_Node] = []
        self.begun = 0  # children, those included of which nothing came back yet
        self.visits = 0
        if parent is not None:
            parent.begun += 1
        self.value = 0.0
        self.is_rethought = False

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1

    def line(self) -> tuple[Attempt, ...]:
        above = () if self.parent is None else self.parent.line()
        return above if self.attempt is None else (*above, self.attempt)

    def visit(self, by: int) -> None:
        self.visits += by
        if self.parent is not None:
            self.parent.visit(by)

    def reach(self, value: float) -> None:
        self.value = max(self.value, value)
        if self.parent is not None:
            self.parent.reach(value)


class Tree:
    """The strategy `tree`."""

    def __init__(self, width: int = FIRST_TRIES) -> None:
        self._root = _Node(None)
        self._width = width
        self._begun = 0
        self._out: list[tuple[Turn, _Node]] = []
        self._to_rethink: list[_Node] = []
        self._known: list[Attempt] = []

    def turns(self, room: int) -> Sequence[Turn]:
        """Return the first tries, then what is to be rethought, best code first, then new thoughts by P-UCB."""
        found: list[Turn] = []
        while len(found) < room:
            turn = self._next()
            if turn is None:
                break
            found.append(turn)
        return found

    def learn(self, turn: Turn, attempt: Attempt | None) -> None:
        """Put the thought into the tree; one that led to failing code is to be rethought, once."""
        place = next(place for place, (out, _) in enumerate(self._out) if out is turn)
        _, node = self._out.pop(place)
        if attempt is None:
            node.visit(-1)
            return
        self._known.append(attempt)
        if node.attempt is None and node.parent is not None:
            node.parent.children.append(node)
        if node.attempt is None or attempt.reward >= node.attempt.reward:
            node.attempt = attempt  # a rethought that did worse does not take the place of what was there
        node.reach(attempt.reward)
        if not attempt.is_right and not node.is_rethought:
            self._to_rethink.append(node)

    def _next(self) -> Turn | None:
        if self._begun < self._width:
            self._begun += 1
            return self._begin(_Node(self._root), Move.FIRST)
        if self._to_rethink:
            node = max(self._to_rethink, key=lambda each: each.value)
            self._to_rethink.remove(node)
            node.is_rethought = True
            return self._begin(node, Move.RETHINK)
        if not self._root.children:
            return None  # no first try is back yet
        parent = self._chosen(self._root)
        return self._begin(_Node(parent), Move.DEEPEN if parent.attempt is not None else Move.OTHER)

    def _begin(self, node: _Node, move: Move) -> Turn:
        line = node.line() if move is not Move.DEEPEN or node.parent is None else node.parent.line()
        inside = {each.number for each in line}
        others = tuple(each for each in self._known if each.number not in inside)
        turn = Turn(move=move, line=line, others=others, number=self._begun - 1 if move is Move.FIRST else 0)
        node.visit(1)
        self._out.append((turn, node))
        return turn

    def _chosen(self, node: _Node) -> _Node:
        """Return the node below which the next thought is to be had: down the tree, arm by arm.

        A thought that mended nothing has nothing below it. The arm of a further thought promises what its sisters are
        worth on average, and counts as tried once for each of them that came after the first tries.
        """
        arms = [each for each in node.children if each.value > 0 and each.depth < MAX_DEPTH]
        if not arms:
            return node
        sureness = [max(LEAST_PRIOR, each.attempt.sure if each.attempt else 0.0) for each in arms]
        mean = sum(sureness) / len(sureness)
        total = sum(sureness) + mean
        worth = [
            p_ucb(each.value, sure / total, node.visits, each.visits) for each, sure in zip(arms, sureness, strict=True)
        ]
        of_sisters = sum(each.value for each in node.children) / len(node.children)
        tried = max(0, node.begun - (self._width if node.parent is None else 0))
        is_full = node.parent is not None and node.begun >= MAX_CHILDREN
        if p_ucb(of_sisters, mean / total, node.visits, tried) >= max(worth) and not is_full:
            return node
        return self._chosen(arms[worth.index(max(worth))])


def p_ucb(value: float, prior: float, visits_of_parent: int, visits: int) -> float:
    """Return what an arm promises: its value, and the more the less it was tried."""
    beta = log((visits_of_parent + C_BASE + 1) / C_BASE) + C
    return value + beta * prior * sqrt(log(max(1, visits_of_parent))) / (1 + visits)
