"""Asking again, or another name in the place of an invented one: what the stream guard does, and what that may cost.

Asking again takes a request, and time that whoever waits for the answer sees. A capable model invents a name now and then,
and what it writes when it is asked again is the best there is. A weak one does so on every tenth line, and again when it is
asked again: then a name that the surrounding code likes at such a place is right more often (docs/decoding.md has the
figures), and costs nothing. So requests are earned by the lines that were written (`RequestAllowance`); where there is none
left, and where a model insists, a legal name takes the place of the invented one while the answer goes on streaming.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from tracemend.analysis.decoding.machine import Violation

REQUESTS_A_LINE = 0.025  # Earned by each line of an answer: two and a half in a hundred.
FIRST_REQUESTS = 1.0
MOST_REQUESTS = 3.0  # That can be saved up.

# Which of some names is the likeliest behind a text that was written; None where there is nothing to go by.
LikeliestName = Callable[[str, Collection[str]], str | None]


class RequestAllowance:
    """The requests beyond the first that many answers may take together. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = FIRST_REQUESTS

    @property
    def is_left(self) -> bool:
        """Whether there is a whole request left."""
        with self._lock:
            return self._left >= 1

    def earn(self, lines: int) -> None:
        """Note that so many lines have been written."""
        with self._lock:
            self._left = min(self._left + lines * REQUESTS_A_LINE, MOST_REQUESTS)

    def spend(self) -> bool:
        """Take one request; False if there is none."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True


class Substitutes:
    """The names that take the places of invented ones in one answer: for the same name of the same type always the same."""

    def __init__(self, likeliest: LikeliestName | None) -> None:
        self._likeliest = likeliest
        self._chosen: dict[tuple[str, str], str] = {}

    def instead_of(self, wrong: Violation, so_far: str) -> str | None:
        """Return the name that is to stand behind `so_far`: the one that is nearest, else the likeliest one."""
        key = (wrong.receiver, wrong.name)
        name = self._chosen.get(key)
        if name not in wrong.allowed:
            name = self._choice(wrong, so_far)
        if name is not None:
            self._chosen[key] = name
        return name

    def _choice(self, wrong: Violation, so_far: str) -> str | None:
        if len(wrong.nearest) == 1:
            return wrong.nearest[0]
        return self._likeliest(so_far, wrong.allowed) if self._likeliest is not None else None
