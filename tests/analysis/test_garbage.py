"""Collections of garbage between questions: what the last one left behind goes, and nothing is walked twice."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tracemend.analysis.garbage import (
    FULL_EVERY,
    WORTH_COLLECTING,
    YOUNG_OBJECTS,
    GarbagePauses,
    collecting_seldom,
)


class Node:
    """An object in a cycle with itself, which only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def pauses() -> Iterator[GarbagePauses]:
    before = gc.get_threshold()
    gc.collect()
    yield GarbagePauses()
    gc.unfreeze()
    gc.set_threshold(*before)


def work() -> weakref.ref[Node]:
    """Make objects as a question does, and leave a cycle behind."""
    for _ in range(WORTH_COLLECTING):
        Node()
    return weakref.ref(Node())


def test_what_a_question_leaves_behind_is_collected_after_it(pauses: GarbagePauses) -> None:
    left = work()
    assert left() is not None
    pauses.pause()
    assert left() is None


def test_what_survives_is_not_walked_again(pauses: GarbagePauses) -> None:
    kept = [work()() or Node() for _ in range(3)]
    pauses.pause()
    assert not any(one is kept for one in gc.get_objects())


def test_a_question_that_made_little_is_not_worth_a_collection(pauses: GarbagePauses) -> None:
    pauses.pause()
    left = weakref.ref(Node())
    pauses.pause()
    assert left() is not None


def test_what_became_garbage_later_is_found_now_and_then(pauses: GarbagePauses) -> None:
    later = Node()
    ref = weakref.ref(later)
    work()
    pauses.pause()
    del later
    work()
    pauses.pause()
    assert ref() is not None
    pauses._pauses = FULL_EVERY - 1
    work()
    pauses.pause()
    assert ref() is None


def test_a_job_lets_the_collector_come_seldom_and_as_before_when_it_is_over():
    before = gc.get_threshold()
    with suppress(ZeroDivisionError), collecting_seldom():
        assert gc.get_threshold() == (YOUNG_OBJECTS, *before[1:])
        raise ZeroDivisionError
    assert gc.get_threshold() == before
