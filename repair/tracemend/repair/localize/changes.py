"""What changed last, asked from git: the lines that differ from the last commit, or that the last commit touched.

A test that was green yesterday is red because of what was edited since; no paper measures this prior, every
developer uses it. Without git, or outside a repository, nothing is known and nothing is said.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

TIMEOUT_S = 10.0
UNCOMMITTED, LAST_COMMIT = 1.0, 0.5  # Scores of a line that was edited since, or by, the last commit.

_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
# A repository's own configuration must not make us run a program.
_SAFE = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false"]
_DIFF = [
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--unified=0",
    "--relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
]


def changed_lines(root: Path) -> dict[tuple[str, int], float]:
    """Return {(path, line): score} of recently changed Python lines below `root`; empty when git cannot tell."""
    uncommitted = _parse_diff(_git(root, [*_DIFF, "HEAD", "--", "*.py"]))
    if uncommitted:
        return dict.fromkeys(uncommitted, UNCOMMITTED)
    # A huge last commit (an import of the whole project) tells nothing.
    committed = _parse_diff(_git(root, [*_DIFF, "HEAD~1", "HEAD", "--", "*.py"]))
    return dict.fromkeys(committed, LAST_COMMIT) if len(committed) <= 2000 else {}


def _git(root: Path, arguments: list[str]) -> str:
    try:
        done = subprocess.run(
            ["git", *_SAFE, *arguments],
            cwd=root,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _parse_diff(diff: str) -> set[tuple[str, int]]:
    """Return the (path, new line) pairs of a zero-context diff; a pure deletion marks both of its neighbours."""
    lines: set[tuple[str, int]] = set()
    path = ""
    for row in diff.split("\n"):
        if row.startswith("+++ "):
            path = row[6:].rstrip("\t") if row.startswith("+++ b/") else ""
        elif path and (match := _HUNK.match(row)):
            start, count = int(match[1]), int(match[2] or 1)
            touched = range(start, start + count) if count else (start, start + 1)
            lines.update((path, line) for line in touched)
    return lines
