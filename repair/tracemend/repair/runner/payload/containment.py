"""Containment: tests and candidates run where they can do no harm, and leave nothing behind.

This is code that runs first thing in a fresh, single-threaded interpreter of the project. `enter` tries the tiers from
the strongest on and returns, in a forked process, a `Contained`; the original process stays outside as its waiter.

1. *namespaces*: the project is an overlay at its own path, everything else is read-only, the network is an empty one
   with a loopback, processes live in a PID namespace. Landlock and seccomp are a second wall where the kernel has them.
2. *landlock*: for kernels and containers that forbid namespaces. The project is a scratch copy at another path, nothing
   else can be written, there are no sockets but pairs.
3. *limits*: resource limits only, and every process found again and killed.

Around each run the server calls `before_run` (in itself, before it forks), `limit_run` (in the child) and `after_run`
(in itself, once the child is reaped). What a run did to the project or to temporary files is undone by `after_run`, so
that runs cannot influence each other.

Read on in `tiers.py` (how each tier is put together), `namespaces.py`, `landlock.py` and `seccomp.py` (the walls),
`processes.py` (who waits for whom, and who kills whom) and `scratch.py` (undoing).

Reading is not restricted: the threat is code that destroys, persists or phones home, and without a network there is no
way out for what was read. Environment variables that look like secrets are removed all the same.
"""

from __future__ import annotations

import math
import os
import sys
from typing import Any, Callable, Mapping, NamedTuple

from .policy import ContainmentError, Policy, read_policy
from .scratch import View
from .surroundings import scrub_environment

__all__ = ["Contained", "ContainmentError", "Walls", "enter"]

_MAX_OPEN_FILES = 4096


class Walls(NamedTuple):
    """What a tier hands over: the scratch views, and what it does in the child and after it."""

    level: "dict[str, Any]"  # The fields of `results.Containment`.
    root: str
    scratch: str
    views: "list[View]"
    user_tasks: int  # How many tasks the user has elsewhere; RLIMIT_NPROC counts them too.
    limit_child: Callable[[bool], None]  # Told whether that child will fork runs of its own.
    limit_grandchild: Callable[[], None]  # For those.
    end_processes: Callable[[], None]
    list_processes: "Callable[[], list[int] | None]"  # All below this one; None where that cannot be told.
    await_keeper: Callable[[], None] = lambda: None  # Returns once a run may begin.


class Contained:
    """The contained process as its code sees it.

    `level` has the fields of `results.Containment`, `root` is where the project is seen, `scratch` is TMPDIR.
    """

    def __init__(self, policy: Policy, walls: Walls) -> None:
        self.level = walls.level
        self.root = walls.root
        self.scratch = walls.scratch
        self._policy = policy
        self._walls = walls
        self._remembered = False

    def before_run(self) -> None:
        """Call before forking a run. At the first call the scratch views become what every run starts from."""
        self._walls.await_keeper()
        self._remember()

    def _remember(self) -> None:
        if not self._remembered:
            self._remembered = True
            for view in self._walls.views:
                view.remember()

    def limit_run(self, cpu_s: float, *, will_fork_runs: bool = False) -> None:
        """Bound this process, just forked, before it runs anything of the user's.

        `will_fork_runs`: it is made ready for a run, forks one after the other, and has `limit_forked_run` called in each.
        """
        if hasattr(os, "setsid"):
            os.setsid()
            _limit_resources(self._policy, cpu_s, self._walls.user_tasks)
        self._walls.limit_child(will_fork_runs)

    def limit_forked_run(self, cpu_s: float) -> None:
        """Bound this process, just forked by one that was limited with `will_fork_runs`; most limits are inherited."""
        os.setsid()
        _limit_cpu(cpu_s)
        self._walls.limit_grandchild()

    def is_pristine(self, keeper: int) -> bool:
        """Return whether `keeper` is the only process here, and no file was changed since the last run."""
        return self._walls.list_processes() == [keeper] and all(
            view.is_unchanged() for view in self._walls.views
        )

    def after_run(self, spared: "int | None" = None) -> bool:
        """Call after the run's process was reaped: end what it left running, undo what it changed.

        The process `spared` lives on if it is the only one left; returns whether it does.
        """
        is_spared = spared is not None and self._walls.list_processes() == [spared]
        if not is_spared:
            self._walls.end_processes()
        self._remember()
        for view in self._walls.views:
            view.restore()
        return is_spared


def enter(values: Mapping[str, Any]) -> Contained:
    """Enter the strongest tier that works here and return inside of it; `values` are the fields of `Policy`.

    Raises ContainmentError, in the original process, if the policy requires more than can be had.
    """
    policy = read_policy(values)
    if sys.platform == "linux":
        from .tiers import enter_tier

        return Contained(policy, enter_tier(policy))
    return Contained(policy, _stay_outside(policy))


def _stay_outside(policy: Policy) -> Walls:
    """On systems other than Linux no tier of ours works; what Python offers bounds each run."""
    if policy.mode == "require":
        raise ContainmentError(f"Tests cannot be contained on {sys.platform}: containment needs Linux.")
    temporary = os.path.join(policy.scratch, "tmp")
    os.mkdir(temporary, 0o700)
    os.chdir(policy.root)
    scrub_environment(temporary)
    level = {
        "level": "none",
        "filesystem": "open",
        "network": "open",
        "processes": "group",
        "signals": False,
        "missing": [f"Containment needs Linux; on {sys.platform} only resource limits hold."],
    }
    views = [View(temporary, temporary)]
    return Walls(
        level=level,
        root=policy.root,
        scratch=temporary,
        views=views,
        user_tasks=0,
        limit_child=_do_nothing,
        limit_grandchild=_do_nothing,
        end_processes=_do_nothing,
        list_processes=_do_nothing,
    )


def _limit_resources(policy: Policy, cpu_s: float, user_tasks: int) -> None:
    """Set the limits of one run. Address space that the server has reserved already does not count."""
    import resource

    _limit_cpu(cpu_s)
    limits = {
        "RLIMIT_AS": policy.memory_bytes + _address_space_bytes(),
        "RLIMIT_FSIZE": policy.file_bytes,
        "RLIMIT_NPROC": policy.max_processes + user_tasks,
        "RLIMIT_NOFILE": _MAX_OPEN_FILES,
        "RLIMIT_CORE": 0,
    }
    for name, wanted in limits.items():
        limit = getattr(resource, name)
        hard = resource.getrlimit(limit)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(limit, (value, value))


def _limit_cpu(cpu_s: float) -> None:
    """Bound the CPU time of this process: SIGXCPU, which comes first, can be ignored, SIGKILL a second later cannot."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    value = max(1, math.ceil(cpu_s))
    if hard == resource.RLIM_INFINITY or value < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (value, value + 1))
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


def _address_space_bytes() -> int:
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _do_nothing(*_: object) -> None:
    """Where there are no walls, nothing is to be done at them."""
