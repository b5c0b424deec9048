# tiers: namespaces landlock
"""Every kind of change to a file or directory of the project."""

import mmap
import os
import shutil

from attack import ROOT

os.chdir(ROOT)
with open("mod.py", "a") as file:
    file.write("changed = True\n")
with open("new.py", "w") as file:
    file.write("new = True\n")
os.chmod("executable", 0o600)
os.utime("data.txt", (1, 1))
shutil.move("package", "moved")
os.mkdir("package")
open("package/inner.py", "w").close()
os.unlink("link")
os.symlink("/etc/passwd", "link")
os.unlink("empty/keep")
os.rmdir("empty")
open("empty", "w").close()
os.makedirs("deep/er")
os.link("mod.py", "deep/er/hard.py")
os.remove("swap")
os.mkdir("swap")
with open("mapped.bin", "r+b") as file, mmap.mmap(file.fileno(), 0) as view:
    view[0:4] = b"EVIL"
with open("same_size.txt", "w") as file:
    file.write("evil")
os.utime("same_size.txt", ns=(1_000_000_000, 1_000_000_000))
