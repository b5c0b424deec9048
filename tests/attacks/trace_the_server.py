# tiers: namespaces landlock
"""Reads and writes the memory of the server and of the tool."""

import ctypes
import os

from attack import TOOL, escaped

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
for victim in (os.getppid(), TOOL):
    for request in (PTRACE_ATTACH, PTRACE_SEIZE):
        if libc.ptrace(request, victim, None, None) == 0:
            escaped(f"ptrace {request}")
    for name in ("mem", "environ", "fd/0", "root/etc/passwd", "cwd/mod.py"):
        try:
            with open(f"/proc/{victim}/{name}", "rb") as file:
                file.read(1)
        except OSError:
            continue
        escaped(f"/proc/{victim}/{name}")
