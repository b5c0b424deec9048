"""Messages of pytest, unittest and others on one line."""

from __future__ import annotations

import pytest

from tracemend.repair.explain.messages import MAX_MESSAGE, short_message

CASES = {
    "": "",
    "division by zero": "division by zero",
    "two\n  lines": "two",
    "ended with exit code 3:\nits output": "ended with exit code 3",
    "assert [1] == [1, 2]\n  \n  Right contains one more item: 2\n  Use -v to get more diff": "assert [1] == [1, 2]",
    "assert 5 == 4\n +  where 5 = f(50)\n +    where 50 = g()": "assert 5 == 4, where 5 = f(50)",
    "they differ\n  and more\nassert [1] == [2]\n  \n  At index 0 diff: 1 != 2": "they differ (assert [1] == [2])",
    "Lists differ: [1] != [2]\n\nFirst differing element 0:\n1\n2\n\n- [1]\n+ [2]\n : too few": (
        "Lists differ: [1] != [2] (too few)"
    ),
}


@pytest.mark.parametrize(("message", "short"), CASES.items())
def test_short_message(message: str, short: str) -> None:
    assert short_message(message) == short


def test_long_message_keeps_both_ends() -> None:
    short = short_message("begin " + "x" * 9000 + " end")
    assert short.startswith("begin ") and short.endswith(" end")
    assert len(short) <= MAX_MESSAGE
