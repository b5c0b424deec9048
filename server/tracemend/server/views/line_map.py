"""Where the lines of a text that was run stand in the text that the editor shows.

A test stays fresh when a comment or another function moves it: what it executed is the same. Its lines are not, and a
value shown one line too low is worse than none. Lines of the shared beginning and end map exactly, those between are
aligned by `difflib` as long as they are few; what cannot be found again maps to nothing and is not shown.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_ALIGNED_LINES = 1500  # Of the part that differs; SequenceMatcher takes quadratic time.


@dataclass(frozen=True, slots=True)
class LineMap:
    """A map of 1-based lines. `blocks` are (first old line, first new line, count) of equal runs, in order."""

    blocks: tuple[tuple[int, int, int], ...]

    def new_line(self, old_line: int) -> int | None:
        """Return where an old line stands now, None where it was changed or removed."""
        for old_start, new_start, count in self.blocks:
            if old_start <= old_line < old_start + count:
                return new_start + old_line - old_start
        return None


def line_map(old: str, new: str) -> LineMap:
    """Map the lines of `old` to those of `new`. Line ends do not count, for editors may have unified them."""
    if old == new:
        return _SAME
    return _aligned(old, new)


_SAME = LineMap(((1, 1, sys.maxsize),))


def split_lines(text: str) -> list[str]:
    """Return the lines of `text` without their ends, split where Python's tokenizer does."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@lru_cache(maxsize=64)
def _aligned(old: str, new: str) -> LineMap:
    before, after = split_lines(old), split_lines(new)
    head = _shared_length(before, after)
    shortest = min(len(before), len(after)) - head
    tail = min(_shared_length(before[::-1], after[::-1]), shortest)
    blocks = [(1, 1, head)]
    inner_old, inner_new = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(inner_old), len(inner_new)) <= MAX_ALIGNED_LINES:
        matcher = difflib.SequenceMatcher(None, inner_old, inner_new, autojunk=False)
        blocks += [(head + one.a + 1, head + one.b + 1, one.size) for one in matcher.get_matching_blocks()]
    blocks.append((len(before) - tail + 1, len(after) - tail + 1, tail))
    return LineMap(tuple(block for block in blocks if block[2]))


def _shared_length(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many lines both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(first), len(second)))
