"""JavaScript, with JSX."""

import re
from typing import Any

from tactful.core.languages.language import Language, Lexis, by_name

__all__ = ["FUNCTIONS", "JAVASCRIPT", "KEYWORDS", "LINE_KINDS", "NODE_GROUPS", "SCRIPT_LEXIS"]

SCRIPT_LEXIS = Lexis(comments=("//",), blocks=("`",), spans={"/*": "*/"})
FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "generator_function_declaration",
        "generator_function",
        "arrow_function",
        "method_definition",
    }
)
_WORDS = (
    "async await break case catch class const continue debugger default delete do else export extends finally for from"
    " function if import in instanceof let new of return static super switch this throw try typeof var void while with"
    " yield"
)
KEYWORDS = frozenset(_WORDS.split())
LINE_KINDS = {
    "import": ("import", "require"),
    "definition": ("function", "class", "async", "export"),
    "return": ("return", "yield", "throw"),
    "branch": ("if", "else", "for", "while", "do", "switch", "case", "default", "try", "catch", "finally"),
    "assert": ("assert", "expect"),
}
NODE_GROUPS = {
    "arguments": ("arguments", "call_expression", "new_expression"),
    "attribute": ("member_expression", "property_identifier"),
    "header": ("formal_parameters", "class_heritage", *FUNCTIONS, "class_declaration"),
    "import": ("import_statement", "import_clause", "named_imports", "import_specifier", "export_clause"),
    "collection": ("array", "object", "pair", "object_pattern", "array_pattern", "subscript_expression"),
    "assignment": (
        "assignment_expression",
        "augmented_assignment_expression",
        "variable_declarator",
        "lexical_declaration",
        "variable_declaration",
    ),
    "block": ("program", "statement_block", "class_body", "switch_body"),
}


def _load() -> Any:
    import tree_sitter_javascript

    return tree_sitter_javascript.language()


JAVASCRIPT = Language(
    ids=("javascript", "javascriptreact"),
    suffixes=(".js", ".mjs", ".cjs", ".jsx"),
    load=_load,
    lexis=SCRIPT_LEXIS,
    strings=frozenset({"string", "template_string"}),
    interpolations=frozenset({"template_substitution"}),
    comments=frozenset({"comment", "html_comment"}),
    functions=FUNCTIONS,
    classes=frozenset({"class_declaration", "class"}),
    braces=True,
    top_level=re.compile(
        r"^(?:export |import |async function|function[ *]|class |const |let |var |module\.|exports\.)", re.MULTILINE
    ),
    keywords=KEYWORDS,
    line_kinds=by_name(LINE_KINDS),
    node_groups=by_name(NODE_GROUPS),
    openings={"}": "if (x) {\n", "else": "if (x) {}\n", "catch": "try {}\n", "finally": "try {}\n"},
    bodies={"{": "\n}"},
)
