# tiers: namespaces landlock
"""Calls that work around what is watched: io_uring, BPF, keys, perf, handles, System V memory, the clock."""

import ctypes
import os

from attack import escaped

libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"
buffer = ctypes.create_string_buffer(256)
for name, number, arguments in (
    ("io_uring_setup", 425, (1, buffer)),
    ("bpf", 321 if x86 else 280, (0, buffer, 64)),
    ("add_key", 248 if x86 else 217, (b"user", b"name", b"x", 1, -3)),
    ("perf_event_open", 298 if x86 else 241, (buffer, 0, -1, -1, 0)),
    ("userfaultfd", 323 if x86 else 282, (0,)),
    ("shmget", 29 if x86 else 194, (0, 4096, 0o1600)),
    ("fsopen", 430, (b"tmpfs", 0)),
    ("sethostname", 170 if x86 else 161, (b"evil", 4)),
):
    if libc.syscall(number, *arguments) >= 0:
        escaped(name)
