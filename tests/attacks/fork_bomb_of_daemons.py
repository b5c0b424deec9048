# tiers: namespaces landlock limits
"""Daemons in sessions of their own that start themselves again, each parent gone at once."""

import os
import signal
import time

end = time.monotonic() + 20
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        while time.monotonic() < end:
            try:
                if os.fork():
                    os._exit(0)
            except OSError:
                time.sleep(0.01)
time.sleep(15)
