# tiers: namespaces landlock
"""Opens the disk, makes device nodes, writes to the kernel's own files."""

import os
import stat

from attack import ROOT, escaped

targets = ["/dev/vda", "/dev/sda", "/dev/mem", "/dev/kmsg", "/dev/fuse", "/proc/sysrq-trigger"]
targets += ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/sys/kernel/uevent_helper"]
targets += ["/sys/fs/cgroup/pids/tasks", "/proc/sys/kernel/pid_max"]
for target in targets:
    try:
        os.close(os.open(target, os.O_WRONLY))
    except OSError:
        continue
    escaped(target)
for kind, device in ((stat.S_IFBLK, os.makedev(254, 0)), (stat.S_IFCHR, os.makedev(1, 1))):
    try:
        os.mknod(ROOT + "/node", 0o600 | kind, device)
        os.close(os.open(ROOT + "/node", os.O_WRONLY))
    except OSError:
        continue
    escaped("made a device node and opened it")
