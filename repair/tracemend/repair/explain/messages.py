"""The message of an exception on one line.

pytest and unittest follow the assertion by a diff and by advice on their own options ("Use -v to get more diff"), which
help on a page of their own and hurt in a sentence.
"""

from __future__ import annotations

MAX_MESSAGE = 300  # Characters; pytest shortens the two sides of a comparison to about as much.


def short_message(message: str) -> str:
    """Return the first line of `message`, and what else was said there about the assertion itself.

    That is pytest's first "+  where 5 = f(50)", the assertion below a message of the test's own, and the test's own
    message below unittest's diff.
    """
    first, *rest = message.strip().split("\n")
    lines = [" ".join(line.split()) for line in rest]
    short = " ".join(first.split()).removesuffix(":")
    asserted = next((line for line in lines if line.startswith("assert ")), "")
    if asserted and not short.startswith("assert "):
        short = f"{short} ({asserted})"
    where = next((line for line in lines if line.startswith("+ where ")), "")
    if where:
        short = f"{short}, {where.removeprefix('+ ')}"
    if lines and lines[-1].startswith(": "):
        short = f"{short} ({lines[-1].removeprefix(': ')})"
    return _shortened(short)


def _shortened(text: str) -> str:
    if len(text) <= MAX_MESSAGE:
        return text
    half = MAX_MESSAGE // 2 - 3
    return f"{text[:half]} ... {text[-half:]}"
