# tiers: namespaces landlock
"""Mounts, unmounts, makes namespaces, enters them."""

import ctypes
import os

from attack import HOME, ROOT, TOOL, escaped

libc = ctypes.CDLL(None, use_errno=True)
MS_REMOUNT, MS_BIND, CLONE_NEWNS, CLONE_NEWUSER, SIGCHLD = 32, 4096, 0x20000, 0x10000000, 17
home = HOME.encode()
if libc.mount(None, home, None, MS_REMOUNT | MS_BIND, None) == 0:
    escaped("remount")
if libc.mount(None, b"/", None, MS_REMOUNT | MS_BIND, None) == 0:
    escaped("remount root")
for path in (ROOT.encode(), b"/proc", b"/tmp", os.environ["TMPDIR"].encode()):
    if libc.umount2(path, 2) == 0:
        escaped("umount")
for flags in (CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWUSER | CLONE_NEWNS):
    if libc.unshare(flags) == 0:
        escaped("unshare")
if libc.chroot(home) == 0:
    escaped("chroot")
pid = libc.syscall(56 if os.uname().machine == "x86_64" else 220, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)
if pid == 0:
    os._exit(0)
if pid > 0:
    escaped("clone")
for process in ("1", os.getppid(), TOOL):
    try:
        descriptor = os.open(f"/proc/{process}/ns/mnt", os.O_RDONLY)
    except OSError:
        continue
    if libc.setns(descriptor, 0) == 0:
        escaped("setns")
