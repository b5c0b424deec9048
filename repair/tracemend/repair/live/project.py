"""One project, its tests kept up to date: the whole of `live` as others see it.

Two threads work, both asleep unless there is something to do. The *planner* takes in texts, in order, compares them and
marks results stale, so that this is known even while tests run. The *runner* carries out the latest plan; a newer plan
ends the older run at once. Traces come second, and `chores` when nobody waits. Neither thread ever raises: what goes
wrong becomes an event.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace
from pathlib import Path

from tracemend.repair.live import events
from tracemend.repair.live.chores import Chores
from tracemend.repair.live.events import LiveEvent
from tracemend.repair.live.memory import restore, saved_from
from tracemend.repair.live.model import Model
from tracemend.repair.live.ranking import coverage_of, suspects_of
from tracemend.repair.live.runs import Plan, Run
from tracemend.repair.live.state import LiveState
from tracemend.repair.live.store import Store
from tracemend.repair.live.zygotes import Closed, Zygotes
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.runner.errors import RequestFailed, RunnerError
from tracemend.repair.runner.settings import Project, RunnerSettings
from tracemend.repair.runner.traces import Trace, TraceCancelled, TraceError, trace_test

LOG = logging.getLogger(__name__)
POLL_S = 0.05  # How often somebody who waits for a trace is asked whether to go on waiting.
KEPT_TRACES = 64
FIRST_RUN = 1  # The number of the run that `start` leads to.


@dataclass(frozen=True, slots=True)
class _Update:
    path: str
    text: str | None


@dataclass(slots=True)
class _TraceRequest:
    test: str
    found: Future[Trace | None]


class LiveProject:
    """A project whose tests run whenever what they execute changes. Safe to use from any thread."""

    def __init__(
        self,
        project: Project,
        settings: RunnerSettings,
        *,
        cache_dir: Path | None,
        listener: Callable[[LiveEvent], None],
        niceness: int = 5,
    ) -> None:
        """Make one that has started nothing yet. `listener` hears events, on threads of this project."""
        self.project = project
        self._model = Model(project, listener)
        self._store = Store(cache_dir, project)
        settings = replace(settings, niceness=settings.niceness + niceness)
        self._zygotes = Zygotes(project, settings, self._model.texts, self._wake)
        self._chores = Chores(self._model, self._zygotes, self._save, self._is_wanted)
        self._updates: queue.SimpleQueue[_Update | Plan | None] = queue.SimpleQueue()
        self._condition = threading.Condition()
        self._pending: Plan | None = None
        self._active: Plan | None = None
        self._interruptible = False  # A trace or a chore is at work.
        self._requests: deque[_TraceRequest] = deque()
        self._tracing: _TraceRequest | None = None
        self._traces: dict[str, tuple[int, Trace]] = {}
        self._number = FIRST_RUN  # Of the latest plan.
        self._paused = self._closed = self._loaded = False
        self._resting = False  # After a problem, until the next plan.
        self._woken = True
        self._threads = [
            threading.Thread(target=self._plan_forever, name="live-planner", daemon=True),
            threading.Thread(target=self._run_forever, name="live-runner", daemon=True),
        ]

    def start(self) -> None:
        """Restore what an earlier session knew, warm a runner, and run what is stale."""
        for thread in self._threads:
            thread.start()

    def state(self) -> LiveState:
        """Return what is known now; quick, and the same object until something changes."""
        return self._model.board.state()

    def update(self, path: str, text: str | None) -> None:
        """Take over what the file at project-relative `path` holds now (None: it is gone). Runs nothing.

        Of a file that is not Python only that it changed counts; it must be on disk already.
        """
        self._updates.put(_Update(path, text))

    def run_impacted(self) -> int:
        """Run what the updates so far made stale, ending the run in progress; return the run's number.

        While paused nothing runs, and no event will bear that number.
        """
        return self._submit(automatic=True, wanted=frozenset())

    def run(self, tests: Sequence[str] | None) -> int:
        """Run `tests` (None: all) whether or not their results hold; return the run's number."""
        return self._submit(automatic=False, wanted=None if tests is None else frozenset(tests))

    def trace(self, test: str, *, cancelled: Callable[[], bool] = lambda: False) -> Trace | None:
        """Return the values on the path of `test`, None where it cannot be traced or `cancelled()` becomes true.

        Waits for the run in progress, and for the runs that come before it is done. What was traced is kept until something
        changes that the test executes.
        """
        known = self._traces.get(test)
        if known is not None and known[0] >= self._model.changed_for(test):
            return known[1]
        request = _TraceRequest(test, Future())
        with self._condition:
            if self._closed:
                return None
            self._requests.append(request)
            if self._tracing is None:
                self._interrupt_chore()
            self._condition.notify_all()
        while not cancelled():
            try:
                return request.found.result(POLL_S)
            except TimeoutError:
                continue
            except CancelledError:
                return None
        request.found.cancel()
        return None

    def suspects(self, test: str) -> tuple[Suspect, ...]:
        """Return the statements suspected of failing `test`, most suspicious first; from what is stored, so cheap."""
        return suspects_of(
            test, self._model, {name: lines for name, (_, lines) in list(self._chores.lines.items())}
        )

    def coverage(self) -> Mapping[str, Mapping[str, frozenset[int]]]:
        """Return which lines each test covers: exactly for failing tests, whole functions for the others."""
        return coverage_of(
            self._model, {name: lines for name, (_, lines) in list(self._chores.lines.items())}
        )

    def covering(self, path: str, line: int) -> frozenset[str]:
        """Return the tests that executed `line`, as in `coverage`, without looking at anything else; quick.

        Empty where the file has not been parsed since it changed.
        """
        texts = self._model.texts
        facts = texts.facts(path) if texts.is_parsed(path) else None
        function = facts.function_at(line) if facts is not None else ""
        if not function:  # Code at module level runs for all tests that import it, at import.
            return frozenset()
        with self._model.impact_lock:
            entered = self._model.impact.entering([(path, function)])
        recorded = {
            test: self._chores.lines[test][1].get(path) for test in entered & self._chores.lines.keys()
        }
        return frozenset(one for one in entered if not recorded.get(one) or line in (recorded[one] or ()))

    def ignore(self, test: str, wanted: bool = True) -> None:
        """Ignore `test` as flaky, in later sessions too, or no longer."""
        self._model.board.ignore(test, wanted)
        self._model.is_dirty = True
        self._wake()

    def cancel(self) -> None:
        """End the run in progress; what it did not come to stays stale."""
        with self._condition:
            self._pending = None
            self._cancel_active()

    def pause(self) -> None:
        """Run nothing by itself until `resume`; what is asked for by `run` runs."""
        with self._condition:
            self._paused = True
            self._interrupt_chore()
            if self._active is not None and self._active.automatic:
                self._cancel_active()
        self._model.set_phase("paused")

    def resume(self) -> None:
        """Go on, first with what became stale meanwhile."""
        with self._condition:
            self._paused = False
        self._model.set_phase("idle")
        self.run_impacted()

    def close(self) -> None:
        """End everything; no process is left. Safe to call twice."""
        with self._condition:
            already, self._closed = self._closed, True
            self._pending = None
            self._cancel_active()
            self._interrupt_chore()
            self._condition.notify_all()
        self._updates.put(None)
        if already:
            return
        for thread in self._threads:
            if thread.ident is not None and thread is not threading.current_thread():
                thread.join()
        for request in self._requests:
            request.found.cancel()
        if (
            self._loaded
        ):  # Before the runners end, which takes seconds on a busy machine: who closes may not wait so long.
            self._save()
        self._zygotes.close()
        self._model.board.set_phase("stopped")

    # --- the planner -------------------------------------------------------------------------------------------------

    def _plan_forever(self) -> None:
        self._model.texts.load()
        restored = restore(self._model, self._store.load())
        self._loaded = True
        if restored is not None:
            self._model.tell(restored)
        self._hand_over(Plan(FIRST_RUN, automatic=True, wanted=frozenset()))
        while (order := self._updates.get()) is not None:
            if isinstance(order, Plan):
                self._model.update_environment()
                self._hand_over(order)
                continue
            try:
                self._model.update(order.path, order.text)
            except Exception as error:  # As above: the planner goes on, or no later change would be seen.
                LOG.exception("the live planner met a bug in %s", order.path)
                self._model.tell(events.Warned(f"{order.path} could not be compared: {type(error).__name__}"))

    def _submit(self, *, automatic: bool, wanted: frozenset[str] | None) -> int:
        with self._condition:
            self._number += 1
            plan = Plan(self._number, automatic, wanted)
            if automatic and self._paused:
                return plan.number
            for older in (self._pending, self._active):
                if older is not None and not older.cancelled.is_set():
                    plan.take_over(older)
            self._pending = None
            self._cancel_active()
            self._interrupt_chore()
            self._updates.put(plan)  # Still inside, so that plans come in the order of their numbers.
        return plan.number

    def _hand_over(self, plan: Plan) -> None:
        """Make `plan` the next to be carried out, with what an older one leaves undone."""
        with self._condition:
            for older in (self._pending, self._active):
                if older is not None and not older.cancelled.is_set():
                    plan.take_over(older)
            self._pending = plan
            self._resting = False
            self._cancel_active()
            self._interrupt_chore()
            self._condition.notify_all()

    # --- the runner --------------------------------------------------------------------------------------------------

    def _run_forever(self) -> None:
        while not self._closed:
            try:
                self._do_next()
            except Closed:
                return
            except RunnerError as error:
                self._fail(str(error))
            except Exception as error:  # A bug of ours must neither end the thread nor go unseen.
                LOG.exception("the live runner met a bug")
                self._fail(f"an internal error of tracemend ended the run: {type(error).__name__}: {error}")

    def _fail(self, reason: str) -> None:
        self._resting = True
        self._model.set_phase("failed", reason)
        self._model.tell(events.Problem(reason))

    def _do_next(self) -> None:
        """Do the most urgent thing, or sleep until there is one."""
        with self._condition:
            plan, self._pending = self._pending, None
            request = self._requests.popleft() if plan is None and self._requests else None
            self._active, self._interruptible, self._woken = plan, plan is None, False
            self._tracing = request
        try:
            if plan is not None:
                self._carry_out(plan)
            elif request is not None:
                self._trace(request)
            elif not self._do_chore():
                self._sleep()
        finally:
            with self._condition:
                self._active, self._interruptible, self._tracing = None, False, None

    def _carry_out(self, plan: Plan) -> None:
        if not plan.cancelled.is_set():
            starting = self._zygotes.current is None
            self._model.set_phase("starting" if starting else "running")
            ended = Run(self._model, self._zygotes, plan).carry_out()
            if ended != "cancelled" or self._pending is None:
                self._model.set_phase("paused" if self._paused else "idle")

    def _trace(self, request: _TraceRequest) -> None:
        """Answer `request`, or keep it for later where a run ended it: that the test cannot be traced is not said by that."""
        if request.found.cancelled():
            return
        found = None
        try:
            found = self._traced(request.test)
        except TraceCancelled:
            with self._condition:
                self._requests.appendleft(request)
            return
        except (TraceError, RequestFailed) as error:
            self._model.tell(events.Warned(f"{request.test} could not be traced: {error}"))
        except Exception:
            _answer(request, None)
            raise
        _answer(request, found)

    def _traced(self, test: str) -> Trace:
        sequence = (
            self._model.texts.sequence
        )  # First: what changes while the runner gets ready is none of the trace's.
        zygote, sources, is_new = self._zygotes.ready()
        if is_new:
            self._model.collected(zygote.runner.collection, zygote.sequence)
        found = trace_test(zygote.runner, test, sources=sources)
        while len(self._traces) >= KEPT_TRACES:
            del self._traces[next(iter(self._traces))]
        self._traces[test] = (sequence, found)
        return found

    def _do_chore(self) -> bool:
        """Do one chore, unless paused; return whether there was one."""
        current = self._zygotes.current
        if current is None or self._closed or self._resting:
            return False
        if self._zygotes.take_over():
            current = self._zygotes.current
            assert current is not None, "a runner has just taken over"
            self._model.collected(current.runner.collection, current.sequence)
            self._chores.start_anew()
            if self._model.board.stale() and not self._paused:
                self._submit(automatic=True, wanted=frozenset())
            return True
        return not self._paused and self._chores.step()

    def _sleep(self) -> None:
        with self._condition:
            self._condition.wait_for(self._is_wanted)

    def _is_wanted(self) -> bool:
        return self._closed or self._woken or self._pending is not None or bool(self._requests)

    def _wake(self) -> None:
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def _cancel_active(self) -> None:
        if self._active is not None:
            self._active.cancelled.set()
            self._zygotes.cancel()

    def _interrupt_chore(self) -> None:
        if self._interruptible:
            self._zygotes.cancel()

    def _save(self) -> None:
        self._store.save(saved_from(self._model))


def _answer(request: _TraceRequest, found: Trace | None) -> None:
    """Hand over what was found, unless nobody waits any more."""
    if request.found.set_running_or_notify_cancel():
        request.found.set_result(found)
