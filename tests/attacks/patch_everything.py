# tiers: namespaces landlock limits
"""Breaks the interpreter from within: the server must not share what is broken."""

import builtins
import gc
import os
import sys

for module in (os, sys):
    for name in list(vars(module)):
        if name not in ("_exit", "fork"):
            setattr(module, name, None)
for thing in gc.get_objects():
    if type(thing) is dict and thing is not vars(builtins):
        thing.clear()
