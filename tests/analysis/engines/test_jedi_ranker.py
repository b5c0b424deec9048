"""jedi's opinion in time, and no opinion otherwise."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tracemend.analysis.types.engines.jedi_ranker import GRACE_S, JediRanker

PATIENCE_S = 120.0
TEXT = "class A:\n    def area(self): ...\nx = A()\nprint(x."
OFFSET = len(TEXT) - 1
NAMES = ("upper", "area", "append")
FAKE_SERVER = Path(__file__).with_name("fake_server.py")


def test_names_that_jedi_lists_come_first_and_none_is_lost(tmp_path):
    ranker = JediRanker(tmp_path)
    path = str(tmp_path / "module.py")
    assert ranker.rank(path, TEXT, OFFSET, NAMES, deadline_s=PATIENCE_S) == ("area", "upper", "append")
    assert ranker.rank(path, "unknown", 7, NAMES, deadline_s=PATIENCE_S) == NAMES
    assert ranker.rank(path, TEXT, OFFSET, NAMES, deadline_s=0.0) == NAMES
    ranker.close()
    assert ranker.rank(path, TEXT, OFFSET, NAMES, deadline_s=PATIENCE_S) == NAMES


@pytest.mark.parametrize("command", [("/nonexistent",), (sys.executable, "-c", "pass")])
def test_a_worker_that_cannot_run_has_no_opinion(tmp_path, command):
    ranker = JediRanker(tmp_path, command=command)
    assert ranker.rank(str(tmp_path / "module.py"), TEXT, OFFSET, NAMES, deadline_s=PATIENCE_S) == NAMES
    ranker.close()


def test_a_late_worker_is_left_alone_for_a_while_then_killed_and_replaced(tmp_path):
    # The fake server knows no `members`, so it never answers.
    ranker = JediRanker(tmp_path, command=(sys.executable, str(FAKE_SERVER)))
    path = str(tmp_path / "module.py")
    first = ranker._free_worker()
    assert first.wait_until_ready(PATIENCE_S)
    assert _worker_after_asking(ranker, path, deadline_s=0.2) is first
    assert _worker_after_asking(ranker, path, deadline_s=0.2) is first
    ranker._late_since -= GRACE_S
    second = _worker_after_asking(ranker, path, deadline_s=0.2)
    assert not first.alive
    assert second is not first
    ranker.close()
    assert not second.alive


def _worker_after_asking(ranker, path, deadline_s):
    assert ranker.rank(path, TEXT, OFFSET, NAMES, deadline_s=deadline_s) == NAMES
    return ranker._worker
