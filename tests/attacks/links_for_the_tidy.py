# tiers: namespaces landlock
"""Directories replaced by links to the home directory: restoring must not write through them."""

import os
import shutil

from attack import HOME, ROOT, escaped

shutil.rmtree(ROOT + "/package")
os.symlink(HOME, ROOT + "/package")
os.symlink(HOME, ROOT + "/canary_home")
os.unlink(ROOT + "/mod.py")
os.symlink(HOME + "/canary", ROOT + "/mod.py")
try:
    with open(ROOT + "/package/canary", "w"):
        escaped("wrote through a link to a directory")
except OSError:
    pass
try:
    with open(ROOT + "/mod.py", "w"):
        escaped("wrote through a link to a file")
except OSError:
    pass
