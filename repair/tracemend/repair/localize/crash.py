"""Crash evidence: the project frames of a traceback, the innermost weighing most.

Stack traces alone place few faults first, but added to the spectrum they raise every measure (FauxPy: function level
@1 from 37.8 to 43.7 percent). A frame counts for less the further it is from the raising one.
"""

from __future__ import annotations

from collections.abc import Container

from tracemend.repair.runner.results import Failure

DECAY = 0.6


def frame_scores(failure: Failure, test_files: Container[str]) -> dict[tuple[str, int], float]:
    """Return {(path, line): score} for the project frames outside test files, the innermost having 1."""
    scores: dict[tuple[str, int], float] = {}
    weight = 1.0
    for frame in reversed(failure.frames):
        if frame.in_project and frame.path not in test_files:
            scores.setdefault((frame.path, frame.line), weight)
            weight *= DECAY
    return scores
