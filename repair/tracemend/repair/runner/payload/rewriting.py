"""Test modules with rewritten assertions, kept in the fork server so that no child rewrites them again.

Rewriting a test file takes pytest longer than all the rest of a run from the start. Here the server does it once a file
(it only parses and compiles, nothing is executed), and children find the code by the file's time and size; the copy of
a patched test file has another time (see `reload.write_sources`) and is rewritten as ever.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, Dict, List, Tuple

from _pytest.assertion import rewrite


class RewrittenTests:
    """Stands in for pytest's function that rewrites one file."""

    def __init__(self) -> None:
        self._answers: Dict[str, Tuple[Tuple[int, int], Any]] = {}  # By file: its state, and pytest's answer.
        self._rewrite: Any = getattr(rewrite, "_rewrite_test", None)

    def install(self) -> None:
        """Let pytest ask here first; a pytest without that function goes on as it would."""
        if self._rewrite is not None:
            setattr(rewrite, "_rewrite_test", self.rewrite)  # noqa: B010 - Its type differs between versions.

    def prepare(self, root: str, selection: List[str]) -> None:
        """Rewrite the selected test files and the conftest files above them."""
        for path in test_files(root, selection):
            with contextlib.suppress(OSError, SyntaxError, ValueError, RecursionError):
                if self._rewrite is not None and path not in self._answers:
                    state = state_of(path)
                    self._answers[path] = (state, self._rewrite(Path(path), None))

    def rewrite(self, path: Path, config: Any) -> Any:
        """Return what pytest's own function would: the file's state in a form of its own, and the code."""
        known = self._answers.get(str(path))
        if known is None or known[0] != state_of(str(path)) or config.getini("enable_assertion_pass_hook"):
            return self._rewrite(path, config)
        return known[1]


def state_of(path: str) -> Tuple[int, int]:
    """Return what changes when a file is written: its modification time and size."""
    stat = os.stat(path)
    return stat.st_mtime_ns, stat.st_size


def test_files(root: str, selection: List[str]) -> List[str]:
    """Return the Python files that `selection` names, and each conftest.py from their folders up to `root`."""
    found: Dict[str, None] = {}
    for name in selection:
        path = os.path.join(root, name.split("::")[0])
        if path.endswith(".py") and os.path.isfile(path):
            found[path] = None
            folder = os.path.dirname(path)
            while folder.startswith(root):
                conftest = os.path.join(folder, "conftest.py")
                if os.path.isfile(conftest):
                    found[conftest] = None
                folder = os.path.dirname(folder)
    return list(found)
