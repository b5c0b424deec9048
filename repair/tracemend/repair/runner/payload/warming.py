"""What a warm process holds, so that what is forked from it need not import it: parts of pytest, third-party modules."""

from __future__ import annotations

import gc
import sys
from typing import List, Set

from .paths import ProjectPaths


def warm_up() -> None:
    """Import what pytest imports only when a test fails, so that each child need not."""
    import difflib  # noqa: F401
    import inspect  # noqa: F401
    import pprint  # noqa: F401

    import _pytest._code.code
    import _pytest._io.saferepr
    import _pytest.assertion.util  # noqa: F401


def third_party_modules(paths: ProjectPaths) -> List[str]:
    """Return the modules, in import order, that a process without the project can hold already.

    Left out: the project's own, and those whose assertions pytest rewrites, plug-ins that is, which it must import
    itself.
    """
    rewritten: Set[str] = set()
    for finder in sys.meta_path:
        rewritten |= set(getattr(finder, "_must_rewrite", ()))
    found = []
    for name, module in list(sys.modules.items()):
        filename = getattr(module, "__file__", None)
        spec = getattr(module, "__spec__", None)
        if not isinstance(filename, str) or spec is None or spec.name != name or name == "__main__":
            continue
        if paths.relative(filename) is None and not rewritten & {name, name.split(".")[0]}:
            found.append(name)
    return found


def preload(modules: List[str], paths: ProjectPaths) -> bool:
    """Import `modules`; return whether that brought in the project's own code, which makes this process useless."""
    import importlib

    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001 - What cannot be imported by itself is left to the child, which shows the error.
            sys.modules.pop(name, None)
    gc.collect()
    gc.freeze()
    return holds_project(paths)


def holds_project(paths: ProjectPaths) -> bool:
    """Return whether a module of the project's own is loaded."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return any(isinstance(one, str) and paths.relative(one) is not None for one in files)
