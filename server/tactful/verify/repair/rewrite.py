"""A model's code -> the smallest edit of the file that puts it in place of what stands there.

Only bodies are taken over: the header, the decorators and the docstring stay as they are in the file, whatever the
model made of them. Tests are never edited. Pure; it must not know who wrote the code or how it is tried.
"""

import ast
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from tactful.verify.repair.bodies import body, body_lines, colon, header_end, indent_of_body, new_header, parameters
from tactful.verify.repair.candidates import Candidate
from tactful.verify.repair.reach import brought_in
from tactful.verify.repair.source import Function, Source

__all__ = ["OPERATOR", "rewritten"]

OPERATOR = "model"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLANK = re.compile(r"(?:[ \t]*\r?\n)+")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]+")


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    new_text: str
    node: ast.AST


def rewritten(source: Source, function: Function, code: Source) -> Candidate | str:
    """Return the edit that gives `function` (of `source`) the body that it has in `code`, or why there is none.

    Other functions of the file that `code` changes are changed too; functions and imports that it adds, and that the
    file lacks, go into the body. `weight` is the share of the text that stays.
    """
    new = _counterpart(source, function, code)
    if new is None:
        return f"the answer has no function named {function.name}"
    changed = _changed(source, function, new, code)
    added = _added(source, code, [each for _, each in changed])
    reaching = brought_in([*(each for _, each in changed), *added], source.tree)
    if reaching:
        return f"the code brings in {', '.join(reaching)}, which the file does not use"
    edits: list[_Edit] = []
    first_user = next((old for old, other in changed if any(_bound(each) & _used(other) for each in added)), None)
    for old, other in changed:
        edit = _edit(source, old, code, other, added if old is first_user else [])
        if isinstance(edit, str):
            return edit
        edits += [edit] if edit.new_text != source.text[edit.start : edit.end] else []
    if not edits:
        return "the code does what the file's does already"
    return _joined(source, edits)


def _counterpart(source: Source, function: Function, code: Source) -> Function | None:
    """Return the answer's version of `function`: that in the class of the same name, else the last one."""
    found = [each for each in code.functions if each.name == function.name and code.function_of(each) is None]
    home = getattr(source.parent(function), "name", None)
    at_home = [each for each in found if getattr(code.parent(each), "name", None) == home]
    return next(iter([*reversed(at_home), *reversed(found)]), None)


def _changed(source: Source, function: Function, new: Function, code: Source) -> list[tuple[Function, Function]]:
    """Return the functions of the file that the answer has another version of, each with that version, in order."""
    pairs = [(function, new)]
    for old in source.functions:
        if isinstance(source.parent(old), ast.Module) and old.name != function.name and not old.name.startswith("test"):
            pairs += [(old, each) for each in code.tree.body if isinstance(each, _FUNCTIONS) and each.name == old.name]
    return sorted([pair for pair in pairs if not _is_same(*pair)], key=lambda pair: pair[0].lineno)


def _is_same(old: Function, new: Function) -> bool:
    return [ast.dump(each) for each in body(old)] == [ast.dump(each) for each in body(new)] and ast.dump(
        _plain(old.args)
    ) == ast.dump(_plain(new.args))


def _plain(arguments: ast.arguments) -> ast.arguments:
    """Return the parameters without annotations."""
    copy: ast.arguments = ast.parse(f"def f({ast.unparse(arguments)}): 0").body[0].args  # type: ignore[attr-defined]
    for each in ast.walk(copy):
        if isinstance(each, ast.arg):
            each.annotation = None
    return copy


def _edit(source: Source, old: Function, code: Source, new: Function, added: list[ast.stmt]) -> _Edit | str:
    if type(old) is not type(new):
        return f"the answer's {old.name} is {'a plain' if isinstance(new, ast.FunctionDef) else 'an async'} function"
    if [each.arg for each in parameters(old.args)] != [each.arg for each in parameters(new.args)]:
        return f"the answer's {old.name} has other parameters"
    if not body(new):
        return f"the answer's {old.name} has no code"
    begin, start, end = source.span(old)[0], header_end(source, old), source.span(old)[1]
    indent = indent_of_body(source, old)
    lines = [line for each in added for line in _indented(code.code(each), indent)]
    blank = _BLANK.match(source.text, start, end)
    text = (blank[0] if blank else "\n") + "\n".join([*lines, *body_lines(code, new, indent)])
    node: ast.AST = old.body[0]
    header = new_header(old, new)
    if header is not None:
        text = header + source.text[colon(source, old) : start] + text
        start, node = begin, old
    return _Edit(start, end, text.replace("\r\n", "\n").replace("\n", source.newline), node)


def _indented(text: str, indent: str) -> list[str]:
    return [indent + line if line.strip() else line for line in text.split("\n")]


def _added(source: Source, code: Source, functions: list[Function]) -> list[ast.stmt]:
    """Return the imports and functions that the answer brings along, that `functions` use and the file lacks."""
    known, wanted = _names_of_module(source.tree), {name for each in functions for name in _used(each)}
    lacking = [each for each in code.tree.body if _bound(each) - known - {function.name for function in functions}]
    found: list[ast.stmt] = []
    while more := [each for each in lacking if each not in found and _bound(each) & wanted]:
        found += more
        wanted |= {name for each in more for name in _used(each)}
    return [each for each in code.tree.body if each in found]


def _names_of_module(tree: ast.Module) -> set[str]:
    known = {name for each in tree.body for name in _bound(each)}
    plain = [each for each in tree.body if not isinstance(each, (*_FUNCTIONS, ast.ClassDef))]
    return known | {
        each.id
        for top in plain
        for each in ast.walk(top)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that an import or a function binds; nothing for what is not to be taken along."""
    if isinstance(statement, ast.Import) or (
        isinstance(statement, ast.ImportFrom) and statement.module != "__future__"
    ):
        return {(each.asname or each.name).partition(".")[0] for each in statement.names} - {"*"}
    return {statement.name} if isinstance(statement, _FUNCTIONS) and not statement.name.startswith("test") else set()


def _used(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _joined(source: Source, edits: list[_Edit]) -> Candidate:
    """Return the edits as one, cut down to what differs."""
    start, end = edits[0].start, edits[-1].end
    text, at = "", start
    for each in edits:
        text += source.text[at : each.start] + each.new_text
        at = each.end
    old = source.text[start:end]
    before, after = _common(old, text)
    node = edits[0].node if len(edits) == 1 else source.tree
    return Candidate(
        start=start + before,
        end=end - after,
        new_text=text[before : len(text) - after],
        operator=OPERATOR,
        node=node,
        weight=max(0.01, SequenceMatcher(None, _TOKEN.findall(old), _TOKEN.findall(text), autojunk=False).ratio()),
    )


def _common(old: str, new: str) -> tuple[int, int]:
    """Return how much both begin and end with: whole lines, and within a single line whole words."""
    for pieces in (re.compile(r"[^\n]*\n|[^\n]+"), _TOKEN):
        olds, news = pieces.findall(old), pieces.findall(new)
        first = 0
        while first < min(len(olds), len(news)) and olds[first] == news[first]:
            first += 1
        last = 0
        while last < min(len(olds), len(news)) - first and olds[-1 - last] == news[-1 - last]:
            last += 1
        before, after = len("".join(olds[:first])), len("".join(olds[len(olds) - last :]))
        rest = old[before : len(old) - after], new[before : len(new) - after]
        if not all(rest) or any("\n" in each.rstrip("\n") for each in rest):
            break
    return before, after
