"""Functions and classes of one module by qualified name, read from its syntax tree; knows nothing of tests."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Symbol", "callers", "mentions", "symbol_at", "symbols"]

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A definition: its qualified name (`Stack.pop`) and its lines from 0, decorators included, the last one too."""

    name: str
    first_line: int
    last_line: int
    is_class: bool
    node: Definition

    @property
    def short_name(self) -> str:
        """The name that other code calls it by."""
        return self.name.rsplit(".", 1)[-1]


def symbols(tree: ast.Module) -> list[Symbol]:
    """Return every definition in `tree`, outer ones before inner ones."""
    return list(_walk(tree, ""))


def symbol_at(tree: ast.Module, line: int) -> Symbol | None:
    """Return the outermost function or method around `line` (from 0), else the innermost class, else None."""
    found = [each for each in symbols(tree) if each.first_line <= line <= each.last_line]
    functions = [each for each in found if not each.is_class]
    return functions[0] if functions else (found[-1] if found else None)


def mentions(node: ast.AST) -> frozenset[str]:
    """Return the names that `node` mentions: variables, attributes, parameters, imported names."""
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            found.add(each.id)
        elif isinstance(each, ast.Attribute):
            found.add(each.attr)
        elif isinstance(each, ast.arg):
            found.add(each.arg)
        elif isinstance(each, ast.alias):
            found.update(each.name.split("."))
    return frozenset(found)


def callers(tree: ast.Module, name: str) -> frozenset[str]:
    """Return the short names of the definitions in `tree` that reach `name` by mentioning it, directly or not."""
    mentioned = {each.short_name: mentions(each.node) for each in symbols(tree)}
    reached = {name}
    while added := {each for each, names in mentioned.items() if each not in reached and names & reached}:
        reached |= added
    return frozenset(reached - {name})


def _walk(node: ast.AST, prefix: str) -> Iterator[Symbol]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DEFINITIONS):
            first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
            name = prefix + child.name
            yield Symbol(
                name=name,
                first_line=first - 1,
                last_line=(child.end_lineno or child.lineno) - 1,
                is_class=isinstance(child, ast.ClassDef),
                node=child,
            )
            yield from _walk(child, name + ".")
        else:
            yield from _walk(child, prefix)
