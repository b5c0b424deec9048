# tiers: namespaces
"""Fills TMPDIR and shared memory with bytes, then with files."""

import os

from attack import escaped

for directory in (os.environ["TMPDIR"], "/dev/shm", "/tmp"):
    written = 0
    try:
        for number in range(64):
            with open(f"{directory}/fill-{number}", "wb") as file:
                for _ in range(4):
                    written += file.write(bytes(16 << 20))
        escaped(f"wrote {written} bytes to {directory}")
    except OSError:
        pass
    for number in range(2000):
        try:
            os.close(os.open(f"{directory}/many-{number}", os.O_CREAT | os.O_WRONLY))
        except OSError:
            break
