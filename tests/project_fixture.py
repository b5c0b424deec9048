"""A project written out as one snippet: `#- path` begins a file.

project = make_project(tmp_path, '''
    #- shop.py
    def total(xs): return sum(xs)
    #- test_shop.py
    from shop import total
    def test_total(): assert total([1, 2]) == 3
''')
"""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

from tracemend.repair.runner.settings import Project


def make_project(
    folder: Path, snippet: str, *, python: Path | None = None, **fields: tuple[str, ...]
) -> Project:
    """Write the files of `snippet` into `folder` and return the project.

    It is run by `python`, by the interpreter that TRACEMEND_TEST_PYTHON names, or by this one.
    """
    for path, text in project_files(snippet).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return Project(
        folder.resolve(), python or Path(os.environ.get("TRACEMEND_TEST_PYTHON", sys.executable)), **fields
    )


def project_files(snippet: str) -> dict[str, str]:
    """Return {path: text} of a snippet."""
    files: dict[str, list[str]] = {}
    path = ""
    for line in textwrap.dedent(snippet).lstrip("\n").splitlines(keepends=True):
        if line.startswith("#- "):
            path = line[3:].strip()
            files[path] = []
        else:
            files[path].append(line)
    return {path: "".join(lines) for path, lines in files.items()}
