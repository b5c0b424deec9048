# tiers: namespaces landlock limits
"""A program of another name, detached, with an empty environment, that stops itself."""

import os

if os.fork() == 0:
    os.setsid()
    os.closerange(0, 256)
    os.execve("/bin/sh", ["innocent", "-c", "kill -STOP $$; sleep 30"], {})
