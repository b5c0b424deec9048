# tiers: namespaces landlock limits
"""One process takes all the memory it can get."""

from attack import escaped

blocks = []
try:
    while len(blocks) < 64:
        blocks.append(bytearray(64 << 20))
    escaped("took 4 GiB")
except MemoryError:
    pass
