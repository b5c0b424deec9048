# tiers: namespaces landlock limits
"""A tree so deep that its lower parts have no path."""

import os

os.chdir(os.environ["TMPDIR"])
for _ in range(300):
    os.mkdir("d" * 20)
    os.chdir("d" * 20)
open("treasure", "w").close()
