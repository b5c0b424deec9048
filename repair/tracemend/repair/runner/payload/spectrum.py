"""What one test after another executes, and how that is told in few words.

What a test executes of one function is a *block*: the function and the lines hit. Most tests of a suite execute the same
blocks, so each is sent once, and a test's spectrum is a list of block numbers.
"""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from types import CodeType
from typing import Any, DefaultDict, Dict, Iterator, List, Tuple

from .codes import nested_code
from .paths import ProjectPaths

OPTIMIZED = 0x1  # CO_OPTIMIZED: a function rather than a module or class body.


class Spectrum:
    """The lines hit by the current test, by `id` of the code object; hashing one would mean hashing its constants."""

    def __init__(self, paths: ProjectPaths) -> None:
        self.lines: DefaultDict[int, List[int]] = defaultdict(list)
        self.starter: CodeType = subprocess.Popen.__init__.__code__  # Where tests escape our eyes.
        self._forked = False
        self._paths = paths
        self._codes: Dict[int, CodeType] = {}  # Also keeps the ids from being used again.
        self._blocks: Dict[Tuple[int, ...], int] = {}  # Numbers, by the id of the code and the lines.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._on_fork)

    def add_code(self, code: CodeType) -> Iterator[CodeType]:
        """Yield the project's functions that stand in `code`, itself included, and were not known before."""
        if id(code) in self._codes or self._paths.relative(code.co_filename) is None:
            return
        self._codes[id(code)] = code
        if code.co_flags & OPTIMIZED:
            yield code
        for part in nested_code(code):
            yield from self.add_code(part)

    def clear(self) -> None:
        """Forget what was hit: the next test begins."""
        self.lines.clear()
        self._forked = False

    def to_json(self) -> Dict[str, Any]:
        """Return the blocks that the test executed, with those that were not told before: path, first line, lines.

        "processes" says whether it started another process, of which nothing is known.
        """
        new: List[Any] = []
        executed = []
        processes = self._forked
        for ident, lines in self.lines.items():
            if ident == id(self.starter):
                processes = True
                continue
            key = (ident, *lines)
            number = self._blocks.get(key)
            if number is None:
                number = self._blocks[key] = len(self._blocks)
                code = self._codes[ident]
                new.append((self._paths.relative(code.co_filename), code.co_firstlineno, lines))
            executed.append(number)
        return {"new": new, "executed": executed, "processes": processes}

    def _on_fork(self) -> None:
        self._forked = True
