"""Missing conditions, found in a real project by asking many at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from project_fixture import make_project

from tracemend.repair import mending
from tracemend.repair.deciding import CHOSEN
from tracemend.repair.engine import Engine
from tracemend.repair.reports import FixOptions
from tracemend.repair.runner.settings import RunnerSettings
from tracemend.repair.search.search import SearchOutcome

BAGS = """
    #- bags.py
    def first_fitting(weights, room, in_order=False):
        for weight in weights:
            if weight <= room:
                return weight
        return 0
    #- test_bags.py
    from bags import first_fitting

    def test_first(): assert first_fitting([1, 2], 5) == 1
    def test_skips(): assert first_fitting([9, 2], 5) == 2
    def test_fits(): assert first_fitting([4, 1], 5, in_order=True) == 4
    def test_in_order(): assert first_fitting([9, 2], 5, in_order=True) == 0
    def test_in_order_of_three(): assert first_fitting([7, 3, 1], 5, in_order=True) == 0
"""


def test_a_missing_branch_is_found_where_the_templates_had_no_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "_run_search", lambda ground, search: _in_vain(search.outcome))
    engine = Engine(make_project(tmp_path, BAGS), RunnerSettings(), FixOptions(max_time_s=300.0, jobs=1))
    (failure,) = engine.fix(lambda event: None, threading.Event()).failures
    assert len(failure.tests) == 2
    assert failure.patches, failure.reason
    best = failure.patches[0]
    added = [line[1:].strip() for line in best.patch.diff.splitlines() if line.startswith("+ ")]
    assert added == ["elif in_order:", "break"]
    assert best.confidence == "low" and CHOSEN in best.evidence.doubts


def _in_vain(outcome: SearchOutcome) -> SearchOutcome:
    outcome.ended = "exhausted"
    return outcome
