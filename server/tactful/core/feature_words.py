"""The gate's features in words for people: what each is called, and how its value is read.

Knows the names of `features` and in which form their numbers come; must not know what a model makes of them. A feature
without an entry is called by its name.
"""

from collections.abc import Callable
from math import exp, expm1

__all__ = ["feature_value", "feature_words"]


def feature_words(name: str) -> str:
    """Return what a feature is called."""
    words, _ = _FEATURES.get(name, ("", _number))
    return words or _of_family(name) or name.replace("_", " ")


def feature_value(name: str, value: float) -> str:
    """Return a feature's value as people read it; NaN is "not known"."""
    if value != value:
        return "not known"
    _, shown = _FEATURES.get(name, ("", _yes_or_no if _of_family(name) else _number))
    return shown(value)


def _yes_or_no(value: float) -> str:
    return "yes" if value else "no"


def _number(value: float) -> str:
    return f"{value:.3g}"


def _counted(value: float) -> str:
    return f"{expm1(value):,.0f}"


def _share(value: float) -> str:
    return f"{value:.0%}"


def _likely(value: float) -> str:
    return f"{exp(value):.1%}"


def _ms(value: float) -> str:
    ms = expm1(value)
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:,.0f} s"


def _s(value: float) -> str:
    return f"{expm1(value):,.0f} s"


_SIGNS = {
    "dot": "a dot",
    "open": "an opening bracket",
    "close": "a closing bracket",
    "comma": "a comma",
    "colon": "a colon",
    "equals": "an equals sign",
    "quote": "a quote",
    "word": "a word",
    "space": "a blank",
}
_FAMILIES = {
    "begins_with_": "the suggestion begins with",
    "ends_with_": "the suggestion ends with",
    "source_is_": "it was found in: ",
    "line_is_": "the line is of the kind ",
    "node_is_": "the syntax around is of the kind ",
}


def _of_family(name: str) -> str | None:
    for beginning, words in _FAMILIES.items():
        if name.startswith(beginning):
            rest = name.removeprefix(beginning)
            return f"{words} {_SIGNS[rest]}" if rest in _SIGNS else f"{words}{rest}"
    return None


_FEATURES: dict[str, tuple[str, Callable[[float], str]]] = {
    "line_before_length": ("characters on the line so far", _number),
    "indent": ("indentation", _number),
    "line_before_blank": ("the line is still empty", _yes_or_no),
    "words_before": ("words on the line so far", _number),
    "line_after_length": ("characters behind the cursor", _number),
    "line_after_closes_only": ("only closing signs behind the cursor", _yes_or_no),
    "line_after_word": ("a word goes on behind the cursor", _yes_or_no),
    "partial_word_length": ("characters of the word being typed", _number),
    "space_before": ("a blank before the cursor", _yes_or_no),
    "after_dot": ("after a dot", _yes_or_no),
    "after_open_bracket": ("after an opening bracket", _yes_or_no),
    "after_close_bracket": ("after a closing bracket", _yes_or_no),
    "after_comma": ("after a comma", _yes_or_no),
    "after_equals": ("after an equals sign", _yes_or_no),
    "after_colon": ("after a colon", _yes_or_no),
    "after_quote": ("next to a quote", _yes_or_no),
    "after_operator": ("after an operator", _yes_or_no),
    "after_keyword": ("after a keyword", _yes_or_no),
    "line_has_equals": ("the line assigns", _yes_or_no),
    "document_length": ("characters in the file", _counted),
    "lines_before": ("lines above", _counted),
    "lines_after": ("lines below", _counted),
    "blank_lines_above": ("blank lines just above", _number),
    "previous_line_length": ("characters on the line above", _number),
    "indent_change": ("indented more than the line above by", _number),
    "previous_line_opens": ("the line above opens a block or bracket", _yes_or_no),
    "previous_line_continues": ("the line above goes on here", _yes_or_no),
    "partial_word_seen": ("times the beginning of the word occurs above", _counted),
    "last_word_seen": ("times the last word occurs above", _counted),
    "line_start_seen": ("times a line here begins like this one", _counted),
    "common_with_previous_line": ("characters in common with the line above", _number),
    "in_string": ("inside a string", _yes_or_no),
    "in_comment": ("inside a comment", _yes_or_no),
    "in_error": ("the line does not parse yet", _yes_or_no),
    "error_near": ("an error near by", _yes_or_no),
    "depth": ("depth in the syntax tree", _number),
    "in_function": ("inside a function", _yes_or_no),
    "in_class": ("inside a class", _yes_or_no),
    "open_brackets": ("open brackets", _number),
    "ms_since_last_edit": ("time since the last key", _ms),
    "ms_between_edits": ("usual time between keys", _ms),
    "chars_in_run": ("characters typed without a pause", _counted),
    "deletions_in_last_ten": ("deletions among the last ten edits", _number),
    "undone_in_last_ten": ("undone edits among the last ten", _number),
    "last_edit_length": ("characters in the last edit", _counted),
    "recent_wanted_share": ("share of recent suggestions that were wanted", _share),
    "last_wanted": ("the last suggestion was wanted", _yes_or_no),
    "refusals_in_a_row": ("suggestions in a row that were not wanted", _number),
    "s_since_last_shown": ("time since the last suggestion", _s),
    "s_since_last_ended": ("time since the last suggestion went", _s),
    "typed_since_last": ("characters typed since the last suggestion", _counted),
    "deleted_since_last": ("characters deleted since the last suggestion", _counted),
    "asks_model": ("a language model is asked", _yes_or_no),
    "s_since_last_accepted": ("time since one was accepted", _s),
    "engine_probability": ("the engine's own confidence", _share),
    "mean_logprob": ("the engine's confidence in each token", _likely),
    "least_logprob": ("the engine's confidence in the least sure token", _likely),
    "first_logprob": ("the engine's confidence in the first token", _likely),
    "total_logprob": ("the engine's confidence in all tokens", _likely),
    "tokens": ("tokens of the suggestion", _number),
    "match_length": ("tokens of context that matched", _number),
    "context_seen": ("times that context was seen", _counted),
    "length": ("characters of the suggestion", _counted),
    "lines": ("lines of the suggestion", _number),
    "words": ("words of the suggestion", _number),
    "letters_share": ("share of letters in the suggestion", _share),
    "bracket_balance": ("brackets that the suggestion leaves open", _number),
    "has_quote": ("the suggestion holds a text", _yes_or_no),
    "has_number": ("the suggestion holds a number", _yes_or_no),
    "has_comment": ("the suggestion holds a comment", _yes_or_no),
    "repeats_itself": ("share of its words that it repeats", _share),
    "completes_word": ("the suggestion completes a word", _yes_or_no),
    "names_known_share": ("share of its names that stand near by", _share),
    "rarest_name_seen": ("times its rarest name stands near by", _counted),
    "junction_seen": ("times it joins on like this in the file", _counted),
    "line_brackets_open": ("brackets that the line would leave open", _number),
    "line_quotes_odd": ("the line would leave a quote open", _yes_or_no),
    "whole_line_seen": ("times the whole line occurs in the file", _counted),
    "text_seen": ("times the suggested text occurs in the file", _counted),
    "same_as_previous_line": ("it repeats the line above", _yes_or_no),
    "common_with_next_line": ("characters in common with the next line", _number),
    "repeats_line_after": ("it repeats what follows", _yes_or_no),
    "parses": ("the line parses with it", _yes_or_no),
    "like_the_rejected": ("likeness to what was just turned down", _share),
    "share_of_line": ("share of the line that it suggests", _share),
}
