"""Where a project says that it needs a distribution: a requirements file, or an extra in its pyproject.toml.

Only a list that names the distribution is worth recommending; projects keep others, for type checkers or documentation.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_SEPARATORS = re.compile(r"[-_.]+")


def installs_with_others(root: Path, distribution: str) -> str | None:
    """Return the arguments that have pip install all of a list that names `distribution`; None without such a list."""
    wanted = _normalized(distribution)
    for arguments, names in (*_requirements_files(root), *_extras(root)):
        if wanted in names:
            return arguments
    return None


def _requirements_files(root: Path) -> Iterator[tuple[str, set[str]]]:
    for path in sorted(root.glob("*requirements*.txt")):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        yield f"-r {shlex.quote(path.name)}", _names(lines)


def _extras(root: Path) -> Iterator[tuple[str, set[str]]]:
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project")
    except (OSError, ValueError):  # What is not TOML, or not UTF-8, is for others to complain about.
        return
    extras = project.get("optional-dependencies") if isinstance(project, dict) else None
    for name, lines in extras.items() if isinstance(extras, dict) else ():
        if isinstance(lines, list):
            yield f"-e {shlex.quote(f'.[{name}]')}", _names([one for one in lines if isinstance(one, str)])


def _names(lines: list[str]) -> set[str]:
    """Return the distributions that the lines name, as PEP 508 has each begin with its name."""
    return {_normalized(found[1]) for line in lines if (found := _NAME.match(line))}


def _normalized(name: str) -> str:
    """Return the name as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()
