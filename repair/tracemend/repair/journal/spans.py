"""An edit as one span of a text, and the name of a text: with both, a line of the journal stays short."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b


def replaced_span(old: str, new: str) -> tuple[int, int, str]:
    """Return (start, end, text) such that `old[:start] + text + old[end:] == new`, as short as can be."""
    shorter = min(len(old), len(new))
    head = _common_length(lambda length: old[:length] == new[:length], shorter)
    tail = _common_length(lambda length: old[len(old) - length :] == new[len(new) - length :], shorter - head)
    return head, len(old) - tail, new[head : len(new) - tail]


def text_digest(text: str) -> str:
    """Return the name of a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _common_length(agrees: Callable[[int], bool], most: int) -> int:
    """Return the largest length up to `most` for which two texts agree, by bisection: whole slices compare fast."""
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if agrees(middle) else (least, middle - 1)
    return least
