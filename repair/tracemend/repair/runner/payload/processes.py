"""Processes: starting the contained one under a keeper, watching it, and leaving nothing of it behind.

Three processes take part. The *outer* one is what the tool started; it only waits, passes signals on and ends as the
contained process ended. The *keeper* is its child, the parent of the contained process and the reaper of its orphans; it
watches how many processes there are and how much memory they hold together, because no rlimit does (RLIMIT_NPROC is not
enforced for root, RLIMIT_AS is per process). The *contained* one returns from `start`. When the outer process dies, even by
SIGKILL, the keeper is told by the kernel and ends everything; when the keeper dies the contained process dies.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import signal
import time
from typing import Callable, NamedTuple, NoReturn, TypeVar

from . import linux

Result = TypeVar("Result")

WATCH_INTERVAL_S = 0.05
# A warm runner waits for hours. What the first bomb after that does in a quarter of a second its own limits bound.
IDLE_INTERVAL_S, IDLE_AFTER_S = 0.25, 1.0
KILL_DEADLINE_S = 10.0
RESERVE_SHARE = 0.05
SUSPICION_S = 1.0
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_WATCHED = (*_ENDING, signal.SIGCHLD)
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Bounds(NamedTuple):
    """What the processes of a run may use together."""

    processes: int
    memory_bytes: int  # More than one process may have, so that its own limit is met first.
    scratch: str  # Its disk must not run full.


class Cull:
    """What the keeper and the contained process share: whether the former is killing all that is below the latter.

    A run that began meanwhile, after the one that is to blame has ended, would be killed for it.
    """

    def __init__(self) -> None:
        self._is_on = mmap.mmap(-1, 1)

    def __enter__(self) -> None:
        self._is_on[0] = 1

    def __exit__(self, *_: object) -> None:
        self._is_on[0] = 0

    def keep_from_children(self) -> None:
        """Do not share it with what this process forks."""
        self._is_on.madvise(mmap.MADV_DONTFORK)

    def wait(self) -> None:
        """Wait until the keeper has done."""
        deadline = time.monotonic() + KILL_DEADLINE_S
        while self._is_on[0] and time.monotonic() < deadline:
            time.sleep(0.0005)


class StartRefused(Exception):
    """The contained process could not be set up; the text says why."""


def start(
    in_keeper: Callable[[], None], in_contained: Callable[[], Result], bounds: Bounds, cull: Cull
) -> Result:
    """Fork the keeper and the contained process, and return in the latter alone what `in_contained` returned there.

    `in_keeper` runs in the keeper before it forks. If either raises OSError, all that was started ends and StartRefused is
    raised here, in the original process, which may then try something else.
    """
    report, answer = os.pipe()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    outer = os.getpid()
    keeper = os.fork()
    if keeper:
        os.close(answer)
        problem = _read_report(report)
        if problem is None:
            os.closerange(3, _descriptor_limit())
            _wait_outside(keeper)
        os.waitpid(keeper, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        raise StartRefused(problem)
    os.close(report)
    os.setsid()  # Whoever kills the outer process's group must leave the keeper to clean up.
    linux.set_parent_death_signal(signal.SIGTERM)
    if os.getppid() != outer:
        os._exit(1)
    _or_answer(answer, in_keeper)
    linux.become_subreaper()
    contained = os.fork()
    if contained:
        os.closerange(3, _descriptor_limit())
        _keep(contained, bounds, cull)
    result = _or_answer(answer, in_contained)
    cull.keep_from_children()
    linux.set_parent_death_signal(signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    os.write(answer, b"+")
    os.close(answer)
    return result


def descendants(process: int) -> list[int]:
    """Return the processes below `process`, parents first. What starts meanwhile may be missed: ask again."""
    found = []
    pending = [process]
    while pending:
        children = _children(pending.pop())
        found += children
        pending += children
    return found


def listed_descendants() -> list[int] | None:
    """Return the processes below this one; None where /proc does not tell."""
    if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
        return None
    return descendants(os.getpid())


def end_descendants() -> None:
    """Kill and reap all that is below this process, which must be a subreaper, so that daemons are below it too."""
    kill_below(os.getpid())


def end_namespace() -> None:
    """As the first process of a PID namespace, kill all others, whatever sessions they hide in, and reap them."""
    deadline = time.monotonic() + KILL_DEADLINE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        if not _reap(0):
            return
        time.sleep(0.0005)


def kill_below(process: int) -> None:
    """Kill all below `process`, again until none is left.

    They are all stopped first, so that a bomb cannot fork faster than it is killed.
    """
    deadline = time.monotonic() + KILL_DEADLINE_S
    while time.monotonic() < deadline:
        doomed = [one for one in descendants(process) if not _is_zombie(one)]
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for one in doomed:
                _send(one, number)
        left = _reap(process)
        if not doomed and not (left and process == os.getpid()):
            return
        time.sleep(0.0005)


def prefer_to_be_killed() -> None:
    """Have the kernel choose this process and its children first when memory runs out. Needs no privilege."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")


def _reap(spared: int) -> bool:
    """Collect the children that have ended, up to `spared`; return whether children are left."""
    while True:
        try:
            status = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        if status is None or status.si_pid == spared:
            return True
        os.waitpid(status.si_pid, 0)


def _keep(contained: int, bounds: Bounds, cull: Cull) -> NoReturn:
    """The keeper's life: watch the contained process, end all below it when told to, end as it ended."""
    machine = _Machine(bounds.scratch)
    while True:
        idle = time.monotonic() - machine.last_busy > IDLE_AFTER_S
        event = signal.sigtimedwait(_WATCHED, IDLE_INTERVAL_S if idle else WATCH_INTERVAL_S)
        if event is not None and event.si_signo in _ENDING:
            _send(contained, signal.SIGKILL)
        status = _status_if_ended(contained)
        if status is not None:
            kill_below(os.getpid())
            _end_as(status)
        if _exceeds(contained, bounds, machine):
            with cull:  # Now that nothing begins any more: those may have ended, and others be there.
                if _exceeds(contained, bounds, machine):
                    kill_below(contained)


class _Machine:
    """What of the machine's memory and of the scratch directory's disk must be left for others."""

    def __init__(self, scratch: str) -> None:
        self._scratch = os.open(scratch, os.O_PATH)
        self.last_busy = time.monotonic()
        self.note_idle()

    def note_idle(self) -> None:
        """Remember what is free while no run is active."""
        self._idle_memory_bytes = _available_memory_bytes()
        self._idle_disk_bytes = self._free_disk_bytes()

    def is_exhausted(self) -> bool:
        """Return whether a run has left too little."""
        return (
            _available_memory_bytes() < self._idle_memory_bytes * RESERVE_SHARE
            or self._free_disk_bytes() < self._idle_disk_bytes * RESERVE_SHARE
        )

    def _free_disk_bytes(self) -> int:
        status = os.fstatvfs(self._scratch)
        return status.f_bavail * status.f_frsize


def _exceeds(contained: int, bounds: Bounds, machine: _Machine) -> bool:
    """Return whether the processes below `contained` are too many or take too much together."""
    running = descendants(contained)
    if not running:
        machine.note_idle()
        return False
    machine.last_busy = time.monotonic()
    if len(running) > bounds.processes or machine.is_exhausted():
        return True
    # Resident sizes count a page that is shared after a fork once for each process, so they only raise a suspicion.
    return sum(map(_resident_bytes, running)) > bounds.memory_bytes and _hold_more(
        running, bounds.memory_bytes
    )


def _hold_more(suspects: list[int], memory_bytes: int) -> bool:
    """Return whether the proportional sizes of `suspects` add up to more than `memory_bytes`.

    Reading them waits for a lock that a process holds while it forks, without end if it forks without end. So another
    process reads them, and suspects who keep that one waiting are taken to be guilty.
    """
    reading, writing = os.pipe()
    reader = os.fork()
    if reader == 0:
        os.write(writing, b"1" if sum(map(_proportional_bytes, suspects)) > memory_bytes else b"0")
        os._exit(0)
    os.close(writing)
    answered = bool(select.select([reading], [], [], SUSPICION_S)[0])
    answer = os.read(reading, 1) if answered else b"1"
    os.close(reading)
    _send(reader, signal.SIGKILL)
    return answer != b"0"


def _wait_outside(keeper: int) -> NoReturn:
    """The outer process's life: wait for the keeper, pass on what asks to end, end as it ended."""
    while True:
        event = signal.sigtimedwait(_WATCHED, 1.0)
        if event is not None and event.si_signo in _ENDING:
            _send(keeper, signal.SIGTERM)
        status = _status_if_ended(keeper)
        if status is not None:
            _end_as(status)


def _end_as(status: int) -> NoReturn:
    """Exit with the code, or die by the signal, that `status` tells of."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        linux.set_dumpable(False)  # One core file, if any, is enough.
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)


def _status_if_ended(process: int) -> int | None:
    """Reap whatever ended, and return the status of `process` if it is among that."""
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        if ended == process:
            return status
        if ended == 0:
            return None


def _or_answer(answer: int, action: Callable[[], Result]) -> Result:
    """Run `action`; if it fails tell the outer process why, and end."""
    try:
        return action()
    except OSError as error:
        os.write(answer, str(error).encode("utf-8", "replace")[:4000] or b"unknown error")
        os._exit(1)


def _read_report(report: int) -> str | None:
    """Wait until the contained process is ready; return None, or what went wrong."""
    text = b""
    while True:
        part = os.read(report, 4096)
        if not part:
            break
        text += part
    os.close(report)
    if text == b"+":
        return None
    return text.decode("utf-8", "replace") or "the process ended while it was set up"


def _children(process: int) -> list[int]:
    """Return the children of all threads of `process`, from /proc/PID/task/TID/children."""
    children = []
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", "rb") as file:
                children += [int(one) for one in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass  # It ended meanwhile; its children have a new parent, which the next look will find.
    return children


def _is_zombie(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return True


def _resident_bytes(process: int) -> int:
    try:
        with open(f"/proc/{process}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE_BYTES
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _proportional_bytes(process: int) -> int:
    """Return its share of the pages that it holds (Pss), or all of them where that is hidden."""
    try:
        with open(f"/proc/{process}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return _resident_bytes(process)


def _available_memory_bytes() -> int:
    with open("/proc/meminfo", "rb") as file:
        for line in file:
            if line.startswith(b"MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 1 << 62


def _send(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def _descriptor_limit() -> int:
    return max(int(one) for one in os.listdir("/proc/self/fd")) + 1
