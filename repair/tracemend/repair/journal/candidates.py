"""What the search tried and the judge found, as lines of the journal.

A search tries hundreds of candidates a second, so a line holds what no other line does: the place and text of each edit
against a text that is written once, in a line of kind "file" which its digest names. `journal.replay` makes files of
that again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tracemend.repair.models.protocol import Recorder
from tracemend.repair.patch import FileChange
from tracemend.repair.records import to_json
from tracemend.repair.reports import FailureReport

from .journal import no_record
from .spans import replaced_span, text_digest

if TYPE_CHECKING:  # Who only reads journals need not load the engine.
    from tracemend.repair.judge.verdicts import Verdict
    from tracemend.repair.search.candidates import Candidate


class CandidateLog:
    """Writes what becomes of the candidates for one failure; called from all threads of the search."""

    def __init__(self, record: Recorder, test: str) -> None:
        self._record = record
        self._test = test
        self._lock = threading.Lock()
        self._files: dict[str, tuple[str, str]] = {}  # Path -> (text before, its digest).

    def __call__(self, candidate: Candidate, effect: str) -> None:
        """Write one candidate with its effect on the failure."""
        if self._record is no_record:
            return
        patch = candidate.patch
        fields = {
            "candidate": patch.key,
            "test": self._test,
            "effect": effect,
            "author": patch.origin.author,
            "operator": patch.origin.operator,
            "note": patch.origin.note,
            "lines": patch.origin.lines,
            "cost": round(candidate.cost, 2),
            "edits": [self._edit(change) for change in patch.changes],
        }
        self._record("candidate", fields)

    def _edit(self, change: FileChange) -> dict[str, object]:
        start, end, text = replaced_span(change.old, change.new)
        return {
            "path": change.path,
            "file": self._digest(change),
            "start": start,
            "end": end,
            "text": text,
        }

    def _digest(self, change: FileChange) -> str:
        """Return the digest of the text before, after writing the text where it is new."""
        with self._lock:
            text, digest = self._files.get(change.path, ("", ""))
            if not digest or text is not change.old:
                digest = text_digest(change.old)
                self._files[change.path] = (change.old, digest)
                self._record("file", {"digest": digest, "path": change.path, "text": change.old})
            return digest


def verdict_fields(test: str, verdict: Verdict, *, stands: bool) -> Mapping[str, object]:
    """Return the line about one plausible patch that was put to the last proof, the run in a fresh process."""
    return {
        "candidate": verdict.plausible.candidate.patch.key,
        "test": test,
        "stands": stands,
        "mended": verdict.mended or verdict.plausible.mended,
        "impacted": verdict.plausible.impacted,
        "reverted_fails": verdict.reverted_fails,
        "falsification": to_json(verdict.falsification),
        "antipatterns": [one.name for one in verdict.antipatterns],
        "diagnostics": list(verdict.diagnostics.added),
        "cluster": verdict.cluster,
    }


def outcome_fields(report: FailureReport) -> Mapping[str, object]:
    """Return the line about what came of one failure."""
    return {
        "test": report.test,
        "status": report.status,
        "tests": report.tests,
        "reason": report.reason,
        "exception": report.exception,
        "message": report.message,
        "tried": report.candidates,
        "seconds": round(report.seconds, 3),
        "patches": [
            {
                "candidate": one.patch.key,
                "confidence": one.confidence,
                "note": one.patch.origin.note,
                "diff": one.patch.diff,
                "verdict": one.verdict,
                "explanation": one.explanation,
            }
            for one in report.patches
        ],
    }
