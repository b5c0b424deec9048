"""Which exception classes a failure speaks of, and which a file defines and raises."""

from __future__ import annotations

import ast
import builtins
import re
from functools import lru_cache

from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.candidates import class_members
from tracemend.repair.propose.site import Site

_MESSAGES = frozenset(["message", "msg", "text", "reason", "detail", "description", "why"])


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


def constructed(site: Site, name: str, message: str = "", shortage: str = "") -> str:
    """Return a call that makes an exception `name`: with what its `__init__` asks for, else with a message.

    Parameters are given by the names in scope that are spelt alike; what nobody here has is the `shortage`.
    """
    wanted = _parameters_of(site.module, name)
    if wanted is not None:
        given = [_argument_for(site, one, shortage) for one in wanted]
        if all(given):
            return f"{name}({', '.join(given)})"
    if message and not set(message) & {'"', "\\", "\n"}:
        return f'{name}("{message}")'
    subject = next((one.name for one in site.names if one.kind == "parameter" and one.name != "self"), "")
    return f'{name}(f"invalid {subject}: {{{subject}!r}}")' if subject else f'{name}("invalid value")'


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


@lru_cache(maxsize=64)
def _parameters_of(module: Module, name: str) -> tuple[str, ...] | None:
    """Return the parameters that the exception class `name` of the file asks for, None where it has no `__init__`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and node.name == name:
            inits = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
            if inits:
                positional = [*inits[0].args.posonlyargs, *inits[0].args.args]
                return tuple(one.arg for one in positional[1 : len(positional) - len(inits[0].args.defaults)])
    return None


def _argument_for(site: Site, parameter: str, shortage: str) -> str:
    """Return what to give for a parameter: a name, an attribute of `self`, a message, the shortage, or nothing."""
    if parameter in site.visible:
        return parameter
    if parameter in class_members(site):
        return f"self.{parameter}"
    if parameter in _MESSAGES:
        return f'"invalid {site.function.node.name}"' if site.function else '"invalid value"'
    return shortage
