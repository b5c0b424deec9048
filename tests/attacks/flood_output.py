# tiers: namespaces landlock limits
"""A gigabyte of output, past every capture."""

import os

from attack import escaped

line = b"x" * (1 << 20)
written = 0
try:
    while written < 1 << 30:
        written += os.write(1, line)
    escaped("wrote 1 GiB of output")
except OSError:
    pass
