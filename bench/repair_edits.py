"""The single edits by which functions changed between two releases of a package: a source of likelihoods of edits.

What it writes is read by `repair_learn.py fit --edits`.
"""

import argparse
import ast
import json
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from tactful.verify.repair.candidates import applied
from tactful.verify.repair.ranking import all_edits
from tactful.verify.repair.source import Source

MAX_TOKENS_CHANGED = 25
Rows = list[dict[str, Any]]


def main() -> None:
    """Write one line for each function that a single edit turns into its next release's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("releases", nargs="+", help="OLD:NEW, folders of unpacked packages")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    pairs = [tuple(map(Path, each.split(":"))) for each in arguments.releases]
    with ProcessPoolExecutor(arguments.jobs) as pool, arguments.out.open("w", encoding="utf-8") as sink:
        for (old, new), rows in zip(pairs, pool.map(edits_between, *zip(*pairs, strict=True)), strict=True):
            print(f"{old.name} to {new.name}: {len(rows)}", flush=True)
            sink.writelines(json.dumps(row) + "\n" for row in rows)
            sink.flush()


def edits_between(old: Path, new: Path) -> Rows:
    """Return the single edits that make functions of `old` those of `new`."""
    warnings.simplefilter("ignore")
    return [row for before, after in changed_functions(old, new) if (row := explained(before, after)) is not None]


def changed_functions(old: Path, new: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the text before and the tree after, for functions that changed a little."""
    for path in old.rglob("*.py"):
        relative = path.relative_to(old)
        if re.search("test|vendor", str(relative)) or not (new / relative).exists():
            continue
        try:
            texts = path.read_text(encoding="utf-8"), (new / relative).read_text(encoding="utf-8")
            if texts[0] == texts[1]:
                continue
            before, after = (dict(functions(ast.parse(text), "")) for text in texts)
        except (SyntaxError, ValueError):
            continue
        for name in before.keys() & after.keys():
            if body_of(before[name]) != body_of(after[name]) and ast.dump(before[name].args) == ast.dump(
                after[name].args
            ):
                text, other = (ast.unparse(each) for each in (before[name], after[name]))
                if tokens_changed(text, other) <= MAX_TOKENS_CHANGED:
                    yield text, after[name]


def functions(tree: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions of a module and of its classes by qualified name."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from functions(child, f"{prefix}{child.name}.")


def body_of(function: ast.FunctionDef) -> list[str]:
    """Return the statements without the docstring, in a form that can be compared."""
    skipped = int(ast.get_docstring(function) is not None)
    return [ast.dump(each) for each in function.body[skipped:]]


def tokens_changed(one: str, other: str) -> int:
    """Return how many tokens differ."""
    parts = [re.findall(r"\w+|[^\w\s]", text) for text in (one, other)]
    codes = SequenceMatcher(None, *parts, autojunk=False).get_opcodes()
    return sum(max(b - a, d - c) for kind, a, b, c, d in codes if kind != "equal")


def explained(text: str, after: ast.FunctionDef) -> dict[str, Any] | None:
    """Return the kinds of all edits of a function, and which of them make it `after`; None where none does."""
    source, wanted, other = Source(text), body_of(after), ast.unparse(after)
    counts: dict[str, float] = defaultdict(float)
    right: dict[str, float] = defaultdict(float)
    for node in ast.walk(source.tree):
        for each in all_edits(source, node):
            counts[each.operator] += each.weight
            new = applied(text, each)
            if abs(len(new) - len(other)) > 8 or right.get(each.operator, 0.0) >= each.weight:
                continue
            try:
                if body_of(ast.parse(new).body[0]) == wanted:  # type: ignore[arg-type]
                    right[each.operator] = each.weight
            except SyntaxError:
                continue
    return {"counts": counts, "right": right} if right else None


if __name__ == "__main__":
    main()
