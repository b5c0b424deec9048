# tiers: namespaces landlock
"""Changes a file and takes away the rights to look at it."""

import os

from attack import ROOT

with open(ROOT + "/package/inner.py", "w") as file:
    file.write("hidden = True\n")
os.chmod(ROOT + "/package/inner.py", 0)
os.chmod(ROOT + "/package", 0)
os.makedirs(os.environ["TMPDIR"] + "/a/b")
os.chmod(os.environ["TMPDIR"] + "/a", 0)
os.chmod(ROOT, 0o500)
