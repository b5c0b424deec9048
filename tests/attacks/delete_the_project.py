# tiers: namespaces landlock
"""Deletes the project, by both its names."""

import os
import shutil

from attack import REAL_ROOT, ROOT, escaped

for path in (ROOT, REAL_ROOT):
    shutil.rmtree(path, ignore_errors=True)
    for name in ("mod.py", "package/inner.py"):
        if os.path.exists(ROOT + "/" + name):
            escaped("could not delete " + name + " in the scratch view")
