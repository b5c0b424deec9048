# tiers: namespaces
"""Changes modes, times, owners and extended attributes, which Landlock does not cover."""

import os

from attack import HOME, escaped


def attempt(name, action):
    try:
        action()
    except OSError:
        return
    escaped(name)


for path in (HOME, HOME + "/canary"):
    attempt("chmod", lambda path=path: os.chmod(path, 0o777))
    attempt("utime", lambda path=path: os.utime(path, (1, 1)))
    attempt("chown", lambda path=path: os.chown(path, os.getuid(), os.getgid()))
    attempt("setxattr", lambda path=path: os.setxattr(path, "user.tracemend", b"1"))
