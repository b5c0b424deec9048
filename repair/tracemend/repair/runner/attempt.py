"""One request to one worker, watched until it ends: time limits, frames in order, and how it came to its end.

An attempt runs a list of tests until all have run, one of them hangs or takes the process down, or the whole is
cancelled or out of time. What follows (running the remaining tests in a new fork, falling back to another route) is
decided by `client`. Only a final frame that comes after a result for every test counts as done: a test that ends its
process with `os._exit(0)` has crashed.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tracemend.repair.runner import decoding
from tracemend.repair.runner.decoding import Spectrum, SpectrumTable
from tracemend.repair.runner.payload import channel
from tracemend.repair.runner.results import Frame, TestResult
from tracemend.repair.runner.settings import Limits
from tracemend.repair.runner.worker import Worker, WorkerGone

How = Literal["done", "timeout", "crashed", "cancelled", "out of time", "reload", "refused"]

BETWEEN_TESTS_S = 10.0  # Forking, patching, and from one test to the next: a hang here is none of the test's.
EXIT_S = 5.0
CPU_SIGNALS = (signal.SIGPROF, signal.SIGXCPU)
REFUSED = "pytest cannot start"
CPU_PROBLEM, WALL_PROBLEM = "out of CPU time", "no end within the time limit"


@dataclass(frozen=True, slots=True)
class Order:
    """What an attempt asks for."""

    request: Mapping[str, Any]  # The message, but for what the other fields say.
    tests: Sequence[str] | None  # In order; None for all that the worker collects.
    limits: Mapping[str, Limits]
    default: Limits
    collect_s: float = BETWEEN_TESTS_S  # Time to the first test.
    watches_tests: bool = (
        True  # False where the tests are part of something longer (a trace, an observation).
    )


@dataclass(slots=True)
class Attempt:
    """How far an attempt came."""

    how: How = "crashed"
    problem: str = ""
    results: dict[str, TestResult] = field(default_factory=dict)
    spectra: dict[str, Spectrum] = field(default_factory=dict)
    current: str | None = None  # The test that was running at the end,
    frames: tuple[Frame, ...] = ()  # and where it was, if it hung.
    route: str = "none"
    loaded: tuple[str, ...] = ()
    collected: tuple[str, ...] | None = None  # Where the worker was asked for all tests that it collects.
    reply: Mapping[str, Any] = field(default_factory=dict)
    cpu_s: float = 0.0
    worker_gone: bool = False


def attempt(
    worker: Worker,
    order: Order,
    *,
    deadline: float,
    cancelled: threading.Event,
    on_result: Callable[[TestResult], None] | None = None,
) -> Attempt:
    """Send `order` to `worker` and watch it to its end; `deadline` is a `time.monotonic()` for the whole."""
    return _Watch(worker, order, deadline, cancelled, on_result).run()


class _Watch:
    """The state of one attempt."""

    def __init__(
        self,
        worker: Worker,
        order: Order,
        deadline: float,
        cancelled: threading.Event,
        on_result: Callable[[TestResult], None] | None,
    ) -> None:
        self._worker = worker
        self._order = order
        self._deadline = deadline
        self._cancelled = cancelled
        self._on_result = on_result
        self._found = Attempt()
        self._table = SpectrumTable()
        self._done = False
        self._run = worker.number_run()
        self._step_deadline = time.monotonic() + order.collect_s

    def run(self) -> Attempt:
        """Send, follow, end."""
        self._worker.send(self._message())
        if self._cancelled.is_set() and self._worker.forks:
            self._worker.send(
                {"op": "kill"}
            )  # The one of `cancel` may have come before there was anything to kill.
        ended = False
        try:
            while not (ended or (self._done and self._is_end_awaited_elsewhere())):
                timeout_s = min(self._deadline, self._step_deadline) - time.monotonic()
                received = self._worker.receive(timeout_s)
                if received is None:
                    self._out_of_time()
                    break
                ended = self._take(*received)
        except WorkerGone:
            self._gone()
        except channel.Malformed as error:
            self._found.how, self._found.problem = "crashed", f"the run broke the protocol: {error}"
            self._stop()
        if self._cancelled.is_set() and self._found.how != "done":
            self._found.how, self._found.problem = "cancelled", "cancelled"
        return self._found

    def _message(self) -> dict[str, Any]:
        tests, default = self._order.tests, self._order.default
        limits = self._order.limits
        if tests is not None:
            limits = {test: limits[test] for test in tests if test in limits}
        cpu_s = sum(limits.get(test, default).cpu_s for test in tests or ())
        return {
            **self._order.request,
            "run": self._run,
            "tests": self._order.request.get("tests") if tests is None else list(tests),
            "cpu_s": {test: one.cpu_s for test, one in limits.items()},
            "default_cpu_s": default.cpu_s,
            "test_wall_s": {test: one.wall_s for test, one in limits.items()},
            "default_test_wall_s": default.wall_s,
            "run_cpu_s": (cpu_s if tests is not None else 3600.0) + self._order.collect_s,
        }

    def _take(self, tag: int, message: channel.Message) -> bool:
        """Take in one message; True for the last one."""
        if tag == channel.SERVER:
            if self._is_our_exit(message):
                self._exited(message)
                return True
            return False
        if "start" in message:
            self._started(decoding.text(message["start"]))
        elif "result" in message:
            self._finished_test(message)
        elif "hang" in message:
            self._hung(message)
        elif "reload" in message:
            self._found.how, self._found.problem = "reload", decoding.text(message["reload"])
        elif "refused" in message:
            self._found.how, self._found.problem = "refused", REFUSED
        elif "collected" in message:
            self._found.collected = tuple(
                decoding.text(one) for one in decoding.sequence(message["collected"])
            )
        elif "done" in message:
            self._finished(message)
        return False

    def _is_end_awaited_elsewhere(self) -> bool:
        """Return whether the verdict is enough: ending costs as much as forking, and other candidates wait.

        The worker begins no other run before this one has ended and is cleaned up after.
        """
        is_candidate = self._order.request.get("fail_fast") and self._order.request.get("sources")
        return not self._worker.forks or (bool(is_candidate) and self._found.how == "done")

    def _is_our_exit(self, message: channel.Message) -> bool:
        """Return whether the worker says that our run has ended, and not the one before, which was not waited for."""
        return message.get("event") == "exit" and message.get("run") == self._run

    def _started(self, test: str) -> None:
        if self._order.tests is not None and test not in self._order.tests:
            raise channel.Malformed(f"{test!r} was not asked for")
        self._found.current = test
        if self._order.watches_tests:
            limits = self._order.limits.get(test, self._order.default)
            self._step_deadline = time.monotonic() + limits.wall_s
        else:
            self._step_deadline = self._deadline

    def _finished_test(self, message: channel.Message) -> None:
        result = decoding.test_result(message["result"])
        if result.test != self._found.current or result.test in self._found.results:
            raise channel.Malformed(f"a result of {result.test!r} comes out of turn")
        self._found.results[result.test] = result
        if "spectrum" in message:
            self._found.spectra[result.test] = self._spectrum(message)
        self._found.current = None
        self._step_deadline = time.monotonic() + BETWEEN_TESTS_S
        if self._on_result is not None:
            self._on_result(result)

    def _hung(self, message: channel.Message) -> None:
        """The test says where it hangs, and its process will end."""
        hang = decoding.mapping(message["hang"])
        self._found.how = "timeout"
        self._found.problem = CPU_PROBLEM if hang.get("limit") == "cpu" else WALL_PROBLEM
        self._found.frames = decoding.frames(hang.get("frames"))
        if "spectrum" in message and self._found.current is not None:
            self._found.spectra[self._found.current] = self._spectrum(message)
        self._step_deadline = time.monotonic() + EXIT_S

    def _spectrum(self, message: channel.Message) -> Spectrum:
        """Decode a spectrum; each process numbers blocks anew, and a test that runs apart has its own."""
        table = SpectrumTable() if message.get("apart") else self._table
        return table.decode(message["spectrum"])

    def _finished(self, message: channel.Message) -> None:
        self._found.reply = decoding.mapping(message.get("reply"))
        self._found.route = decoding.text(message.get("route"))
        self._found.loaded = tuple(decoding.text(one) for one in decoding.sequence(message.get("loaded")))
        self._found.cpu_s = decoding.number(message.get("cpu_s"))
        self._done = True
        if self._found.current is None or not self._order.watches_tests:
            self._found.how = "done"

    def _exited(self, message: channel.Message) -> None:
        self._found.cpu_s = decoding.number(message.get("cpu_s"))
        output = decoding.text(message.get("output", "")).strip()[-2000:]
        if self._found.how in ("done", "reload", "timeout"):
            return
        if self._found.how == "refused":
            self._found.problem += f":\n{output}"
            return
        number = message.get("signal")
        if message.get("malformed"):
            self._found.problem = "the run broke the protocol of its results"
        elif number in CPU_SIGNALS:
            self._found.how, self._found.problem = "timeout", CPU_PROBLEM
            self._found.frames = decoding.frames(message.get("frames") or [])
            if "spectrum" in message and self._found.current is not None:
                self._found.spectra[self._found.current] = SpectrumTable().decode(message["spectrum"])
        elif isinstance(number, int):
            self._found.problem = f"the process was killed by {_signal_name(number)}"
        else:
            self._found.problem = f"the process ended with exit code {message.get('code')}"
        if output and self._found.how == "crashed":
            self._found.problem += f":\n{output}"

    def _out_of_time(self) -> None:
        whole = time.monotonic() >= self._deadline
        self._found.how = "out of time" if whole else "timeout"
        self._found.problem = "out of time" if whole else WALL_PROBLEM
        self._stop()

    def _stop(self) -> None:
        """End the work but keep a forking worker warm; kill one that does not obey."""
        how, problem = self._found.how, self._found.problem
        if self._worker.forks:
            self._worker.send({"op": "kill"})
            stop = time.monotonic() + EXIT_S
            try:
                while (received := self._worker.receive(stop - time.monotonic())) is not None:
                    tag, message = received
                    if tag == channel.SERVER and self._is_our_exit(message):
                        self._found.cpu_s = decoding.number(message.get("cpu_s"))
                        return
            except (WorkerGone, channel.Malformed):
                pass
        self._found.how, self._found.problem = how, problem
        self._found.worker_gone = True
        self._worker.kill()

    def _gone(self) -> None:
        self._found.worker_gone = True
        if self._done or self._found.how in ("reload", "refused", "timeout"):
            return
        code = self._worker.exit_code()
        if code is not None and (-code in CPU_SIGNALS or code - 128 in CPU_SIGNALS):
            self._found.how, self._found.problem = "timeout", CPU_PROBLEM
        else:
            self._found.problem = f"the process ended with exit code {code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
