"""Consoles and small ways of putting text on them.

Test names, messages and code come from the project: they are printed as text, never as rich's markup, and control
characters in them cannot steer the terminal.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from rich.console import Console

from tracemend.repair.reports import Status

STATUS_STYLES: Mapping[Status, str] = {
    "mended": "green",
    "unmended": "red",
    "flaky": "yellow",
    "error": "red",
}

# C0 but tab and newline, DEL, C1, and the marks that reorder text (CVE-2021-42574).
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def result_console() -> Console:
    """Return the console for results. rich honours NO_COLOR, FORCE_COLOR and TERM."""
    return Console(file=sys.stdout, markup=False, highlight=False, emoji=False)


def progress_console() -> Console:
    """Return the console for progress and notes."""
    return Console(file=sys.stderr, markup=False, highlight=False, emoji=False)


def printable(text: str) -> str:
    """Return `text` with control characters shown as escapes; tabs and newlines stay."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def shortened(text: str, width: int) -> str:
    """Return `text` on one line of at most `width` characters, its middle left out where it is longer."""
    line = " ".join(printable(text).split())
    if len(line) <= width:
        return line
    tail = (width - 3) // 2
    return f"{line[: width - 3 - tail]}...{line[len(line) - tail :]}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return "1 test" or "2 tests"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
