# tiers: namespaces landlock limits
"""A double-forked daemon in its own session outlives the test, and ignores every signal that can be ignored."""

import os
import signal
import time

if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    time.sleep(30)
    os._exit(0)
