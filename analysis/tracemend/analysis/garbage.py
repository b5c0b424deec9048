"""Keeps Python's collector of cycles out of the time of questions.

A process that holds the trees and summaries of several packages has millions of objects, and a full collection, which walks
them all, takes a quarter of a second: that is most of what the slowest questions cost. What is true of libraries stays,
so after each question the little that it left behind is collected, and what survives is set apart (`gc.freeze`) and not
walked again. Now and then all is collected together, for what was set apart may have become garbage since.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_OBJECTS = 200_000  # How many may be made before a collection in the middle of a question; some 20 MB.
WORTH_COLLECTING = 2_000
FULL_EVERY = 500  # Pauses; such a one is as long as the collections that were put off.


class GarbagePauses:
    """Collects between questions; `pause` is called when an answer is out and nothing waits."""

    def __init__(self) -> None:
        self._pauses = 0
        gc.set_threshold(YOUNG_OBJECTS, 10, 10)

    def pause(self) -> None:
        """Collect what has come since the last time, if it is worth it."""
        if gc.get_count()[0] < WORTH_COLLECTING:
            return
        self._pauses += 1
        if self._pauses % FULL_EVERY == 0:
            gc.unfreeze()
        gc.collect()
        gc.freeze()


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Have the collector come after `YOUNG_OBJECTS` instead of 700, for a job that makes many trees and keeps them.

    A tenth of what a search took of this process were collections that found nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(YOUNG_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
