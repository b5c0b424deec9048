# tiers: namespaces landlock
"""Changes, replaces, adds and deletes files in the home directory."""

import os
import shutil

from attack import HOME, ROOT, escaped


def attempt(name, action):
    try:
        action()
    except OSError:
        return
    escaped(name)


attempt("append", lambda: open(HOME + "/canary", "a").close())
attempt("add", lambda: open(HOME + "/.bashrc", "w").close())
attempt("mkdir", lambda: os.mkdir(HOME + "/.ssh"))
attempt("unlink", lambda: os.unlink(HOME + "/canary"))
attempt("rename", lambda: os.rename(HOME + "/canary", HOME + "/other"))
attempt("link out", lambda: os.link(HOME + "/canary", ROOT + "/linked"))
attempt("symlink in", lambda: os.symlink("/etc", HOME + "/etc"))
attempt("truncate", lambda: os.truncate(HOME + "/canary", 0))
attempt("replace", lambda: os.replace(ROOT + "/mod.py", HOME + "/canary"))
attempt("fifo", lambda: os.mkfifo(HOME + "/fifo"))
shutil.rmtree(HOME, ignore_errors=True)
