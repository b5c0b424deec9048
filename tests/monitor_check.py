"""Checks of the monitors: annotated snippets in, findings out. The only place in the tests that knows the Reviewer's API.

    check_findings('''
        text = "abc"
        text.uper()
        #    ^^^^ unknown-member: `str` has no member `uper` -> upper
    ''')

Marks stand below the line that they are about and are matched one to one; "-> a, b" are the suggestions. A line that
begins with `#- path` begins another file of the project; the first file is `snippet.py`.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
import textwrap
from functools import cache
from pathlib import Path

from project_fixture import project_files
from symbol_check import bare_environment

from tracemend.analysis.monitors.protocol import Finding, Hole, Judgement
from tracemend.analysis.review import Review, Reviewer
from tracemend.analysis.syntax.positions import LineIndex

_MARK = re.compile(r"^\s*#\s*(?P<carets>\^+) (?P<said>.+)$")


@cache
def shared_cache() -> Path:
    """Return a directory where the summaries of the standard library are kept for all tests of this run."""
    directory = tempfile.mkdtemp(prefix="tracemend-tests-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Path(directory)


def make_reviewer(folder: Path, snippet: str) -> tuple[Reviewer, dict[Path, str]]:
    """Write the files of `snippet` into `folder` and return a reviewer of it with the texts by path."""
    snippet = textwrap.dedent(snippet).lstrip("\n")
    if not snippet.startswith("#- "):
        snippet = f"#- snippet.py\n{snippet}"
    texts = {folder / path: text for path, text in project_files(snippet).items()}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Reviewer(folder, bare_environment(), cache=shared_cache()), texts


def check_findings(folder: Path, snippet: str) -> Review:
    """Check that the findings in each file of `snippet` are those marked in it, and return the last file's review."""
    reviewer, texts = make_reviewer(folder, snippet)
    review = Review()
    for path, text in texts.items():
        review = reviewer.review(path, text)
        found, expected = {shown(text, one) for one in review.findings}, marks(text)
        said = f"{path.name}: unexpected {sorted(found - expected)}, missing {sorted(expected - found)}"
        assert found == expected, said
    reviewer.close()
    return review


def judged(
    reviewer: Reviewer, path: Path, text: str, monitor: str, partial: str, *, complete: bool = False
) -> Judgement:
    """Return what `monitor` says of `partial` at the `$0` in `text`, the unsaved content of the file at `path`."""
    before, marked, after = text.partition("$0")
    assert marked, "the text has no $0"
    (one,) = (found for found in reviewer.monitors if found.name == monitor)
    hole = Hole(reviewer.document(path, before + after), len(before))
    return one.judge(hole, partial, complete=complete)


def shown(text: str, finding: Finding) -> tuple[int, int, int, str]:
    """Return a finding as its mark would tell it: line, columns and words."""
    line, column = LineIndex(text).to_position(finding.start, "utf-32")
    hint = f" -> {', '.join(finding.suggestions)}" if finding.suggestions else ""
    return line, column, column + finding.end - finding.start, f"{finding.rule}: {finding.message}{hint}"


def marks(text: str) -> set[tuple[int, int, int, str]]:
    """Return the marks of `text`; each is about the last line above that is no mark."""
    found = set()
    about = 0
    for number, line in enumerate(text.split("\n")):
        match = _MARK.match(line)
        if match is None:
            about = number
        else:
            found.add((about, *match.span("carets"), match["said"]))
    return found
