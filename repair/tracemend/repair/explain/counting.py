"""Numbers with the words that agree with them."""

from __future__ import annotations


def counted(number: int, one: str, many: str) -> str:
    """Return "1 input now gives" for 1 and "2 inputs now give" for every other number of them."""
    return f"{number} {one if number == 1 else many}"
