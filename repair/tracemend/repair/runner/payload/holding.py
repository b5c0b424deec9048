"""Holding a test at its call, so that each candidate starts there instead of at the start of pytest's protocol.

A search tries hundreds of patches on one test. Before its call each run does the same: it steps behind its walls, pytest
prepares the run, fixtures are set up. Most of the cost is not that work but the pages of memory that it makes the run's
own: every object that is looked at has its reference count written, and after a fork each page so touched is copied.
So once a test is asked for again and again, a child does all of it, stops where the test's own function would be called,
and forks the candidates from there. The child is the *holder*, the test is *held*. For the same reason it does whatever
else it can in the candidate's stead: read the request, put the patch together, announce the test.

That is exact only if a run cannot tell. A test is not held if its set-up failed, took long, or left what a fork does
not give to the child or shares with it: threads, processes, open files, timers, changed files. A candidate that changes
code which the set-up has executed is declined, and runs in the ordinary way. What the set-up has seen of the clock ages,
so a holder is thrown away after `HELD_S`.

`Holding` and what stands above it run in the server, which trusts a holder no more than any run: it executes the
project's code. `Holder` is that child.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from typing import Any, Callable, Dict, Iterator, List, NoReturn, Optional, Set, Tuple

import pytest

from . import channel
from .child import KILLED, Ending, cpu_seconds, fork_quietly
from .hanging import TimeLimits
from .patching import Checkpoint, CodeKey, NotSwappable, PackedSwaps
from .plugin import DrivePlugin
from .start_recorder import StartRecorder

HELD_S = 2.0
READY_S = 5.0  # For setting up, after which a test is not held.
ANSWER_S = 5.0
HOLDER_CPU_S = 3600.0  # It works a little for each candidate, which has limits of its own.

_TIMERS = ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF")
# The hooks that can make something else of an exception that a test's function has raised.
_JUDGING_HOOKS = (
    "pytest_pyfunc_call",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
    "pytest_runtest_logreport",
    "pytest_runtest_protocol",
)


class HeldTest:
    """A holder as the server sees it."""

    def __init__(self, test: str, pid: int, control: socket.socket, contained: Any) -> None:
        self.test = test
        self.pid = pid
        self._control = control
        self._contained = contained
        self._began = time.monotonic()
        self._executed: Set[CodeKey] = set()
        self._new_paths: Set[str] = set()
        self.is_over = False

    @property
    def is_fresh(self) -> bool:
        """Whether the set-up is recent enough for a test not to notice."""
        return time.monotonic() - self._began < HELD_S

    def is_ready(self, interruption: socket.socket) -> bool:
        """Wait until the test is held; False if it cannot be, or if there is something to read from `interruption`."""
        poller = select.poll()
        poller.register(self._control, select.POLLIN)
        poller.register(interruption, select.POLLIN)
        ready = [descriptor for descriptor, _ in poller.poll(int(1000 * READY_S))]
        message = self._hear("executed", ANSWER_S) if ready == [self._control.fileno()] else None
        if message is None:
            return False
        try:
            self._executed = {(str(path), int(line), str(name)) for path, line, name in message["executed"]}
            self._new_paths = {str(path) for path in message["new_paths"]}
        except (KeyError, TypeError, ValueError):
            return False
        return bool(self._contained.is_pristine(self.pid))

    def pack(self, checkpoint: Checkpoint, sources: Dict[str, str]) -> Optional[bytes]:
        """Return the patch as a candidate installs it; None where that would not be exact after this set-up."""
        if not self._new_paths.isdisjoint(sources):
            return None
        try:
            return checkpoint.pack(sources, self._executed)
        except (NotSwappable, SyntaxError, ValueError, RecursionError):
            return None

    def begin(self, request: channel.Message, packed: bytes, writing: int, output: int) -> "HeldRun | None":
        """Have a candidate forked that writes to these descriptors; None if the holder has gone."""
        told = {**request, "sources": list(request["sources"])}
        body = channel.encode(told)
        try:
            self._control.settimeout(ANSWER_S)
            socket.send_fds(self._control, [channel.header(channel.SERVER, body)], [writing, output])
            self._control.sendall(body + channel.frame(channel.SERVER, packed))
        except OSError:
            return None
        return HeldRun(self)

    def ending(self, within_s: float) -> Optional[Ending]:
        """Wait for the candidate's end; a holder that has gone, or talks nonsense, took it along."""
        if not self.is_over and not select.select([self._control], [], [], within_s)[0]:
            return None
        message = None if self.is_over else self._hear("status", ANSWER_S)
        if message is None or not isinstance(message["status"], int):
            self.end()
            return KILLED
        cpu_s = message.get("cpu_s")
        return Ending(message["status"], cpu_s if isinstance(cpu_s, float) else 0.0)

    def end(self) -> None:
        """End the holder and all it has started, and undo what they changed."""
        if not self.is_over:
            self.is_over = True
            self._control.close()
            self._contained.after_run()

    def _hear(self, key: str, within_s: float) -> Optional[channel.Message]:
        """Return the holder's next message if it has `key`."""
        try:
            self._control.settimeout(within_s)
            message = channel.receive(self._control)
        except (OSError, channel.Malformed):
            return None
        return message if message is not None and key in message else None


class HeldRun:
    """A candidate that a holder has forked; the counterpart of `child.Forked`."""

    def __init__(self, held: HeldTest) -> None:
        self._held = held

    def kill(self) -> None:
        """Kill it, and its holder too, which costs less than to tell the two apart."""
        self._held.end()

    def reap(self, within_s: float) -> Optional[Ending]:
        """Wait for its end at most `within_s`."""
        return self._held.ending(within_s)

    def end_group(self) -> None:
        """What it left in its process group is found by `Holding.after_run`."""


class Holding:
    """Which test is held, in the server. `be_holder` is called in the child and does not return."""

    def __init__(
        self,
        contained: Any,
        connection: socket.socket,
        be_holder: Callable[[channel.Message, socket.socket], NoReturn],
    ) -> None:
        self._contained = contained
        self._connection = connection
        self._be_holder = be_holder
        self._previous: Optional[str] = None
        self._refused: Set[str] = set()
        self._held: Optional[HeldTest] = None

    @property
    def is_active(self) -> bool:
        """Whether a test is held."""
        return self._held is not None

    def hold_for(self, request: channel.Message) -> Optional[HeldTest]:
        """Return the held test that `request` can be tried on, None if there is none.

        A test is held from the second such request in a row on. Call this before anything is opened for the run.
        """
        test = _test_to_hold(request)
        repeated, self._previous = test is not None and test == self._previous, test
        if test is None or not repeated or test in self._refused:
            return None
        if self._held is not None and (test != self._held.test or not self._held.is_fresh):
            self.drop()
        if self._held is None:
            self._held = self._hold(test, request)
        return self._held

    def after_run(self) -> None:
        """Call after each run: end what it left running, undo what it changed. The held test usually outlives it."""
        spared = None if self._held is None or self._held.is_over else self._held.pid
        if not self._contained.after_run(spared) and self._held is not None:
            self.drop()

    def drop(self) -> None:
        """Hold nothing."""
        if self._held is not None:
            self._held.end()
            self._held = None

    def _hold(self, test: str, request: channel.Message) -> Optional[HeldTest]:
        ours, theirs = socket.socketpair()
        pid = fork_quietly()
        if pid == 0:
            ours.close()
            self._be_holder(request, theirs)
        theirs.close()
        held = HeldTest(test, pid, ours, self._contained)
        if held.is_ready(self._connection):
            return held
        held.end()
        self._refused.add(test)
        return None


class Holder:
    """The process that holds a test, and then each candidate that it has forked."""

    def __init__(
        self,
        plugin: DrivePlugin,
        checkpoint: Checkpoint,
        contained: Any,
        control: socket.socket,
    ) -> None:
        self._plugin = plugin
        self._checkpoint = checkpoint
        self._contained = contained
        self._control = control
        self._executed = StartRecorder(plugin.paths)
        self._surroundings = _surroundings()
        self._request: channel.Message = {}
        self._writing: Optional[int] = None  # Where the candidate writes; None before the test is held.
        self._limits: Optional[TimeLimits] = None
        self._is_judged_by_pytest = False

    def run(self, test: str) -> NoReturn:
        """Run the test up to its call and hold it there; candidates run the rest, and end."""
        item = self._plugin.items[test]
        item.config.pluginmanager.register(self)
        # A candidate's failure is read off the exception; putting it into words that nobody reads took a fifth of its time.
        item.repr_failure = lambda excinfo, style=None: ""  # type: ignore[method-assign]
        self._executed.start()
        result = self._plugin.recorder.run(item, None)
        if self._writing is not None:
            self._end(result)
        os._exit(0)  # The call was not reached; the server hears that by the control socket.

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Hold here, inside of all other wrappers, an item that is not called as a function."""
        if type(item).runtest is not pytest.Function.runtest:
            self._hold()
        yield

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Iterator[None]:
        """Hold here. Each candidate comes out below and makes the call.

        Where its failing is certain it ends at once: what pytest does before it says so touches as much memory again.
        """
        if self._writing is None:
            self._is_judged_by_pytest = is_judged_by_pytest(pyfuncitem)
            self._hold()
        outcome: Any = yield  # type: ignore[misc,assignment,unused-ignore]
        error = None if outcome.excinfo is None else outcome.excinfo[1]
        if error is not None and self._is_judged_by_pytest and is_failing(pyfuncitem, error):
            self._end(self._plugin.recorder.result_of_raising(error))

    def _hold(self) -> None:
        """Say that the test is held and fork a candidate for each request; return in candidates alone."""
        self._executed.stop()
        if _surroundings() != self._surroundings:
            os._exit(0)
        executed, new_paths = list(self._executed.executed), list(self._checkpoint.new_paths())
        channel.send(self._control, {"executed": executed, "new_paths": new_paths})
        random = sys.modules.get("random")
        random_state = random.getstate() if random is not None else None
        while True:
            body, descriptors = _receive_with_descriptors(self._control)
            packed = None if body is None else channel.receive_body(self._control)
            if body is None or packed is None:
                os._exit(0)
            swaps = self._prepare(channel.decode(body), packed, descriptors[0])
            pid = fork_quietly()
            if pid == 0:
                if random is not None:  # It reseeds itself after a fork.
                    random.setstate(random_state)
                self._become_candidate(swaps, descriptors[1])
                return
            for descriptor in descriptors:
                os.close(descriptor)
            _, status, usage = os.wait4(pid, 0)
            channel.send(self._control, {"status": status, "cpu_s": usage.ru_utime + usage.ru_stime})

    def _prepare(self, request: channel.Message, packed: bytes, writing: int) -> PackedSwaps:
        """Do what a candidate needs not do itself; return the patch."""
        self._request, self._writing = request, writing
        self._limits = TimeLimits(self._plugin.paths, request, self._tell_hang)
        self._limits.handle_signals()
        channel.write(writing, {"start": request["tests"][0]})
        return self._checkpoint.unpack(packed)

    def _become_candidate(self, swaps: PackedSwaps, output: int) -> None:
        """Do in the candidate what an ordinary run does before its test, as far as the holder has not done it."""
        assert self._limits is not None, "the holder has prepared this run"
        self._control.close()
        os.dup2(output, 1)
        os.dup2(output, 2)
        self._contained.limit_forked_run(self._request["run_cpu_s"])
        self._checkpoint.install_unpacked(swaps)
        self._limits.start_timers(self._request["tests"][0])
        self._plugin.recorder.restart(self._end)

    def _tell_hang(self, hang: Dict[str, Any]) -> None:
        assert self._writing is not None, "only a candidate has time limits"
        channel.write(self._writing, {"hang": hang})

    def _end(self, result: Dict[str, Any]) -> NoReturn:
        """Tell the verdict and end. A red one is told before the tear-down, which could not make it green."""
        assert self._limits is not None and self._writing is not None, "only a candidate comes to an end"
        self._limits.stop()
        done = {
            "done": True,
            "reply": {},
            "route": "swap",
            "loaded": self._request["sources"],
            "cpu_s": cpu_seconds(),
        }
        channel.write(self._writing, {"result": result}, done)
        os._exit(0)


def is_judged_by_pytest(item: pytest.Item) -> bool:
    """Return whether pytest alone, no plug-in and no conftest.py, decides what an exception of the test's call means."""
    own = ("_pytest", __name__.split(".", maxsplit=1)[0])
    found = (one.function for name in _JUDGING_HOOKS for one in getattr(item.ihook, name).get_hookimpls())
    return all(function.__module__.split(".")[0] in own for function in found)


def is_failing(item: pytest.Item, error: BaseException) -> bool:
    """Return whether pytest certainly calls `item` failed for `error`: it neither skips, nor ends, nor is expected."""
    unittest: Any = sys.modules.get("unittest")
    expected = (pytest.exit.Exception, *((unittest.SkipTest,) if unittest is not None else ()))
    if type(error) is not pytest.fail.Exception and (
        not isinstance(error, Exception) or isinstance(error, expected)
    ):
        return False
    return item.get_closest_marker("xfail") is None


def _test_to_hold(request: channel.Message) -> Optional[str]:
    """Return the one test that a candidate of a search is tried on; None for any other request."""
    tests: List[Any] = request.get("tests") or []
    is_candidate = request["op"] == "run" and request.get("fail_fast") and request.get("sources")
    return str(tests[0]) if is_candidate and len(tests) == 1 and not request.get("detail") else None


def _surroundings() -> List[Any]:
    """Return what a set-up must leave as it is, because a fork would share or lose it."""
    timers = [signal.getitimer(getattr(signal, name)) for name in _TIMERS]
    handlers = [signal.getsignal(number) for number in signal.valid_signals()]
    threads, descriptors = os.listdir("/proc/self/task"), sorted(os.listdir("/proc/self/fd"))
    return [timers, handlers, threads, descriptors, sys.gettrace()]


def _receive_with_descriptors(control: socket.socket) -> Tuple[Optional[bytes], List[int]]:
    """Wait for the next message and the descriptors that came with it."""
    header, descriptors, _, _ = socket.recv_fds(control, channel.HEADER_BYTES, 2, socket.MSG_CMSG_CLOEXEC)
    if len(header) < channel.HEADER_BYTES:
        return None, descriptors
    return channel.receive_body(control, header), descriptors
