"""Why nothing could be done about a file, and what the user can do about that."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tracemend.repair.runner.results import CollectionError
from tracemend.repair.runner.settings import Project

SYNTAX_ERRORS = frozenset({"SyntaxError", "IndentationError", "TabError"})
_MISSING_MODULE = re.compile(r"No module named '([^']+)'")


def collection_reason(error: CollectionError, project: Project) -> str:
    """Say why pytest cannot collect a file, with a next step where one is known."""
    message = " ".join(error.message.split())
    reason = f"pytest cannot collect this file: {error.exception}{f': {message}' if message else ''}."
    step = _next_step(error.exception, message, project)
    return f"{reason} {step}" if step else reason


def _next_step(exception: str, message: str, project: Project) -> str:
    if exception in SYNTAX_ERRORS:
        return "Correct the syntax first; only code that parses can be run."
    missing = _MISSING_MODULE.search(message)
    if missing is None:
        return ""
    install = f"`{shlex.quote(str(project.python))} -m pip install"
    module = missing[1].partition(".")[0]
    if _is_in_project(project.root, module):
        return f"`{module}` is part of the project: install it with {install} -e .`, or set pytest's `pythonpath`."
    return f"Install what provides `{module}` into the project's interpreter, with {install} ...`."


def _is_in_project(root: Path, module: str) -> bool:
    places = (root, root / "src", root / "lib")
    return any((place / module).is_dir() or (place / f"{module}.py").is_file() for place in places)
