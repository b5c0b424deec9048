# tiers: namespaces landlock
"""Goes around by the links in /proc."""

import os

from attack import HOME, TOOL, escaped

for process in ("self", "1", os.getppid(), TOOL):
    for link in ("root", "cwd"):
        for flag in (os.O_WRONLY, os.O_WRONLY | os.O_TRUNC):
            try:
                os.close(os.open(f"/proc/{process}/{link}{HOME}/canary", flag))
            except OSError:
                continue
            escaped(f"/proc/{process}/{link}")
for descriptor in range(3, 256):
    for up in ("..", "../..", "."):
        try:
            os.close(os.open(f"/proc/self/fd/{descriptor}/{up}/canary", os.O_WRONLY | os.O_CREAT))
        except OSError:
            continue
        escaped(f"descriptor {descriptor}")
