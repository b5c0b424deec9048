"""What a model wrote is cut into what can be inserted. `$0` marks the cursor."""

from __future__ import annotations

import pytest

from tracemend.repair.completion.templates import families
from tracemend.repair.completion.trimming import can_complete, trimmed, unfenced

BODY = "def f(a):\n    x = $0\n"

CASES = {
    "the block is left": (BODY, "foo(a)\n    return x\n\ndef g():\n    pass\n", "foo(a)\n    return x"),
    "a deeper block is kept": (BODY, "1\n    if a:\n        y = 2\n    return y\nz", "1\n    if a:\n        y = 2\n    return y"),
    "a bracket goes on at the margin": ("x = $0\n", "[\n    1,\n]\ny = 2", "[\n    1,\n]\ny = 2"),
    "a closing bracket behind the cursor": ("f($0)\n", "g(a))", "g(a)"),
    "a bracket that was open": ("f($0\n", "a, b)", "a, b)"),
    "a bracket that closes nothing": ("x = $0\n", "a] + b", "a"),
    "an open bracket at the end": (BODY, "1\n    y = foo(", "1"),
    "one line is all there is": (BODY, "foo(", "foo("),
    "the line below again": ("def f(a):\n    x = $0\n    return x + 1\n", "a\n    return x + 1\n", "a"),
    "the lines below again": ("a = $0\nb = 2\nc = 3\n", "1\nb = 2\nc = 3", "1"),
    "a special token": (BODY, "1<|endoftext|>import os", "1"),
    "lines that repeat": (BODY, "a\n    y()\n    y()\n    y()\n    y()", "a\n    y()"),
    "pairs of lines that repeat": (BODY, "1\n    a()\n    b()\n    a()\n    b()\n    a()\n    b()\n", "1\n    a()\n    b()"),
    "a line that repeats itself": (BODY, "some_value or some_value or some_value or some_value or some_value or ", "some_value or"),
    "nothing": (BODY, "  \n\n", ""),
    "Windows line ends": (BODY, "1\r\n    y = 2\r\n", "1\n    y = 2"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_trimming(case: str):
    snippet, written, expected = CASES[case]
    before, _, after = snippet.partition("$0")
    assert trimmed(written, before, after, families()["qwen-coder"]) == expected


@pytest.mark.parametrize(
    ("snippet", "expected"),
    [
        ("x = $0\n", True),
        ("f($0)\n", True),
        ("f(a$0):\n", True),
        ("na$0me\n", False),
        ("x = $0 + 1\n", False),
        ("na$0", True),
    ],
)
def test_where_a_text_can_be_put_in(snippet: str, expected: bool):
    before, _, after = snippet.partition("$0")
    assert can_complete(before, after) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Sure:\n```python\nfoo(a)\n```\nThat is it.", "foo(a)"),
        ("```python\n    x = foo(a)\n    return x\n```", "foo(a)\n    return x"),
        ("```\nx = foo(a)\n```", "foo(a)"),
        ("foo(a)\n", "foo(a)"),
        ("```python\nfoo(a)", "foo(a)"),
    ],
)
def test_the_code_in_an_answer_of_a_chat(answer: str, expected: str):
    assert unfenced(answer, "def f(a):\n    x = ") == expected
