"""Python."""

import keyword
import re
from typing import Any

from tactful.core.languages.language import Language, Lexis, by_name

__all__ = ["PYTHON"]


def _load() -> Any:
    import tree_sitter_python

    return tree_sitter_python.language()


PYTHON = Language(
    ids=("python",),
    suffixes=(".py", ".pyi"),
    load=_load,
    lexis=Lexis(comments=("#",), blocks=('"""', "'''")),
    strings=frozenset({"string"}),
    interpolations=frozenset({"interpolation"}),
    comments=frozenset({"comment"}),
    functions=frozenset({"function_definition"}),
    classes=frozenset({"class_definition"}),
    decorated=frozenset({"decorated_definition"}),
    braces=False,
    top_level=re.compile(r"^(?:async def |def |class |@|import |from )", re.MULTILINE),
    keywords=frozenset(keyword.kwlist) - {"None", "True", "False"},
    line_kinds=by_name(
        {
            "import": ("import", "from"),
            "definition": ("def", "class", "async"),
            "return": ("return", "yield", "raise"),
            "branch": ("if", "elif", "else", "for", "while", "with", "try", "except", "finally", "match", "case"),
            "assert": ("assert",),
        }
    ),
    node_groups=by_name(
        {
            "arguments": ("argument_list", "keyword_argument", "call"),
            "attribute": ("attribute",),
            "header": (
                "parameters",
                "function_definition",
                "class_definition",
                "lambda_parameters",
                "default_parameter",
            ),
            "import": ("import_statement", "import_from_statement", "dotted_name", "aliased_import"),
            "collection": ("list", "tuple", "dictionary", "set", "pair", "list_comprehension", "subscript"),
            "assignment": ("assignment", "augmented_assignment"),
            "block": ("module", "block"),
        }
    ),
    openings={
        "else": "if x:\n    pass\n",
        "elif ": "if x:\n    pass\n",
        "except": "try:\n    pass\n",
        "finally": "try:\n    pass\n",
        "case ": "match x:\n    ",
    },
    bodies={":": "\n        pass"},
)
