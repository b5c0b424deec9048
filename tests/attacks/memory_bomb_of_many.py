# tiers: namespaces landlock limits
"""Many processes stay below the limit of one, and take far more together."""

import os
import time

from attack import escaped

for _ in range(10):
    if os.fork() == 0:
        block = bytearray(os.urandom(1 << 20)) * 150
        time.sleep(20)
        os._exit(0)
time.sleep(20)
escaped("held 1.5 GiB for 20 seconds")
