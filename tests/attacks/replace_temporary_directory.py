# tiers: namespaces landlock limits
"""Swaps TMPDIR for a link to the home directory, so that tidying up would empty that."""

import contextlib
import os
import shutil

from attack import HOME

temporary = os.environ["TMPDIR"]
with contextlib.suppress(OSError):
    shutil.rmtree(temporary)
with contextlib.suppress(OSError):
    os.symlink(HOME, temporary)
