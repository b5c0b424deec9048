"""Which exception classes a failure speaks of, and which a file defines and raises."""

from __future__ import annotations

import ast
import builtins
import re
from functools import lru_cache

from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.site import Site


def reported_exceptions(site: Site) -> list[str]:
    """Return the exception classes that the failure mentions: waited for, or raised."""
    raised = re.findall(r"^(?:[\w.]*\.)?(\w+)(?=:|$)", site.error)
    known = [
        one
        for one in [*_waited_for(site), *raised]
        if looks_like_exception(one, site.module) and one != "Failed"
    ]
    return list(dict.fromkeys(known))


def exceptions_to_raise(site: Site) -> list[str]:
    """Return the classes that a new `raise` may name: the one waited for, those defined for it, those raised."""
    defined = exceptions_of_file(site.module)
    raised = raised_in_file(site.module)
    unused = [one for one in defined if one not in raised]
    known = [one for one in _waited_for(site) if looks_like_exception(one, site.module)]
    return list(dict.fromkeys([*known, *unused, *raised]))


def looks_like_exception(name: str, module: Module | None = None) -> bool:
    """Say whether `name` is a built-in exception, one that `module` defines, or is called like one."""
    known = getattr(builtins, name, None)
    if isinstance(known, type):
        return issubclass(known, BaseException)
    if module is not None and name in exceptions_of_file(module):
        return True
    last = name.rpartition(".")[2]
    return last[:1].isupper() and last.endswith(("Error", "Exception", "Warning", "Exit"))


@lru_cache(maxsize=16)
def exceptions_of_file(module: Module) -> tuple[str, ...]:
    """Return the exception classes that the file defines, bases first, as far as their bases can be seen."""
    found: list[str] = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(base) for base in node.bases]
            if any(one in found or looks_like_exception(one) for one in bases):
                found.append(node.name)
    return tuple(found)


@lru_cache(maxsize=16)
def raised_in_file(module: Module) -> tuple[str, ...]:
    """Return the exception classes that the file raises, in order."""
    found: dict[str, None] = {}
    for node in ast.walk(module.tree):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name)) | ast.Name(id=name)):
                found.setdefault(name)
            case _:
                pass
    return tuple(name for name in found if looks_like_exception(name, module))


def _waited_for(site: Site) -> list[str]:
    return re.findall(r"DID NOT RAISE.*?<class '(?:[\w.]*\.)?(\w+)'>", site.error)
