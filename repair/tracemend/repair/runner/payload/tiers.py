"""The tiers of containment on Linux, each put together from its walls, and the choice among them."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
from typing import Callable, Collection, Mapping

from . import landlock, linux, namespaces, processes, seccomp
from .advice import next_step
from .containment import Walls
from .policy import ContainmentError, Policy, write_files
from .scratch import CopyTooLarge, View, copy_tree, remove
from .surroundings import scrub_environment

_ROOT_CAPABILITIES = (
    linux.CAP_CHOWN,
    linux.CAP_DAC_OVERRIDE,
    linux.CAP_DAC_READ_SEARCH,
    linux.CAP_FOWNER,
    linux.CAP_FSETID,
)
_ALWAYS_WRITABLE = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts")
_SOCKET_FAMILIES = (seccomp.AF_UNIX, seccomp.AF_NETLINK, seccomp.AF_INET, seccomp.AF_INET6)
# What the user's other programs may start while tests run, without the tests being refused a process.
_SPARE_USER_TASKS = 1024


def enter_tier(policy: Policy) -> Walls:
    """Fork into the first tier that works, and return inside of it."""
    failures: dict[str, str] = {}
    bounds = processes.Bounds(policy.max_processes, policy.memory_bytes * 3 // 2, policy.scratch)
    user_tasks = _count_user_tasks() + _SPARE_USER_TASKS
    for tier in _candidates(policy):
        in_keeper = namespaces.leave_process_namespace if tier == "namespaces" else _do_nothing
        build = functools.partial(_TIERS[tier], policy, failures, user_tasks)
        cull = processes.Cull()
        try:
            return processes.start(in_keeper, build, bounds, cull)._replace(await_keeper=cull.wait)
        except processes.StartRefused as error:
            failures[tier] = str(error)
    raise ContainmentError(_refusal(failures))


def _candidates(policy: Policy) -> list[str]:
    """Return the tiers to try, in order."""
    if policy.mode == "off":
        return ["limits"]
    if policy.force_tier is not None:
        return [policy.force_tier]
    return ["namespaces", "landlock", *(["limits"] if policy.mode == "auto" else [])]


def _build_namespaces(policy: Policy, failures: Mapping[str, str], user_tasks: int) -> Walls:
    """Tier 1. Where Landlock or seccomp are missing the namespaces still stand."""
    before = _open_descriptors()
    world = namespaces.build(
        namespaces.Plan(
            root=policy.root,
            scratch=policy.scratch,
            network=policy.network,
            memory_bytes=policy.memory_bytes,
            max_processes=policy.max_processes,
            extra_writable=policy.extra_writable,
        )
    )
    missing = list(world.missing)
    write_files(policy, policy.root)
    scrub_environment(world.temporary)
    private = _open_descriptors() - before
    linux.keep_capabilities(() if namespaces.in_user_namespace() else _ROOT_CAPABILITIES)
    linux.forbid_new_privileges()
    domain = None
    if landlock.abi():
        writable = [*world.writable, *_ALWAYS_WRITABLE]
        domain = _enter_domain(writable, writable)
    else:
        missing.append("Landlock is not available (Linux 5.13): one wall less against writing.")
    try:
        seccomp.install(_SOCKET_FAMILIES)
    except OSError as error:
        missing.append(f"System calls are not filtered ({error}).")
    linux.set_dumpable(False)
    level = {
        "level": "full",
        "filesystem": world.filesystem,
        "network": policy.network,
        "processes": "namespace",
        "signals": True,
        "missing": missing,
    }
    return Walls(
        level=level,
        root=policy.root,
        scratch=world.temporary,
        views=world.views,
        user_tasks=user_tasks,
        limit_child=functools.partial(_limit_child, private, domain),
        limit_grandchild=functools.partial(_limit_grandchild, domain),
        end_processes=processes.end_namespace,
        list_processes=processes.listed_descendants,
    )


def _build_landlock(policy: Policy, failures: Mapping[str, str], user_tasks: int) -> Walls:
    """Tier 2. Both Landlock and seccomp must be there; the project is a copy below the scratch directory."""
    if landlock.abi() == 0:
        raise OSError(38, "this kernel has no Landlock (Linux 5.13), or it is switched off")
    root, temporary = _empty_directory(policy, "project"), _empty_directory(policy, "tmp")
    try:
        copy_tree(policy.root, root)
    except CopyTooLarge as error:
        raise OSError(27, f"the project is too large to be copied ({error})") from None
    os.chdir(root)
    write_files(policy, root)
    scrub_environment(temporary)
    protected = () if landlock.scopes_signals() else _ancestors()
    processes.prefer_to_be_killed()
    linux.keep_capabilities(())
    linux.forbid_new_privileges()
    linux.become_subreaper()
    writable = [root, temporary, *policy.extra_writable, *_ALWAYS_WRITABLE]
    domain = _enter_domain([policy.scratch, *writable], writable)
    seccomp.install(_SOCKET_FAMILIES if policy.network == "open" else (seccomp.AF_NETLINK,), protected)
    linux.set_dumpable(False)
    level = {
        "level": "strong",
        "filesystem": "copy",
        "network": "open" if policy.network == "open" else "none",
        "processes": "subreaper",
        "signals": landlock.scopes_signals(),
        "missing": [*_reasons(failures), *_landlock_gaps(policy)],
    }
    views = [View(root, root, policy.root), View(temporary, temporary)]
    return Walls(
        level=level,
        root=root,
        scratch=temporary,
        views=views,
        user_tasks=user_tasks,
        limit_child=functools.partial(_limit_child, (), domain),
        limit_grandchild=functools.partial(_limit_grandchild, domain),
        end_processes=processes.end_descendants,
        list_processes=processes.listed_descendants,
    )


def _build_limits(policy: Policy, failures: Mapping[str, str], user_tasks: int) -> Walls:
    """Tier 3, and what is left when containment is switched off."""
    temporary = _empty_directory(policy, "tmp")
    os.chdir(policy.root)
    scrub_environment(temporary)
    processes.prefer_to_be_killed()
    linux.become_subreaper()
    linux.forbid_new_privileges()
    linux.set_dumpable(False)
    level = {
        "level": "none" if policy.mode == "off" else "basic",
        "filesystem": "open",
        "network": "open",
        "processes": "subreaper",
        "signals": False,
        "missing": [*_reasons(failures), "Files can be changed anywhere, and the network can be reached."],
    }
    return Walls(
        level=level,
        root=policy.root,
        scratch=temporary,
        views=[View(temporary, temporary)],
        user_tasks=user_tasks,
        limit_child=functools.partial(_limit_child, (), None),
        limit_grandchild=functools.partial(_limit_grandchild, None),
        end_processes=processes.end_descendants,
        list_processes=processes.listed_descendants,
    )


_TIERS: dict[str, Callable[[Policy, Mapping[str, str], int], Walls]] = {
    "namespaces": _build_namespaces,
    "landlock": _build_landlock,
    "limits": _build_limits,
}


def _empty_directory(policy: Policy, name: str) -> str:
    """Make a directory in the scratch directory, in place of what a failed tier may have left."""
    path = os.path.join(policy.scratch, name)
    remove(path)
    os.mkdir(path, 0o700)
    return path


def _enter_domain(server: list[str], run: list[str]) -> int:
    """Enter the server's domain, and return the ruleset that each run enters on top: a wall between the two."""
    own, nested = landlock.create_ruleset(server), landlock.create_ruleset(run)
    landlock.enter_domain(own)
    os.close(own)
    return nested


def _limit_child(private_descriptors: Collection[int], domain: int | None, will_fork_runs: bool) -> None:
    """In the forked child: let go of what only the server may hold, and step behind the inner wall.

    A child that will fork runs of its own keeps the plan of that wall, for another one between itself and them.
    """
    for descriptor in private_descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    if domain is not None:
        landlock.enter_domain(domain)
        if not will_fork_runs:
            os.close(domain)
    linux.set_parent_death_signal(signal.SIGKILL)
    if will_fork_runs:
        linux.become_subreaper()
    linux.set_dumpable(True)


def _limit_grandchild(domain: int | None) -> None:
    """In a run that such a child has forked: step behind a wall of its own. All else is inherited."""
    if domain is not None:
        landlock.enter_domain(domain)
        os.close(domain)
    linux.set_parent_death_signal(signal.SIGKILL)


def _landlock_gaps(policy: Policy) -> list[str]:
    """Say what tier 2 cannot do."""
    gaps = ["Modes and times of files outside of the scratch copy can be changed, their content cannot."]
    if policy.network != "open":
        gaps.append("Tests cannot use sockets, not even on the loopback.")
    gaps.append("Tests cannot share memory and locks between processes by name.")
    if not landlock.scopes_signals():
        gaps.append("Signals can be sent to processes that are not the runner's (Linux 6.12 prevents that).")
    return gaps


def _reasons(failures: Mapping[str, str]) -> list[str]:
    """Say why stronger tiers could not be had."""
    return [f"The tier {tier} is not available: {reason}." for tier, reason in failures.items()]


def _refusal(failures: Mapping[str, str]) -> str:
    """Say what was tried, why it failed and what to do."""
    reasons = "; ".join(f"{tier}: {reason}" for tier, reason in failures.items())
    return f"Tests cannot be contained here ({reasons}). {next_step()}"


def _ancestors() -> list[int]:
    """Return this process and all above it but init, as far as /proc tells."""
    found = []
    process = os.getpid()
    while process > 1:
        found.append(process)
        with open(f"/proc/{process}/stat", "rb") as file:
            process = int(file.read().rpartition(b")")[2].split()[1])
    return found


def _count_user_tasks() -> int:
    """Count the threads of this user's processes: the directory of a process's tasks has one link for each."""
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                status = os.stat(f"/proc/{name}/task")
                count += status.st_nlink - 2 if status.st_uid == os.geteuid() else 0
    return count


def _open_descriptors() -> set[int]:
    """Return the open descriptors, without the one that lists them."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            os.fstat(int(name))
            found.add(int(name))
    return found


def _do_nothing() -> None:
    """What the keeper of a tier without a PID namespace does before it forks."""
