"""New diagnostics: what ruff says about the changed files that it did not say before.

Only rules about errors are asked for (syntax, undefined and unused names, impossible comparisons); style is the
project's own matter, and its configuration is ignored so that the answer depends on the code alone.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from functools import lru_cache
from typing import Any

from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]

from tracemend.repair.explain.evidence import DiagnosticsDelta
from tracemend.repair.patch import Patch

# Errors in the sense of "this cannot be right": pyflakes, syntax, and the bug-prone shapes of bugbear.
RULES = "E9,F,B002,B003,B006,B012,B015,B018,B020,B021,B023,PLE"
TIMEOUT_S = 30.0


def diagnostics_delta(patch: Patch) -> DiagnosticsDelta:
    """Return the messages that `patch` adds and removes; nothing where ruff cannot be run."""
    added: list[str] = []
    removed: list[str] = []
    for change in patch.changes:
        old, new = _messages(change.path, change.old), _messages(change.path, change.new)
        added += (new - old).elements()
        removed += (old - new).elements()
    return DiagnosticsDelta(tuple(sorted(added)), tuple(sorted(removed)))


@lru_cache(maxsize=256)
def _messages(path: str, text: str) -> Counter[str]:
    """Return the messages for `text` without their lines, which an edit above them moves."""
    try:
        done = subprocess.run(
            [find_ruff_bin(), "check", "--isolated", "--no-cache", "--select", RULES, "--output-format", "json",
             "--stdin-filename", path.rpartition("/")[2], "-"],
            input=text.encode("utf-8", "surrogatepass"),
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )  # fmt: skip
        findings: list[dict[str, Any]] = json.loads(done.stdout or b"[]")
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return Counter()
    return Counter(f"{path}: {one.get('code') or 'syntax'}: {one.get('message', '')}" for one in findings)
