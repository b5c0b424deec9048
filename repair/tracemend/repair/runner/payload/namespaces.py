"""The strongest tier: namespaces in which the project is an overlay and everything else is read-only.

Root gets by without a user namespace, which keeps files of other owners writable in the overlay; for everybody else
the user namespace maps the own user and group to themselves. In the new mount namespace:

- the project is an overlay at its own path, so that editable installs and absolute paths keep working; where the kernel
  refuses (overlays upon overlays, odd file systems) it is a copy, mounted at that same path;
- /tmp and /run are overlays too: what is there can be read, what is written stays here, and unix sockets in them (docker,
  ssh-agent, D-Bus) lead nowhere, because a socket is found by its inode and an overlay has its own;
- other unix sockets that someone listens on are covered one by one;
- /proc shows this PID namespace, /dev holds the harmless devices, the rest is read-only.

Mounts are addressed by descriptor through /proc/self/fd, because paths are covered on the way.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
from typing import Iterable, Iterator, NamedTuple, Sequence

from . import linux
from .processes import prefer_to_be_killed
from .scratch import CopyTooLarge, View, copy_tree

VEILED = ("/tmp", "/var/tmp", "/run", "/var/run")
_WRITABLE_VEILS = ("/tmp", "/var/tmp")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
# Once it has wrapped around, the kernel never gives out a lower process id again (RESERVED_PIDS).
_RESERVED_PROCESS_IDS = 300
_MAX_SCRATCH_ENTRIES = 131072
_MAX_OWNERS_LOOKED_AT = 1000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


class World(NamedTuple):
    """What was built: the scratch views, what may be written, and what fell short."""

    views: list[View]
    writable: list[str]
    temporary: str
    filesystem: str  # "overlay" or "copy".
    missing: list[str]


class Plan(NamedTuple):
    """What to build."""

    root: str
    scratch: str
    network: str
    memory_bytes: int
    max_processes: int
    extra_writable: Sequence[str]


def leave_process_namespace() -> None:
    """In the keeper: have the next child be the first process of its own PID namespace."""
    if os.geteuid() == 0:
        try:
            linux.unshare(linux.CLONE_NEWPID)
            return
        except OSError as error:
            if error.errno != errno.EPERM:
                raise
    user, group = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWPID)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")


def in_user_namespace() -> bool:
    """Return whether this process is root over its own few ids only."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return file.read().split() != ["0", "0", "4294967295"]


def build(plan: Plan) -> World:
    """In the contained process: leave the other namespaces and build the file system described above."""
    sockets = list(_listening_sockets())
    linux.unshare(
        linux.CLONE_NEWNS
        | linux.CLONE_NEWIPC
        | linux.CLONE_NEWUTS
        | (0 if plan.network == "open" else linux.CLONE_NEWNET)
    )
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    _limit_process_ids(plan.max_processes)
    prefer_to_be_killed()
    builder = _Builder(plan)
    linux.set_mount_attributes("/", set_=linux.MOUNT_ATTR_RDONLY | linux.MOUNT_ATTR_NOSUID, recursive=True)
    world = builder.build()
    _cover_sockets(sockets, builder.empty_file)
    if plan.network == "loopback":
        _raise_loopback()
    os.chdir(plan.root)
    return world


class _Builder:
    """Holds the descriptors of directories that are covered while the mounts are made."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.in_user_namespace = in_user_namespace()
        self.root = _open(plan.root)
        self.submounts = [(path, _open(path)) for path in _mounts_below(os.path.realpath(plan.root))]
        self.extra = [(path, _open(path)) for path in plan.extra_writable if os.path.exists(path)]
        self.veils = [(path, _open(path)) for path in VEILED if _can_be_veiled(path, plan.root)]
        self.devices = [(name, _open(f"/dev/{name}")) for name in _DEVICES if os.path.exists(f"/dev/{name}")]

    def build(self) -> World:
        """Mount everything, from what covers most to what covers least."""
        options = f"mode=0700,size={self._scratch_bytes()},nr_inodes={_MAX_SCRATCH_ENTRIES}"
        linux.mount("tmpfs", self.plan.scratch, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)
        self.store = _open(self.plan.scratch)
        for name, mode in (("tmp", 0o700), ("shm", 0o1777), ("dev", 0o755)):
            os.chmod(self._make(name), mode)
        self.empty_file = f"{_at(self.store)}/empty"
        os.close(os.open(self.empty_file, os.O_CREAT | os.O_WRONLY, 0o000))
        views: list[View] = []
        writable: list[str] = []
        missing: list[str] = []
        for index, (path, descriptor) in enumerate(self.veils):
            view = self._veil(f"veil{index}", path, descriptor, missing)
            if view is not None and path in _WRITABLE_VEILS:
                views.append(view)
                writable.append(path)
        view, filesystem = self._project()
        views.append(view)
        for path, descriptor in self.submounts:
            self._bind(descriptor, path)
        temporary = _open(f"{_at(self.store)}/tmp")
        self._bind(temporary, self.plan.scratch)
        for path, descriptor in self.extra:
            self._bind(descriptor, path)
            linux.set_mount_attributes(path, clear=linux.MOUNT_ATTR_RDONLY)
        self._devices()
        views += [View(path, path) for path in (self.plan.scratch, "/dev/shm")]
        writable += [self.plan.root, self.plan.scratch, "/dev/shm", *self.plan.extra_writable]
        return World(views, writable, self.plan.scratch, filesystem, missing)

    def _project(self) -> tuple[View, str]:
        """Mount the project at its own path: as an overlay if that works and can be written to, else as a copy."""
        if not self.in_user_namespace or _belongs_to_us(_at(self.root)):
            with contextlib.suppress(OSError):
                view = self._overlay("project", self.plan.root, self.root)
                _try_to_write(self.plan.root)
                return view, "overlay"
        copy = self._make("copy")
        try:
            copy_tree(_at(self.root), copy)
        except CopyTooLarge as error:
            raise OSError(errno.EFBIG, f"the project is too large to be copied ({error})") from None
        descriptor = _open(copy)
        self._bind(descriptor, self.plan.root)
        return View(self.plan.root, _at(descriptor), _at(self.root)), "copy"

    def _veil(self, name: str, path: str, lower: int, missing: list[str]) -> View | None:
        try:
            view = self._overlay(name, path, lower)
        except OSError as error:
            missing.append(f"{path} is not private, only read-only ({error}).")
            return None
        if path not in _WRITABLE_VEILS:
            linux.set_mount_attributes(path, set_=linux.MOUNT_ATTR_RDONLY)
        return view

    def _overlay(self, name: str, path: str, lower: int) -> View:
        """Mount an overlay of the directory open as `lower` at `path`."""
        upper, work = self._make(f"{name}.upper"), self._make(f"{name}.work")
        status = os.fstat(lower)
        os.chmod(upper, stat.S_IMODE(status.st_mode))
        options = f"lowerdir={_at(lower)},upperdir={upper},workdir={work},index=off"
        if self.in_user_namespace:
            options += ",userxattr"  # Implies the two below, and refuses to have them repeated.
        else:
            options += ",metacopy=off,redirect_dir=off"
            os.chown(upper, status.st_uid, status.st_gid)
        os.utime(upper, ns=(status.st_mtime_ns, status.st_mtime_ns))
        linux.mount("overlay", path, "overlay", linux.MS_NOSUID | linux.MS_NODEV, options)
        return View(path, _at(_open(upper)), _at(lower))

    def _devices(self) -> None:
        """Cover /dev with the harmless devices, private shared memory and private terminals."""
        device_directory = f"{_at(self.store)}/dev"
        for name, target in _DEVICE_LINKS.items():
            os.symlink(target, f"{device_directory}/{name}")
        for name in ("pts", "shm"):
            os.mkdir(f"{device_directory}/{name}")
        for name, _ in self.devices:
            os.close(os.open(f"{device_directory}/{name}", os.O_CREAT | os.O_WRONLY, 0o600))
        self._bind(_open(device_directory), "/dev")
        for name, descriptor in self.devices:
            self._bind(descriptor, f"/dev/{name}")
        flags = linux.MS_NOSUID | linux.MS_NOEXEC
        linux.mount("devpts", "/dev/pts", "devpts", flags, "newinstance,ptmxmode=0666,mode=0620")
        self._bind(_open(f"{_at(self.store)}/shm"), "/dev/shm")
        linux.set_mount_attributes("/dev", set_=linux.MOUNT_ATTR_RDONLY)

    def _bind(self, descriptor: int, path: str) -> None:
        """Mount what `descriptor` refers to at `path`, which is made where a veil has hidden it."""
        if not os.path.lexists(path):
            os.makedirs(path)
        linux.mount(_at(descriptor), path, None, linux.MS_BIND)

    def _make(self, name: str) -> str:
        path = f"{_at(self.store)}/{name}"
        os.mkdir(path, 0o700)
        return path

    def _scratch_bytes(self) -> int:
        """A quarter of the memory at most, for a tmpfs is memory."""
        return min(self.plan.memory_bytes, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4)


def _limit_process_ids(max_processes: int) -> None:
    """Bound the processes of this PID namespace, root's too, where the kernel can (Linux 6.14).

    The keeper counts everywhere, and ends what starts too many; this only bounds how many more there can be until it
    looks. So the bound is above the keeper's, or a bomb would idle just below it.
    """
    with contextlib.suppress(OSError):
        _write("/proc/sys/kernel/pid_max", str(_RESERVED_PROCESS_IDS + 2 * max_processes))


def _listening_sockets() -> Iterator[str]:
    """Yield the paths of unix sockets that are bound in this network namespace or mounted, such as docker's."""
    with open("/proc/net/unix", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            fields = line.rstrip("\n").split(" ", 7)
            if fields[-1].startswith("/"):
                yield fields[-1]
    for path in _mount_points():
        if _is_socket(path):
            yield path


def _cover_sockets(paths: Iterable[str], empty_file: str) -> None:
    """Mount an empty file over each socket that can still be seen."""
    for path in sorted(set(paths)):
        if _is_socket(path):
            linux.mount(empty_file, path, None, linux.MS_BIND)


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False


def _raise_loopback() -> None:
    """Set the interface "lo" of a new network namespace up."""
    import fcntl
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anchor:
        request = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(anchor, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(anchor, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | _IFF_UP))


def _can_be_veiled(path: str, root: str) -> bool:
    """A real directory, not a link to another one, and not the project itself, which has its own overlay."""
    return os.path.isdir(path) and os.path.realpath(path) == path and os.path.realpath(root) != path


def _mounts_below(root: str) -> list[str]:
    return [path for path in _mount_points() if path.startswith(root + "/")]


def _mount_points() -> list[str]:
    """Return the mount points of this namespace, in the order in which they were mounted."""
    with open("/proc/self/mountinfo", "rb") as file:
        encoded = [line.split(b" ")[4] for line in file]
    return [os.fsdecode(_unescape(path)) for path in encoded]


def _unescape(path: bytes) -> bytes:
    """Undo the octal escapes of space, tab, newline and backslash."""
    for octal, plain in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        path = path.replace(octal, plain)
    return path


def _belongs_to_us(directory: str) -> bool:
    """Return whether the tree is the user's own, judged by its first entries.

    An overlay cannot write to files of owners or groups that have no place in the user namespace (EOVERFLOW).
    """
    pending = [directory + "/"]
    owners = {(status.st_uid, status.st_gid) for status in [os.stat(pending[0])]}
    seen = 0
    while pending and seen < _MAX_OWNERS_LOOKED_AT:
        with contextlib.suppress(PermissionError), os.scandir(pending.pop(0)) as entries:
            for entry in entries:
                seen += 1
                status = entry.stat(follow_symlinks=False)
                owners.add((status.st_uid, status.st_gid))
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
    return owners == {(os.geteuid(), os.getegid())}


def _try_to_write(directory: str) -> None:
    """Raise OSError where files cannot be made, as in an overlay of a tree whose owner has no place in our namespace."""
    probe = f"{directory}/.tracemend-probe-{os.getpid()}"
    status = os.stat(directory)
    os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.unlink(probe)
    os.utime(directory, ns=(status.st_atime_ns, status.st_mtime_ns))


def _open(path: str) -> int:
    """Open a path as a handle that outlives mounts made over it."""
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def _at(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"


def _write(path: str, text: str) -> None:
    """Write a kernel file; it must exist, and takes the text in one piece."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode("ascii"))
    except OSError as error:
        raise OSError(error.errno, f"writing {path}: {os.strerror(error.errno or 0)}") from None
    finally:
        os.close(descriptor)
