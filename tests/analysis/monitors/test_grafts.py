"""What is said of expressions that do not stand in the text: one row for each kind of certain error, and each doubt."""

from __future__ import annotations

import pytest
from oracle_check import check_refusal

PARTS = """
    #- snippet.py
    class Part:
        def __init__(self):
            self.weight = 1
            self.maker = None
        def move(self, by, *, fast=False): ...

    def work(given, text: str, count: int):
        part = Part()
        names = [text]
        $0result = part
        part = given
"""

REFUSED = {
    "a member that nothing has": ("part.width", "`snippet.Part` has no member `width`"),
    "a member of what a comprehension binds": (
        "[one.append for one in [text]]",
        "`str` has no member `append`",
    ),
    "too few arguments": ("part.move()", "`part.move` misses the argument `by`"),
    "an unknown keyword": ("part.move(1, quick=True)", "`part.move` takes no keyword argument `quick`"),
    "the size of a number": ("len(count)", "a number has no `len`"),
    "an item of a number": ("count[0]", "a number has no items"),
    "membership in a number": ("text in count", "a number holds nothing"),
    "the order of a number and a text": (
        "count < text",
        "a number is neither less nor greater than a collection",
    ),
    "the sum of a number and a list": ("count + names", "a number and a collection do not add up"),
}

ALLOWED = {
    "a member that there is": "part.weight",
    "a parameter of unknown type": "given.anything",
    "what stands for a value to come": "part.maker.name",
    "whoever asks knows more": "isinstance(text, Part) and text.weight",
    "a name that the expression binds": "[part := given, part.width]",
    "starred arguments": "part.move(*names)",
    "a lambda's own names": "lambda part: part.width",
    "repetition of a text": "count * text",
}


@pytest.mark.parametrize(("expression", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(expression, why):
    check_refusal(PARTS, expression, why)


@pytest.mark.parametrize("expression", ALLOWED.values(), ids=ALLOWED.keys())
def test_allows(expression):
    check_refusal(PARTS, expression, "")


def test_what_reaches_the_statement_counts():
    check_refusal(
        "x = [1]\ndef f():\n    y = 'a'\n    $0print(y)\n    y = []\n",
        "y.append(1)",
        "`str` has no member `append`",
    )


def test_an_error_that_is_caught_is_no_error():
    check_refusal(
        "def f():\n    y = 'a'\n    try:\n        $0print(y)\n    except AttributeError: ...\n",
        "y.append(1)",
        "",
    )
