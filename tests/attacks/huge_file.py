# tiers: namespaces landlock limits
"""One file that grows without end."""

import os
import signal

from attack import escaped

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open(os.environ["TMPDIR"] + "/huge", "wb") as file:
    try:
        file.writelines(bytes(16 << 20) for _ in range(64))
        escaped("wrote 1 GiB into one file")
    except OSError:
        pass
