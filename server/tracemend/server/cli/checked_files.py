"""Which files `tracemend check` looks at, and which lines of them count."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracemend.repair.runner.environment import EnvironmentProblem

SKIPPED_DIRECTORIES = frozenset({"__pycache__", "node_modules", "site-packages", "dist", "build"})
GIT_TIMEOUT_S = 60.0
# A checkout that came as an archive has a configuration of its own, and git would run what that names.
_SAFELY = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """The changed lines of one file as ranges [first, last]; `whole` for a file that is new."""

    ranges: tuple[tuple[int, int], ...] = ()
    whole: bool = False

    def touch(self, first_line: int, last_line: int) -> bool:
        """Say whether one of these lines has changed."""
        return self.whole or any(first <= last_line and first_line <= last for first, last in self.ranges)


def python_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files to check, each once: those named, and the `.py` files below the directories named.

    Below a directory hidden ones, virtual environments and the places of built and installed code are passed over.
    """
    seen = set()
    for path in paths:
        for file in (path,) if path.is_file() else _below(path):
            if file not in seen:
                seen.add(file)
                yield file


def changed_lines(root: Path, ref: str) -> dict[Path, ChangedLines]:
    """Return what has changed in the working tree since `ref`, by absolute path. Raises `EnvironmentProblem`."""
    top = Path(_git(root, "rev-parse", "--show-toplevel").strip())
    arguments = (
        "--unified=0",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        "--diff-filter=d",
    )
    diff = _git(top, "-c", "core.quotePath=false", "diff", *arguments, ref, "--", "*.py")
    changed = {top / path: ChangedLines(ranges) for path, ranges in _hunks(diff)}
    for path in _git(top, "ls-files", "-z", "--others", "--exclude-standard", "--", "*.py").split("\0"):
        if path:
            changed[top / path] = ChangedLines(whole=True)
    return changed


def is_revision(root: Path, ref: str) -> bool:
    """Say whether git knows `ref` as a commit."""
    try:
        _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except EnvironmentProblem:
        return False
    return True


def _below(directory: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(directory):
        names[:] = sorted(name for name in names if not _is_skipped(Path(folder, name)))
        for file in sorted(files):
            if file.endswith(".py"):
                yield Path(folder, file)


def _is_skipped(directory: Path) -> bool:
    return (
        directory.name.startswith(".")
        or directory.name in SKIPPED_DIRECTORIES
        or (directory / "pyvenv.cfg").is_file()
    )


def _hunks(diff: str) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """Yield the path and the new lines of each file of a unified diff without context."""
    for part in re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE):
        named = re.search(r"^\+\+\+ (?:b/)?(.+?)\t?$", part, re.MULTILINE)
        if named is None:
            continue
        ranges = []
        for found in re.finditer(rf"^{_HUNK.pattern}", part, re.MULTILINE):
            first, length = int(found[1]), int(found[2] or 1)
            # Where lines were only taken away, the two around the gap are what has changed.
            ranges.append((first, first + length - 1) if length else (first, first + 1))
        yield named[1], tuple(ranges)


def _git(directory: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *_SAFELY, *arguments],
            cwd=directory,
            capture_output=True,
            timeout=GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentProblem(f"git cannot be run: {error}.", "Check without --diff.") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise EnvironmentProblem(
            f"git could not say what has changed: {said}.", "Name a commit, or check without --diff."
        )
    return done.stdout.decode("utf-8", "replace")
