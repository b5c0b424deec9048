"""Keeps Python's collector of cycles out of the time of questions.

A process that holds the trees and summaries of several packages has millions of objects, and a full collection, which walks
them all, takes a quarter of a second: that is most of what the slowest questions cost. What is true of libraries stays,
so after each question the little that it left behind is collected, and what survives is set apart (`gc.freeze`) and not
walked again. Now and then all is collected together, for what was set apart may have become garbage since.
"""

from __future__ import annotations

import gc

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
