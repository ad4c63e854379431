"""TypeScript, and TypeScript with JSX, which has a grammar of its own."""

import re
from dataclasses import replace
from typing import Any

from tactful.core.languages.javascript import FUNCTIONS, JAVASCRIPT, KEYWORDS, LINE_KINDS, NODE_GROUPS
from tactful.core.languages.language import by_name

__all__ = ["TSX", "TYPESCRIPT"]

_HEADERS = ("interface_declaration", "type_alias_declaration", "type_parameters", "required_parameter")
_WORDS = (
    "abstract as declare enum implements interface is keyof namespace private protected public readonly satisfies type"
)
_TYPES = ("interface", "type", "enum", "namespace", "abstract", "declare")


def _load() -> Any:
    import tree_sitter_typescript

    return tree_sitter_typescript.language_typescript()


def _load_tsx() -> Any:
    import tree_sitter_typescript

    return tree_sitter_typescript.language_tsx()


TYPESCRIPT = replace(
    JAVASCRIPT,
    ids=("typescript",),
    suffixes=(".ts", ".mts", ".cts"),
    load=_load,
    functions=FUNCTIONS | {"function_signature", "method_signature", "abstract_method_signature"},
    classes=JAVASCRIPT.classes | {"abstract_class_declaration", "interface_declaration"},
    top_level=re.compile(rf"{JAVASCRIPT.top_level.pattern}|^(?:{'|'.join(_TYPES)}) ", re.MULTILINE),
    keywords=KEYWORDS | frozenset(_WORDS.split()),
    line_kinds=by_name(LINE_KINDS | {"definition": (*LINE_KINDS["definition"], *_TYPES)}),
    node_groups=by_name(
        NODE_GROUPS
        | {
            "header": (*NODE_GROUPS["header"], *_HEADERS),
            "block": (*NODE_GROUPS["block"], "interface_body", "object_type", "enum_body"),
        }
    ),
)
TSX = replace(TYPESCRIPT, ids=("typescriptreact",), suffixes=(".tsx",), load=_load_tsx)
