"""Fill-in-the-middle prompts: one line for each family, and what must hold for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.backends.remote.call import call_for, way_of
from tactful.backends.remote.ending import Goal
from tactful.backends.remote.families import FAMILIES, defuse, family_of, render, restore
from tactful.backends.remote.settings import EndpointSettings
from tactful.core.types import PartKind, Prompt, PromptPart


def prompt(prefix: str, suffix: str, *context: tuple[str, str]) -> Prompt:
    own = [
        PromptPart(kind=PartKind.PREFIX, path="app.py", text=prefix, why=""),
        PromptPart(kind=PartKind.SUFFIX, path="app.py", text=suffix, why=""),
    ]
    others = [PromptPart(kind=PartKind.SIMILAR, path=path, text=text, why="") for path, text in context]
    return Prompt(parts=(*own, *others), redactions=0)


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("qwen", "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>"),
        ("starcoder2", "<fim_prefix>a<fim_suffix>b<fim_middle>"),
        ("codellama", "<PRE> a <SUF>b <MID>"),
        ("deepseek", "<｜fim▁begin｜>a<｜fim▁hole｜>b<｜fim▁end｜>"),
        ("codestral", "[SUFFIX]b[PREFIX]a"),
        ("codegemma", "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>"),
        ("granite-code", "<fim_prefix>a<fim_suffix>b<fim_middle>"),
        ("granite", "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>"),
        ("seed-coder", "<[fim-suffix]>b<[fim-prefix]>a<[fim-middle]>"),
    ],
)
def test_the_prompt_of_each_family(family, expected):
    assert render(FAMILIES[family], prompt("a", "b")) == expected


def test_every_family_is_in_the_table_above_and_among_the_settings():
    from tactful.config import describe

    (template,) = [setting for setting in describe() if setting.name == "backend.template"]
    assert set(template.choices) == {"auto", "suffix", "chat", *FAMILIES}


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("qwen", "<|file_sep|>far.py\nf\n<|file_sep|>near.py\nn\n<|file_sep|>app.py\n<|fim_prefix|>a<|fim_suffix|>b"),
        ("starcoder2", "<file_sep>far.py\nf\n<file_sep>near.py\nn\n<file_sep><fim_prefix>app.py\na<fim_suffix>b"),
        ("deepseek", "<｜fim▁begin｜># Path: far.py\n# f\n# Path: near.py\n# n\na<｜fim▁hole｜>b"),
        ("codestral", "[SUFFIX]b[PREFIX]# Path: far.py\n# f\n# Path: near.py\n# n\na"),
    ],
)
def test_context_stands_before_the_code_the_nearest_last(family, expected):
    assert render(FAMILIES[family], prompt("a", "b", ("near.py", "n"), ("far.py", "f"))).startswith(expected)


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("qwen2.5-coder:1.5b-base", "qwen"),
        ("qwen2.5-coder:7b-base", "qwen"),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", "qwen"),
        ("qwen3-coder-next", "qwen"),
        ("hf.co/unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF:Q4_K_M", "qwen"),
        ("/models/qwen2.5-coder-1.5b-q8_0.gguf", "qwen"),
        ("Qwen2.5.1-Coder-7B-Instruct-Q4_K_M.gguf", "qwen"),
        ("qwen_coder_plus", "qwen"),
        ("codeqwen:7b-code", "granite-code"),
        ("bigcode/starcoder2-7b", "starcoder2"),
        ("starcoder2:3b", "starcoder2"),
        ("second-state/StarCoder2-3B-GGUF", "starcoder2"),
        ("starcoder:7b", "granite-code"),
        ("bigcode/starcoderbase-1b", "granite-code"),
        ("stable-code:3b-code", "granite-code"),
        ("codellama:7b-code", "codellama"),
        ("CodeLlama-13b-hf", "codellama"),
        ("TheBloke/CodeLlama-7B-GGUF", "codellama"),
        ("codellama:34b-code", None),
        ("meta-llama/CodeLlama-7b-Python-hf", None),
        ("deepseek-coder-v2:16b-lite-base", "deepseek"),
        ("deepseek-coder:6.7b-base", "deepseek"),
        ("deepseek-ai/DeepSeek-Coder-V2-Lite-Base", "deepseek"),
        ("DeepSeek-Coder-V2-Lite-Instruct-Q4_K_M.gguf", "deepseek"),
        ("codestral-latest", "codestral"),
        ("codestral:22b", "codestral"),
        ("mistralai/Codestral-22B-v0.1", "codestral"),
        ("mistralai/Mamba-Codestral-7B-v0.1", None),
        ("codegemma:2b-code", "codegemma"),
        ("google/codegemma-7b", "codegemma"),
        ("ibm-granite/granite-8b-code-base", "granite-code"),
        ("granite-code:3b", "granite-code"),
        ("granite3.3:8b", "granite-code"),
        ("ibm-granite/granite-3.3-8b-base", "granite-code"),
        ("granite3.1-dense:8b", None),
        ("granite-4.0-h-tiny", "granite"),
        ("granite4:micro", "granite"),
        ("ByteDance-Seed/Seed-Coder-8B-Base", "seed-coder"),
        ("seed-coder-8b-base-q4_k_m.gguf", "seed-coder"),
        ("gpt-4o-mini", None),
        ("deepseek-r1:8b", None),
        ("qwen3:8b", None),
    ],
)
def test_the_family_is_told_by_the_name(model, family):
    assert family_of(model) == family


@pytest.mark.parametrize(
    ("base_url", "model", "template", "asked_at"),
    [
        ("http://localhost:8080/v1", "qwen2.5-coder", "qwen", "http://localhost:8080/v1"),
        ("http://localhost:11434/v1/", "qwen2.5-coder", "suffix", "http://localhost:11434/v1"),
        ("http://localhost:11434/v1", "llama3.2", "chat", "http://localhost:11434/v1"),
        ("https://api.mistral.ai/v1", "codestral-latest", "suffix", "https://api.mistral.ai/v1/fim"),
        ("https://codestral.mistral.ai/v1/fim", "codestral-latest", "suffix", "https://codestral.mistral.ai/v1/fim"),
        ("https://gateway.example/v1", "codestral-22b", "codestral", "https://gateway.example/v1"),
        ("https://api.deepseek.com/beta", "deepseek-chat", "suffix", "https://api.deepseek.com/beta"),
        ("https://api.openai.com/v1", "gpt-4o-mini", "chat", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1", "gpt-3.5-turbo-instruct", "suffix", "https://api.openai.com/v1"),
    ],
)
def test_the_way_is_chosen_by_address_and_name(base_url, model, template, asked_at):
    way = way_of(EndpointSettings(base_url=base_url, model=model))
    assert (way.template, way.base_url) == (template, asked_at)


def test_the_way_can_be_set_by_hand():
    settings = EndpointSettings(base_url="http://localhost:11434/v1", model="mine", template="starcoder2")
    assert way_of(settings).template == "starcoder2"


@pytest.mark.parametrize("template", ["suffix", "chat", *FAMILIES])
@pytest.mark.parametrize("goal", list(Goal))
def test_never_more_than_four_stop_strings(template, goal):
    way = way_of(EndpointSettings(base_url="http://localhost/v1", model="qwen2.5-coder", template=template))
    assert len(call_for(way, prompt("a", "b"), "python", goal).body.get("stop", [])) <= 4


pieces = st.lists(
    st.one_of(
        st.text(max_size=5),
        st.sampled_from([token for family in FAMILIES.values() for token in family.tokens]),
        st.sampled_from(["\N{WORD JOINER}", "<", "<|", "[", "|>", "[SUF", "FIX]"]),
    ),
    max_size=6,
).map("".join)


@given(prefix=pieces, suffix=pieces)
@pytest.mark.parametrize("name", FAMILIES)
def test_prefix_and_suffix_can_be_read_from_the_prompt_again_whatever_they_hold(name, prefix, suffix):
    family = FAMILIES[name]
    text = render(family, prompt(prefix, suffix))
    head, between, tail = text.partition(family.between)
    assert between
    assert family.between not in tail
    assert head.startswith(family.before)
    first, second = head.removeprefix(family.before), tail.removesuffix(family.after)
    first, second = (second, first) if family.suffix_first else (first, second)
    assert (restore(family, first), restore(family, second)) == (prefix, suffix)


@given(text=pieces)
@pytest.mark.parametrize("name", FAMILIES)
def test_no_control_token_of_the_users_text_is_left(name, text):
    family = FAMILIES[name]
    assert not any(token in defuse(family, text) for token in family.tokens)
