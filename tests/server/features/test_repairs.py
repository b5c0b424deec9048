"""Background repairs: what is looked into and searched, when, and what ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from project_fixture import make_project
from scene import Scene, patch_of

from tracemend.repair.localize.suspects import Suspect
from tracemend.server import repairs as module
from tracemend.server.findings import RepairState
from tracemend.server.jobs import Job
from tracemend.server.problems import Cancelled, RequestFailed
from tracemend.server.repairs import Repairs
from tracemend.server.searching import (
    Search,
    SearchedFailure,
    SearchedPatch,
    SearchOutcome,
    SearchProgress,
    SearchRequest,
)

TEST, OTHER = "test_shop.py::test_total", "test_shop.py::test_other"
PATIENCE_S, STEP_S = 120.0, 0.05
SNIPPET = """
    #- shop.py
    def total(xs):
        return sum(xs) + 1
    #- test_shop.py
    def test_total(): assert total([1]) == 1
    def test_other(): assert total([2]) == 2
"""


class FakeSearch:
    """A search that ends when the test says so."""

    begun: list[FakeSearch]

    def __init__(self, request: SearchRequest, on_progress: Callable[[SearchProgress], None]) -> None:
        self.request = request
        self.on_progress = on_progress
        self.ended = threading.Event()
        self.outcome = SearchOutcome()
        FakeSearch.begun.append(self)

    def run(self) -> SearchOutcome:
        assert self.ended.wait(PATIENCE_S)
        return self.outcome

    def cancel(self) -> None:
        self.end(SearchOutcome(cancelled=True))

    def end(self, outcome: SearchOutcome) -> None:
        if not self.ended.is_set():
            self.outcome = outcome
            self.ended.set()


class Bench:
    """Background repairs over a scene, with a live project that knows one suspect."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        suspect = Suspect("shop.py", 2, 1.0, "total", ("because",))
        self.live = SimpleNamespace(
            trace=lambda test, cancelled: None, suspects=lambda test: (suspect,), coverage=dict
        )
        documents = SimpleNamespace(in_step=lambda: dict(scene.snapshot.documents))
        self.published = threading.Condition()
        session: Any = SimpleNamespace(
            documents=documents, live=lambda root: self.live, publish=self.note_published
        )
        self.repairs = Repairs(session)

    def close(self) -> None:
        """End the threads, too: the next test is not to see a search that this one begins at last."""
        self.repairs.close()
        for thread in self.repairs._threads:
            thread.join(PATIENCE_S)

    def note_published(self) -> None:
        with self.published:
            self.published.notify_all()

    def hear(self) -> None:
        """Let the repairs hear of the scene as it is."""
        self.repairs.live_changed(self.scene.folder)

    def wait(self, holds: Callable[[], Any]) -> Any:
        """Wait until `holds`, which is asked at each change and now and then, and return what it says."""
        with self.published:
            for _ in range(int(PATIENCE_S / STEP_S)):
                if said := holds():
                    return said
                self.published.wait(STEP_S)
        raise AssertionError("it never came to that")

    def state(self, test: str = TEST) -> RepairState:
        return self.repairs.states(self.scene.root)[test]

    def search(self, number: int = 1) -> FakeSearch:
        """Return the search of that number once it has begun."""
        self.wait(lambda: len(FakeSearch.begun) >= number and self.repairs._running is not None)
        return FakeSearch.begun[number - 1]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    FakeSearch.begun = []
    monkeypatch.setattr(module, "Search", FakeSearch)
    scene = Scene(tmp_path, SNIPPET)
    scene.fails(TEST, "AssertionError", "assert 2 == 1", at="def test_total")
    made = Bench(scene)
    yield made
    made.close()


def found(bench: Bench, *tests: str, reason: str = "") -> SearchOutcome:
    """Return the outcome of a search that mends `tests`."""
    patch = patch_of(bench.scene, tests[0], "shop.py", "sum(xs) + 1", "sum(xs)")
    searched = SearchedPatch(patch.confidence, patch.changes, patch.note, patch.explanation, patch.evidence)
    return SearchOutcome((SearchedFailure(tests, reason, () if reason else (searched,)),))


def test_a_failure_is_looked_into_and_mended_unasked(bench: Bench) -> None:
    bench.hear()
    search = bench.search()
    assert bench.state().phase == "searching"
    assert [one.source for one in bench.state().suspects] == ["return sum(xs) + 1"]
    search.end(found(bench, TEST))
    bench.wait(lambda: bench.state().phase == "found")
    assert [one.note for one in bench.state().patches] == ["writes `sum(xs)`"]


def test_failures_that_point_to_one_function_are_searched_together(bench: Bench) -> None:
    bench.scene.fails(OTHER, "AssertionError", "assert 3 == 2", at="def test_other")
    bench.hear()
    assert bench.search().request.tests == (TEST, OTHER)


def test_a_search_does_not_wait_until_the_last_of_many_failures_is_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSearch, "begun", [], raising=False)
    monkeypatch.setattr(module, "Search", FakeSearch)
    names = [f"test_{number}" for number in range(module.ENOUGH_LOOKS + 1)]
    functions = "".join(f"    def {name}(): assert total([1]) == 1\n" for name in names)
    bench = Bench(Scene(tmp_path, SNIPPET + functions))
    looked, go_on = threading.Semaphore(module.ENOUGH_LOOKS), threading.Event()
    bench.live.trace = lambda test, cancelled: (
        None if looked.acquire(blocking=False) else go_on.wait(PATIENCE_S) and None
    )
    for name in names:
        bench.scene.fails(f"test_shop.py::{name}", "AssertionError", "assert 2 == 1", at=f"def {name}")
    bench.hear()
    assert bench.search().request.tests == tuple(f"test_shop.py::{name}" for name in names[:-1])
    go_on.set()
    bench.close()


def test_a_newer_failure_goes_first(bench: Bench) -> None:
    """The search for what has failed for long gives way to the one for what was broken just now."""
    bench.hear()
    search = bench.search()
    bench.scene.fails(OTHER, "AssertionError", "assert 3 == 2", at="def test_other")
    bench.scene.results[OTHER] = replace(bench.scene.results[OTHER], run=2)
    bench.hear()
    newer = bench.search(2)
    assert search.outcome.cancelled and newer.request.tests[0] == OTHER


def test_unsaved_text_is_what_is_searched(bench: Bench) -> None:
    bench.scene.edit("shop.py", lambda text: "# unsaved\n" + text)
    bench.hear()
    assert [path for path, _ in bench.search().request.overlay] == ["shop.py"]


@pytest.mark.parametrize(
    "change",
    [
        lambda scene: scene.results.update({TEST: replace(scene.results[TEST], fresh=False)}),
        lambda scene: scene.fails(TEST, "KeyError", "'x'", at="def test_total"),
    ],
    ids=["stale", "fails again"],
)
def test_a_search_ends_when_its_failure_is_out_of_date(bench: Bench, change: Callable[[Scene], Any]) -> None:
    bench.hear()
    search = bench.search()
    change(bench.scene)
    bench.hear()
    assert search.outcome.cancelled


def test_what_was_found_comes_back_with_the_text(bench: Bench) -> None:
    """The user edits, and undoes: the verdict is a new one, the files are the same."""
    bench.hear()
    bench.search().end(found(bench, TEST))
    bench.wait(lambda: bench.state().phase == "found")
    bench.scene.results.clear()
    bench.hear()
    assert not bench.repairs.states(bench.scene.root)
    bench.scene.fails(TEST, "AssertionError", "assert 2 == 1", at="def test_total")
    bench.hear()
    bench.wait(lambda: bench.state().phase == "found")
    assert len(FakeSearch.begun) == 1


def test_a_patch_that_was_offered_stays_known_for_a_while(bench: Bench) -> None:
    bench.hear()
    bench.search().end(found(bench, TEST))
    (patch,) = bench.wait(lambda: bench.state().patches)
    bench.scene.results.clear()
    bench.hear()
    assert bench.repairs.patch(bench.scene.root, patch.key) == patch


def _switch_off(scene: Scene) -> None:
    scene.settings = replace(scene.settings, background_repair=False)


@pytest.mark.parametrize(
    "forbid",
    [
        lambda scene: setattr(scene, "trusted", False),
        _switch_off,
        lambda scene: setattr(scene, "phase", "running"),
    ],
    ids=["not trusted", "switched off", "tests are running"],
)
def test_what_may_not_be_searched_unasked_is_searched_when_asked(
    bench: Bench, forbid: Callable[[Scene], None]
) -> None:
    forbid(bench.scene)
    bench.hear()
    asked = threading.Thread(
        target=bench.repairs.repair, args=(bench.scene.root, TEST, Job("asked")), daemon=True
    )
    asked.start()
    search = bench.search()
    assert search.request.max_time_s == 60.0  # What the user waits for has longer than what nobody asked for.
    search.end(found(bench, TEST))
    asked.join(PATIENCE_S)
    assert bench.state().phase == "found" and len(FakeSearch.begun) == 1


def test_pausing_ends_the_search_and_resuming_begins_another(bench: Bench) -> None:
    bench.hear()
    search = bench.search()
    bench.repairs.pause(bench.scene.root)
    assert search.outcome.cancelled
    bench.wait(lambda: bench.state().phase == "waiting")
    bench.repairs.resume(bench.scene.root)
    assert bench.search(2) is not search


def test_asking_waits_for_the_search_and_tells_how_far_it_is(bench: Bench) -> None:
    bench.hear()
    search = bench.search()
    told: list[str] = []

    def report(message: str, fraction: float | None) -> None:
        told.append(message)
        if message == "halfway":
            search.end(found(bench, TEST))

    search.on_progress(SearchProgress("halfway", 0.5))
    state = bench.repairs.repair(bench.scene.root, TEST, Job("asked", report))
    assert state.phase == "found" and "halfway" in told


def test_what_the_user_calls_off_is_not_begun_again(bench: Bench) -> None:
    _switch_off(bench.scene)
    bench.hear()
    job = Job("asked")
    threading.Thread(target=lambda: (bench.search(), job.cancel()), daemon=True).start()
    with pytest.raises(Cancelled):
        bench.repairs.repair(bench.scene.root, TEST, job)
    assert FakeSearch.begun[0].outcome.cancelled
    bench.scene.settings = replace(bench.scene.settings, background_repair=True)
    bench.hear()
    bench.wait(lambda: bench.state().phase == "none")
    assert len(FakeSearch.begun) == 1


def test_who_calls_off_leaves_the_search_to_others_who_wait(bench: Bench) -> None:
    _switch_off(bench.scene)
    bench.hear()
    first, second = Job("asked"), Job("asked again")
    answers: list[RepairState] = []

    def ask(job: Job) -> None:
        with suppress(Cancelled):
            answers.append(bench.repairs.repair(bench.scene.root, TEST, job))

    asked = [threading.Thread(target=ask, args=(job,), daemon=True) for job in (first, second)]
    for one in asked:
        one.start()
    search = bench.search()
    bench.wait(lambda: bench.repairs._desks[bench.scene.root].wanted == [TEST, TEST])
    first.cancel()
    asked[0].join(PATIENCE_S)
    search.end(found(bench, TEST))
    asked[1].join(PATIENCE_S)
    assert [one.phase for one in answers] == ["found"] and len(FakeSearch.begun) == 1


def test_switching_background_repair_off_ends_the_search(bench: Bench) -> None:
    bench.hear()
    search = bench.search()
    _switch_off(bench.scene)
    bench.hear()
    assert search.outcome.cancelled


def test_suspects_are_asked_for_again_once_lines_are_known(bench: Bench) -> None:
    suspects = [Suspect("shop.py", 1, 1.0, "total"), Suspect("shop.py", 2, 1.0, "total")]
    bench.live.suspects = lambda test: tuple(suspects)
    bench.hear()
    bench.search()
    suspects.reverse()
    bench.hear()
    bench.wait(lambda: bench.state().suspects[0].line == 2)


def test_a_search_that_breaks_off_is_told_and_can_be_asked_for_again(bench: Bench) -> None:
    bench.live.coverage = lambda: 1 / 0
    bench.hear()
    bench.wait(lambda: bench.state().phase == "none")
    assert bench.state().reason == "The search broke off; the log says why."
    bench.live.coverage = dict
    asked = threading.Thread(
        target=bench.repairs.repair, args=(bench.scene.root, TEST, Job("asked")), daemon=True
    )
    asked.start()
    bench.search().end(found(bench, TEST))
    asked.join(PATIENCE_S)
    assert bench.state().phase == "found"


def test_no_patch_is_an_answer_with_its_reason(bench: Bench) -> None:
    bench.hear()
    bench.search().end(found(bench, TEST, reason="Nothing helped."))
    bench.wait(lambda: bench.state().phase == "none")
    assert bench.state().reason == "Nothing helped."


def test_a_test_that_does_not_fail_cannot_be_mended(bench: Bench) -> None:
    bench.hear()
    with pytest.raises(RequestFailed, match="not known to fail"):
        bench.repairs.repair(bench.scene.root, OTHER, Job("asked"))


def test_closing_ends_the_search(bench: Bench) -> None:
    bench.hear()
    search = bench.search()
    bench.repairs.close()
    assert search.outcome.cancelled


def test_a_cancelled_search_process_is_gone(tmp_path: Path) -> None:
    project = make_project(tmp_path, """
        #- test_shop.py
        import time
        def test_slow(): time.sleep(60)
    """)  # fmt: skip
    request = SearchRequest(str(project.root), str(project.python), ("test_shop.py::test_slow",))
    search = Search(request, lambda progress: search.cancel())
    assert search.run() == SearchOutcome(cancelled=True)
    assert search._process is not None and search._process.poll() is not None
