"""The names that were probably meant: near ones only, at most three.

Nearness is the restricted Damerau-Levenshtein distance (optimal string alignment), which counts a transposition of
neighbours, the commonest slip of the keyboard, as one edit (Damerau, "A technique for computer detection and correction
of spelling errors", 1964). How many edits are near grows with the length of the word, as in CPython's own suggestions.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MAX_SUGGESTIONS = 3
MAX_LENGTH = 60
SIMILAR = 0.8


def nearest_names(word: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names near `word`, nearest first.

    Names that start with an underscore are offered only for words that do too, unless nothing else is left of them.
    """
    if not word or len(word) > MAX_LENGTH:
        return ()
    near = []
    for name in names:
        distance = _distance_if_near(word, name)
        if distance is not None:
            private = name.startswith("_") and not word.startswith("_")
            near.append((distance + private, -_similarity(word, name), name))
    return tuple(name for _, _, name in sorted(near)[:MAX_SUGGESTIONS])


def edit_distance(first: str, second: str, limit: int) -> int:
    """Return the number of insertions, deletions, replacements and transpositions between the two, capped at limit + 1."""
    if abs(len(first) - len(second)) > limit:
        return limit + 1
    before_last: list[int] = []
    last = list(range(len(second) + 1))
    for row, left in enumerate(first, 1):
        current = [row]
        for column, right in enumerate(second, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (left != right))
            if row > 1 and column > 1 and left == second[column - 2] and first[row - 2] == right:
                cost = min(cost, before_last[column - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before_last, last = last, current
    return min(last[-1], limit + 1)


def _distance_if_near(word: str, name: str) -> int | None:
    """Return the distance of two names that are near each other, None otherwise; letter case costs nothing but order."""
    allowed = max(1, min(3, len(word) // 3))
    distance = edit_distance(word, name, allowed)
    if distance <= allowed and distance < max(len(word), len(name)) - 1:
        return distance
    if word.lower() == name.lower():
        return allowed
    same_words = word.replace("_", "").lower() == name.replace("_", "").lower()
    return allowed if same_words or _similarity(word, name) >= SIMILAR else None


def _similarity(word: str, name: str) -> float:
    shorter, longer = sorted((len(word), len(name)))
    if not shorter or 2 * shorter / (shorter + longer) < SIMILAR:
        return 0.0
    return difflib.SequenceMatcher(None, word, name, autojunk=False).ratio()
