"""Containment: tests and candidates run where they can do no harm, and leave nothing behind.

This is code that runs first thing in a fresh, single-threaded interpreter of the project. `enter` tries tiers from the
strongest on and returns, in a forked process, a `Contained`; the original process stays outside as its waiter.

1. *namespaces* (`namespaces.py`): the project is an overlay at its own path, everything else is read-only, the network is an
   empty one with a loopback, processes live in a PID namespace. Landlock and seccomp come on top where the kernel has them.
2. *landlock* (`landlock.py`, `seccomp.py`): for kernels and containers that forbid namespaces. The project is a scratch copy
   at another path, nothing else can be written, no sockets but pairs.
3. *limits*: resource limits only, and every process found again and killed.

Around each run the server calls `before_run` (in itself, before it forks), `limit_run` (in the child) and `after_run` (in
itself, once the child is reaped). What a run did to the project or to temporary files is undone by `after_run`, so runs
cannot influence each other (`scratch.py`). Who waits for whom is told in `processes.py`.

Reading is not restricted: the threat is code that destroys, persists or phones home, and without a network there is no
way out for what was read. Environment variables that look like secrets are removed all the same.
"""

from __future__ import annotations

import base64
import contextlib
import math
import os
import resource
import signal
import sys
import time
from typing import Any, Collection, Mapping, NamedTuple, Optional

from . import landlock, linux, namespaces, processes, seccomp
from .scratch import CopyTooLarge, View, copy_tree
from .surroundings import clean_environment, is_secret

_REAP_DEADLINE_S = 10.0
_COPY_MAX_BYTES = 1 << 30
_COPY_MAX_ENTRIES = 100_000
_MAX_OPEN_FILES = 4096
_ROOT_CAPABILITIES = (
    linux.CAP_CHOWN,
    linux.CAP_DAC_OVERRIDE,
    linux.CAP_DAC_READ_SEARCH,
    linux.CAP_FOWNER,
    linux.CAP_FSETID,
)
_ALWAYS_WRITABLE = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts")


class ContainmentError(Exception):
    """Containment was required and cannot be had; the message says what is missing and what to do."""


class Policy(NamedTuple):
    """What is asked for; see `settings.RunnerSettings` for the meaning of the numbers."""

    root: str
    scratch: str
    mode: str  # "require", "auto" or "off".
    network: str  # "none", "loopback" or "open".
    memory_bytes: int
    max_processes: int
    file_bytes: int
    force_tier: Optional[str]
    extra_writable: "tuple[str, ...]"
    files: Mapping[str, str]  # Project-relative path -> content in base64.

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Policy:
        """Fill what `values` leaves out with cautious defaults."""
        return cls(
            root=os.path.abspath(values["root"]),
            scratch=os.path.abspath(values["scratch"]),
            mode=values.get("mode", "auto"),
            network=values.get("network", "none"),
            memory_bytes=values.get("memory_bytes", 4 << 30),
            max_processes=values.get("max_processes", 256),
            file_bytes=values.get("file_bytes", 256 << 20),
            force_tier=values.get("force_tier"),
            extra_writable=tuple(values.get("extra_writable", ())),
            files=values.get("files", {}),
        )


class Contained:
    """The contained process as its code sees it."""

    def __init__(
        self, policy: Policy, level: dict[str, Any], root: str, scratch: str, views: list[View]
    ) -> None:
        self.level = level
        self.root = root
        self.scratch = scratch
        self._policy = policy
        self._views = views
        self._remembered = False
        self._private_descriptors: list[int] = []
        self._run_domain: int | None = None

    def before_run(self) -> None:
        """Call before forking a run. The first call takes the scratch views as they are for what every run starts from."""
        if not self._remembered:
            self._remembered = True
            for view in self._views:
                view.remember()

    def limit_run(self, cpu_s: float) -> None:
        """Bound this process, just forked, before it runs anything of the user's."""
        os.setsid()
        for descriptor in self._private_descriptors:
            os.close(descriptor)
        _limit_resources(self._policy, cpu_s)
        if self._run_domain is not None:
            landlock.enter_domain(self._run_domain)
            os.close(self._run_domain)
        if sys.platform == "linux":
            linux.set_parent_death_signal(signal.SIGKILL)
            linux.set_dumpable(True)

    def after_run(self, spared: Collection[int] = ()) -> None:
        """Call after the run's process was reaped: end what it left running, undo what it changed.

        Processes of `spared` stay, as a second server that is kept warm might.
        """
        self._end_processes(spared)
        self.before_run()
        for view in self._views:
            view.restore()

    def _end_processes(self, spared: Collection[int]) -> None:
        if sys.platform != "linux":
            return
        if self.level["processes"] == "namespace" and os.getpid() == 1 and not spared:
            _end_everything_else()
        else:
            processes.kill_descendants(os.getpid(), spared)


def enter(values: Mapping[str, Any]) -> Contained:
    """Enter the strongest tier that works here, and return inside of it; `values` are the fields of `Policy`.

    Raises ContainmentError, in the original process, if the policy requires more than can be had.
    """
    policy = Policy.read(values)
    if sys.platform != "linux":
        return _enter_elsewhere(policy)
    failures: dict[str, str] = {}
    for tier in _tiers(policy):
        contained = _try_tier(tier, policy, failures)
        if contained is not None:
            return contained
    raise ContainmentError(_requirement_sentence(failures))


def _tiers(policy: Policy) -> list[str]:
    """Return the tiers to try, in order."""
    if policy.mode == "off":
        return ["limits"]
    if policy.force_tier is not None:
        return [policy.force_tier]
    return ["namespaces", "landlock"] + (["limits"] if policy.mode == "auto" else [])


def _try_tier(tier: str, policy: Policy, failures: dict[str, str]) -> Contained | None:
    """Fork into `tier` and return inside; in the original process return None and note why it failed."""
    entered: list[Contained] = []
    enter_tier = {"namespaces": _enter_namespaces, "landlock": _enter_landlock, "limits": _enter_limits}[tier]
    in_keeper = namespaces.leave_process_namespace if tier == "namespaces" else _nothing
    bounds = processes.Bounds(policy.max_processes, policy.memory_bytes)
    try:
        processes.start(in_keeper, lambda: entered.append(enter_tier(policy, failures)), bounds)
    except processes.StartRefused as error:
        failures[tier] = str(error)
        return None
    return entered[0]


def _enter_namespaces(policy: Policy, failures: Mapping[str, str]) -> Contained:
    """Tier 1. Landlock and seccomp are a second wall; where they are missing the first one stands."""
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
    _write_files(policy)
    _scrub_environment(world.temporary)
    private = _open_descriptors() - before
    linux.keep_capabilities(() if namespaces.in_user_namespace() else _ROOT_CAPABILITIES)
    linux.forbid_new_privileges()
    writable = [*world.writable, *_ALWAYS_WRITABLE]
    domain = _enter_landlock_domain(writable, writable, missing)
    _install_filter((seccomp.AF_UNIX, seccomp.AF_NETLINK, seccomp.AF_INET, seccomp.AF_INET6), (), missing)
    linux.set_dumpable(False)
    level = {
        "level": "full",
        "filesystem": world.filesystem,
        "network": policy.network,
        "processes": "namespace",
        "signals": True,
        "missing": missing,
    }
    contained = Contained(policy, level, policy.root, world.temporary, world.views)
    contained._private_descriptors = sorted(private)
    contained._run_domain = domain
    return contained


def _enter_landlock(policy: Policy, failures: Mapping[str, str]) -> Contained:
    """Tier 2. Both Landlock and seccomp must be there; the project is a copy below the scratch directory."""
    if landlock.abi() == 0:
        raise OSError(38, "this kernel has no Landlock (Linux 5.13), or it is switched off")
    root, temporary = f"{policy.scratch}/project", f"{policy.scratch}/tmp"
    for directory in (root, temporary):
        os.mkdir(directory, 0o700)
    try:
        copy_tree(policy.root, root, _COPY_MAX_BYTES, _COPY_MAX_ENTRIES)
    except CopyTooLarge as error:
        raise OSError(27, f"the project is too large to be copied ({error})") from None
    os.chdir(root)
    _write_files(policy._replace(root=root))
    _scrub_environment(temporary)
    missing = [*_reasons(failures), *_landlock_gaps(policy)]
    protected = () if landlock.scopes_signals() else _ancestors()
    linux.keep_capabilities(())
    linux.forbid_new_privileges()
    linux.become_subreaper()
    writable = [root, temporary, *policy.extra_writable, *_ALWAYS_WRITABLE]
    domain = _enter_landlock_domain([policy.scratch, *writable], writable, [])
    families = [seccomp.AF_NETLINK]
    if policy.network == "open":
        families += [seccomp.AF_UNIX, seccomp.AF_INET, seccomp.AF_INET6]
    seccomp.install(families, protected)
    linux.set_dumpable(False)
    level = {
        "level": "strong",
        "filesystem": "copy",
        "network": "open" if policy.network == "open" else "none",
        "processes": "subreaper",
        "signals": landlock.scopes_signals(),
        "missing": missing,
    }
    views = [View(root, root, policy.root), View(temporary, temporary)]
    contained = Contained(policy, level, root, temporary, views)
    contained._run_domain = domain
    return contained


def _enter_limits(policy: Policy, failures: Mapping[str, str]) -> Contained:
    """Tier 3, and what is left when containment is switched off."""
    temporary = f"{policy.scratch}/tmp"
    os.mkdir(temporary, 0o700)
    os.chdir(policy.root)
    _scrub_environment(temporary)
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
    return Contained(policy, level, policy.root, temporary, [View(temporary, temporary)])


def _enter_elsewhere(policy: Policy) -> Contained:
    """Systems other than Linux: no tier of ours works there; what Python offers bounds each run."""
    if policy.mode == "require":
        raise ContainmentError(f"Tests cannot be contained on {sys.platform}; containment needs Linux.")
    temporary = f"{policy.scratch}/tmp"
    os.mkdir(temporary, 0o700)
    os.chdir(policy.root)
    _scrub_environment(temporary)
    level = {
        "level": "none",
        "filesystem": "open",
        "network": "open",
        "processes": "group",
        "signals": False,
        "missing": [f"Containment needs Linux; on {sys.platform} only resource limits hold."],
    }
    return Contained(policy, level, policy.root, temporary, [View(temporary, temporary)])


def _limit_resources(policy: Policy, cpu_s: float) -> None:
    """Set the limits of one run. Address space that the server already has reserved does not count."""
    cpu_limit_s = max(1, math.ceil(cpu_s))
    limits = {
        resource.RLIMIT_AS: policy.memory_bytes + _address_space_bytes(),
        resource.RLIMIT_CPU: cpu_limit_s,
        resource.RLIMIT_FSIZE: policy.file_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _MAX_OPEN_FILES,
    }
    if hasattr(resource, "RLIMIT_NPROC"):
        limits[resource.RLIMIT_NPROC] = policy.max_processes
    for limit, value in limits.items():
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # One second more for CPU: the soft limit's SIGXCPU can be ignored, the hard one's SIGKILL cannot.
        hard = value + 1 if limit == resource.RLIMIT_CPU else value
        resource.setrlimit(limit, (value, hard))


def _address_space_bytes() -> int:
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _end_everything_else() -> None:
    """As the first process of a PID namespace, kill all others, whatever sessions they hide in, and reap them."""
    deadline = time.monotonic() + _REAP_DEADLINE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        if not processes.reap():
            return
        time.sleep(0.0005)


def _enter_landlock_domain(server: list[str], run: list[str], missing: list[str]) -> int | None:
    """Enter the server's domain, and return the ruleset that each run enters on top, for a wall between the two."""
    if landlock.abi() == 0:
        missing.append("Landlock is not available (Linux 5.13): one wall less against writing.")
        return None
    own = landlock.create_ruleset(server)
    nested = landlock.create_ruleset(run)
    landlock.enter_domain(own)
    os.close(own)
    return nested


def _install_filter(families: Collection[int], protected: Collection[int], missing: list[str]) -> None:
    try:
        seccomp.install(families, protected)
    except OSError as error:
        missing.append(f"System calls are not filtered ({error}).")


def _reasons(failures: Mapping[str, str]) -> list[str]:
    """Say why stronger tiers could not be had."""
    return [f"The tier {tier} is not available: {reason}." for tier, reason in failures.items()]


def _landlock_gaps(policy: Policy) -> list[str]:
    """Say what tier 2 cannot do."""
    gaps = ["Modes and times of files outside of the scratch copy can be changed, their content cannot."]
    if policy.network != "open":
        gaps.append("Tests cannot use sockets, not even on the loopback.")
    if not landlock.scopes_signals():
        gaps.append(
            "Signals can be sent to processes other than the runner's own (Linux 6.12 prevents that)."
        )
    return gaps


def _write_files(policy: Policy) -> None:
    """Write the files that the run is to see in place of the project's."""
    for relative, content in policy.files.items():
        path = os.path.normpath(os.path.join(policy.root, relative))
        if not path.startswith(policy.root + os.sep):
            raise OSError(22, f"{relative!r} is not a path inside of the project")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(content))


def _scrub_environment(temporary: str) -> None:
    kept = clean_environment(os.environ, temporary)
    for name in [name for name in os.environ if is_secret(name)]:
        del os.environ[name]
    os.environ.update(kept)


def _ancestors() -> list[int]:
    """Return this process and all above it, as far as /proc tells, without init."""
    found = []
    process = os.getpid()
    while process > 1:
        found.append(process)
        with open(f"/proc/{process}/stat", "rb") as file:
            process = int(file.read().rpartition(b")")[2].split()[1])
    return found


def _open_descriptors() -> set[int]:
    """Return the open descriptors; the one that lists them is closed again, and found closed."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            os.fstat(int(name))
        except OSError:
            continue
        found.add(int(name))
    return found


def _requirement_sentence(failures: Mapping[str, str]) -> str:
    """Say what was tried, why it failed and what to do."""
    reasons = "; ".join(f"{tier}: {reason}" for tier, reason in failures.items())
    return f"Tests cannot be contained here ({reasons}). {_advice()}"


def _advice() -> str:
    """Name the setting that most likely stands in the way."""
    if _kernel_setting("apparmor_restrict_unprivileged_userns") == "1":
        return (
            "Ubuntu keeps programs from making user namespaces: run"
            " `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or switch containment off."
        )
    if _kernel_setting("unprivileged_userns_clone") == "0":
        return "Allow user namespaces with `sudo sysctl -w kernel.unprivileged_userns_clone=1`."
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return (
            "In a container, start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`"
            " so that namespaces can be made."
        )
    return "Use Linux 5.13 or newer with user namespaces or Landlock switched on."


def _kernel_setting(name: str) -> str:
    try:
        with open(f"/proc/sys/kernel/{name}", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _nothing() -> None:
    """What the keeper of a tier without a PID namespace does before it forks."""
