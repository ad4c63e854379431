"""The fill-in-the-middle prompts of model families: one table entry for each.

Where each spelling is documented stands at its entry; llama.cpp's list of fill-in-the-middle tokens (llama-vocab.cpp)
has those of Qwen, Granite Code, DeepSeek and Code Llama too. A family's order of prefix and suffix is the one it was
trained with, or most with.

Text that happens to hold a control token (this very file does) is defused: a word joiner is put behind the token's
first character, which keeps a tokenizer from seeing the token. `restore` takes it out of an answer again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tactful.core.types import Prompt, PromptPart

__all__ = ["FAMILIES", "Family", "commented", "defuse", "family_of", "render", "restore"]

_JOINER = "\N{WORD JOINER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How one family of models is asked to fill in the middle.

    The prompt is `before` prefix `between` suffix `after`, or with `suffix_first` `before` suffix `between` prefix
    `after`. `file` begins another file of the context (its path and a line end follow); a family without it gets
    context as comments. `stops` end an answer; `controls` are all tokens that must not come from the user's text.
    """

    models: str  # a pattern found in the lower-cased name of a model, be it a tag, a path or the name of a file
    before: str
    between: str
    after: str
    suffix_first: bool = False
    file: str = ""
    names_own_file: bool = False  # the document's own path stands before its text
    stops: tuple[str, ...]
    controls: tuple[str, ...] = ()

    @property
    def tokens(self) -> tuple[str, ...]:
        """Return every control token, the longest first."""
        own = {self.before.strip(), self.between.strip(), self.after.strip(), self.file, *self.stops, *self.controls}
        return tuple(sorted(own - {""}, key=lambda token: (-len(token), token)))


FAMILIES: dict[str, Family] = {
    # Qwen2.5-Coder's README (file and repository level) and Qwen3-Coder's README.
    "qwen": Family(
        models=r"qwen[\d._-]*coder",
        before="<|fim_prefix|>",
        between="<|fim_suffix|>",
        after="<|fim_middle|>",
        file="<|file_sep|>",
        names_own_file=True,
        stops=("<|endoftext|>", "<|file_sep|>", "<|fim_pad|>"),
        controls=("<|repo_name|>", "<|im_start|>", "<|im_end|>", "<|cursor|>"),
    ),
    # StarCoder 2 and The Stack v2 (Lozhkov et al. 2024), section 5.1: the file's path stands behind <fim_prefix>.
    "starcoder2": Family(
        models=r"starcoder[-_]?2",
        before="<fim_prefix>",
        between="<fim_suffix>",
        after="<fim_middle>",
        file="<file_sep>",
        stops=("<|endoftext|>", "<file_sep>"),
        controls=("<repo_name>", "<fim_pad>", "<filename>"),
    ),
    # Code Llama (Roziere et al. 2023) and its generation.py. The 34B and the Python models were not trained to fill in.
    "codellama": Family(
        models=r"code-?llama(?!.*(?:34b|python))",
        before="<PRE> ",
        between=" <SUF>",
        after=" <MID>",
        stops=("<EOT>", "</s>"),
        controls=("<s>",),
    ),
    # The READMEs of DeepSeek-Coder and DeepSeek-Coder-V2.
    "deepseek": Family(
        models=r"deepseek-?coder",
        before="<｜fim▁begin｜>",
        between="<｜fim▁hole｜>",
        after="<｜fim▁end｜>",
        stops=("<｜end▁of▁sentence｜>", "<|EOT|>"),
        controls=("<｜begin▁of▁sentence｜>",),
    ),
    # Mistral's cookbook on tokenization and mistral-common's encode_fim. Mamba Codestral cannot fill in.
    "codestral": Family(
        models=r"(?<!mamba-)codestral",
        before="[SUFFIX]",
        between="[PREFIX]",
        after="",
        suffix_first=True,
        stops=("</s>", "[PREFIX]"),
        controls=("[MIDDLE]", "<s>", "[INST]", "[/INST]"),
    ),
    # CodeGemma's page on prompt structure at ai.google.dev, and its model card for several files.
    "codegemma": Family(
        models=r"codegemma",
        before="<|fim_prefix|>",
        between="<|fim_suffix|>",
        after="<|fim_middle|>",
        file="<|file_separator|>",
        names_own_file=True,
        stops=("<|file_separator|>", "<eos>"),
        controls=("<bos>", "<start_of_turn>", "<end_of_turn>"),
    ),
    # StarCoder's special_tokens_map.json, which has no <file_sep>. Granite Code and Granite 3 took the tokenizer over
    # (the tokens in their GGUF files); StableCode and CodeQwen1.5 spell the tokens so too (their model cards).
    "granite-code": Family(
        models=r"granite.*code|granite-?3\.3|starcoder|stable-?code|codeqwen",
        before="<fim_prefix>",
        between="<fim_suffix>",
        after="<fim_middle>",
        stops=("<|endoftext|>", "<|end_of_text|>"),
        controls=("<fim_pad>", "<filename>", "<reponame>", "<|start_of_role|>", "<|end_of_role|>"),
    ),
    # Granite 4's tokenizer_config.json; Granite 3.0 to 3.2 were not trained to fill in.
    "granite": Family(
        models=r"granite-?(?!3)\d",
        before="<|fim_prefix|>",
        between="<|fim_suffix|>",
        after="<|fim_middle|>",
        stops=("<|end_of_text|>", "<|fim_pad|>"),
        controls=("<|start_of_role|>", "<|end_of_role|>", "<|filename|>", "<|reponame|>"),
    ),
    # Seed-Coder's technical report, section on fill-in-the-middle, and its model card.
    "seed-coder": Family(
        models=r"seed-?coder",
        before="<[fim-suffix]>",
        between="<[fim-prefix]>",
        after="<[fim-middle]>",
        suffix_first=True,
        stops=("<[end▁of▁sentence]>",),
        controls=("<[begin▁of▁sentence]>", "<[PAD▁TOKEN]>"),
    ),
}


def family_of(model: str) -> str | None:
    """Return the name of the family that a model's name tells of, None where it tells of none."""
    return next((name for name, family in FAMILIES.items() if re.search(family.models, model.lower())), None)


def render(family: Family, prompt: Prompt, comment: str = "#") -> str:
    """Return the prompt's text; `comment` begins a comment in the document's language."""
    own = prompt.parts[0]
    prefix, suffix = defuse(family, own.text), defuse(family, prompt.suffix)
    context = _context(family, prompt.context, comment)
    if family.file and context:
        path = f"{defuse(family, own.path)}\n"
        named = family.file + (path if family.names_own_file else "")
        return context + named + family.before + ("" if family.names_own_file else path) + _body(family, prefix, suffix)
    return family.before + _body(family, context + prefix, suffix)


def defuse(family: Family, text: str) -> str:
    """Return `text` without anything that the family's tokenizer takes for a control token."""
    return _spelled(family).sub(lambda found: found[1] + _JOINER + found[2] + found[3], text)


def restore(family: Family, text: str) -> str:
    """Undo `defuse` in a text that a model has written."""
    return _spelled(family).sub(lambda found: found[1] + found[2].removeprefix(_JOINER) + found[3], text)


def _body(family: Family, prefix: str, suffix: str) -> str:
    first, second = (suffix, prefix) if family.suffix_first else (prefix, suffix)
    return first + family.between + second + family.after


def _context(family: Family, parts: Sequence[PromptPart], comment: str) -> str:
    """Return the parts from elsewhere, the nearest last: what stands next to the code weighs most."""
    if family.file:
        files = (defuse(family, part.path + "\n" + part.text) for part in reversed(parts))
        return "".join(f"{family.file}{text}\n" for text in files)
    return defuse(family, commented(parts, comment))


def commented(parts: Sequence[PromptPart], comment: str) -> str:
    """Return the parts as comment lines, each under its path, the nearest last."""
    lines = [line for part in reversed(parts) for line in (f"Path: {part.path}", *part.text.splitlines())]
    return "".join(f"{comment} {line}".rstrip() + "\n" for line in lines)


@cache
def _spelled(family: Family) -> re.Pattern[str]:
    """Return a pattern for the control tokens, defused any number of times: first character, joiners, the rest."""
    tokens = "|".join(f"{re.escape(token[1:])}" for token in family.tokens)
    firsts = "".join(sorted({re.escape(token[0]) for token in family.tokens}))
    return re.compile(f"([{firsts}])({_JOINER}*)({tokens})")
