# tiers: namespaces landlock
"""Sends signals to the server, to the tool, and (harmlessly, lest it work) to everyone there is."""

import contextlib
import os
import signal

from attack import TOOL, escaped

strangers = {*range(2, 400), *(int(name) for name in os.listdir("/proc") if name.isdigit())}
reached = []
for victim in (strangers | {TOOL}) - {1, os.getpid(), os.getppid()}:
    for target in (victim, -victim):
        try:
            os.kill(target, 0)
        except OSError:
            continue
        reached.append(target)
        escaped(f"kill {target}")
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGSTOP, signal.SIGSEGV, signal.SIGKILL):
    for victim in (os.getppid(), TOOL, *([] if reached else [-1])):
        with contextlib.suppress(OSError):
            os.kill(victim, number)
