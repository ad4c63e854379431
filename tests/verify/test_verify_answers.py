"""A model's answers taken apart, whatever they are."""

import pytest

from tactful.verify.repair.answers import read

CODE = "def f(x):\n    return x + 1"
FENCED = f"```python\n{CODE}\n```"


@pytest.mark.parametrize(
    ("text", "thought", "sure"),
    [
        (f"BUG: off by one\nSURE: 8\n{FENCED}", "off by one", 0.8),
        (f"**BUG:** off by one,\nalways\n\n**SURE:** 8/10\n\n{FENCED}\nThat is all.", "off by one, always", 0.8),
        (f"<think>BUG: no\n```\nx\n```</think>BUG: yes\n{FENCED}", "yes", 0.5),
        (f"BUG: a\r\nSURE: 99\r\n{FENCED}".replace("\n", "\r\n"), "a", 1.0),
        (f"bug: it adds\nsure: 0\n{CODE}", "it adds", 0.0),
        (FENCED, "", 0.5),
        (f"BUG: cut off\n```python\n{CODE}\n", "cut off", 0.5),
        (f"BUG: in a class\n```\n    {CODE.replace(chr(10), chr(10) + '    ')}\n```", "in a class", 0.5),
        (f"```\nx = 1\n```\nBUG: late\n{FENCED}", "", 0.5),
    ],
)
def test_thought_sureness_and_code_are_found(text: str, thought: str, sure: float) -> None:
    answered = read(text)
    assert (answered.thought, answered.sure, answered.code, answered.fault) == (thought, sure, CODE, "")
    assert answered.source is not None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "the answer is empty"),
        (" \n\t", "the answer is empty"),
        ("I am sorry, I cannot see a bug here.", "the answer holds no code"),
        ("```python\n```", "the answer holds no code"),
        ("```python\ndef f(x:\n    return\n```", "the code has a syntax error at its line 1: '(' was never closed"),
        ("```\ndef f():\n    '\0'\n```", "the code cannot be parsed"),
        ("```\n" + "(" * 500 + "\n```", "the code has a syntax error"),
        ("```\nx = 1\n" + "#" * 30_000 + "\n```", "the code is longer than 20000 characters"),
    ],
)
def test_what_is_of_no_use_says_why(text: str, fault: str) -> None:
    answered = read(text)
    assert answered.source is None
    assert answered.fault.startswith(fault) or "cannot be parsed" in answered.fault or "syntax" in answered.fault
    assert bool(answered.fault)


def test_a_thought_is_bounded() -> None:
    assert len(read("BUG: " + "so " * 5000 + FENCED).thought) == 600
