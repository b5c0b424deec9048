"""A seccomp filter: system calls that a test has no business with fail as they would for lack of permission.

The filter is classic BPF, written by hand (seccomp(2), linux/filter.h). It refuses what reaches around the other walls:
tracing, mounts and namespaces, kernel keys, BPF, io_uring (whose operations no filter sees), changing the clock, sockets
of families that a network namespace does not separate, and pushing characters into the terminal.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from typing import Iterable, Sequence

from . import linux

REFUSED = (
    "acct",
    "add_key",
    "adjtimex",
    "bpf",
    "clock_adjtime",
    "clock_settime",
    "delete_module",
    "fanotify_init",
    "finit_module",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "init_module",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "ioperm",
    "iopl",
    "kcmp",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "mount",
    "mount_setattr",
    "move_mount",
    "msgget",
    "open_by_handle_at",
    "open_tree",
    "open_tree_attr",
    "perf_event_open",
    "pidfd_getfd",
    "pivot_root",
    "process_madvise",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "quotactl",
    "quotactl_fd",
    "reboot",
    "request_key",
    "semget",
    "setdomainname",
    "sethostname",
    "setns",
    "settimeofday",
    "shmget",
    "swapoff",
    "swapon",
    "syslog",
    "umount2",
    "unshare",
    "userfaultfd",
    "vhangup",
)
"""System V queues, semaphores and shared memory are among them since they outlive their makers and no limit binds them."""

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_AUDIT_ARCH = (0xC000003E, 0xC00000B7)  # x86_64, aarch64.
_X32_BIT = 0x40000000

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE = 0, 4
_SECCOMP_SET_MODE_FILTER = 1


def install(families: Iterable[int], protected_processes: Iterable[int] = ()) -> None:
    """Filter this process and all that it starts; `no_new_privs` must be set.

    `families` are the address families that sockets may have. `protected_processes` may not be sent a signal, for
    kernels whose Landlock cannot say so: neither they, nor their groups, nor everyone at once (-1).
    """
    column = linux.machine_column()
    if column is None:
        raise OSError(errno.ENOSYS, "seccomp: no table of system calls for this machine")
    program = _program(column, list(families), list(protected_processes))
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    instructions = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(program), ctypes.addressof(instructions))
    buffer = ctypes.create_string_buffer(header, len(header))
    linux.call("seccomp", _SECCOMP_SET_MODE_FILTER, 0, buffer)


def _program(
    column: int, families: Sequence[int], protected: Sequence[int]
) -> list[tuple[int, int, int, int]]:
    """The whole filter: wrong architecture, then one section for each call that is looked at, then "allowed"."""
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, _AUDIT_ARCH[column]),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if column == 0:  # The x32 calls have numbers of their own, which the sections below would miss.
        program += [(_JUMP_AT_LEAST, 0, 1, _X32_BIT), _refuse(errno.ENOSYS)]
    for name in REFUSED:
        program += _section(name, [_refuse(errno.EPERM)])
    # clone3 passes its flags in memory, where a filter cannot look; the C library then falls back to clone.
    program += _section("clone3", [_refuse(errno.ENOSYS)])
    program += _section("clone", _refuse_bits(0, linux.CLONE_NEW_ANY))
    program += _section("socket", _allow_values(0, families))
    program += _section("ioctl", _refuse_values(1, [_TIOCSTI, _TIOCLINUX]))
    if protected:
        targets = sorted({0xFFFFFFFF, *protected, *((-process) & 0xFFFFFFFF for process in protected)})
        for name in ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
            program += _section(name, _refuse_values(0, targets))
        program += _section("pidfd_open", _refuse_values(0, targets))
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _section(name: str, body: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Run `body`, which ends in a return, for the call `name`; nothing where the machine has no such call."""
    number = linux.number_of(name)
    return [] if number < 0 else [(_JUMP_EQUAL, 0, len(body), number), *body]


def _allow_values(argument: int, values: Sequence[int]) -> list[tuple[int, int, int, int]]:
    body = [_load_argument(argument)]
    for value in values:
        body += [(_JUMP_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return [*body, _refuse(errno.EPERM)]


def _refuse_values(argument: int, values: Sequence[int]) -> list[tuple[int, int, int, int]]:
    body = [_load_argument(argument)]
    for value in values:
        body += [(_JUMP_EQUAL, 0, 1, value), _refuse(errno.EPERM)]
    return [*body, (_RETURN, 0, 0, _ALLOW)]


def _refuse_bits(argument: int, bits: int) -> list[tuple[int, int, int, int]]:
    body = [_load_argument(argument), (_JUMP_ANY_BIT, 0, 1, bits), _refuse(errno.EPERM)]
    return [*body, (_RETURN, 0, 0, _ALLOW)]


def _load_argument(index: int) -> tuple[int, int, int, int]:
    """Load the low half of an argument; both machines are little-endian, and all values compared are 32 bits wide."""
    return (_LOAD, 0, 0, 16 + 8 * index)


def _refuse(number: int) -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _ERRNO | number)
