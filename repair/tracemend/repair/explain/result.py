"""The result of a run as plain JSON values: what `tracemend fix --json` writes, and what scripts depend on.

The layout is versioned. Within version 1 keys may be added; none is renamed, removed or given another meaning.
"""

from __future__ import annotations

from typing import Any

from tracemend.repair.records import to_json
from tracemend.repair.reports import FailureReport, FixReport, RankedPatch

from .evidence import evidence_to_json

RESULT_VERSION = 1


def report_to_json(report: FixReport) -> dict[str, Any]:
    """Return the whole result as plain JSON values."""
    return {
        "version": RESULT_VERSION,
        "project": str(report.project.root),
        "sandbox": to_json(report.containment),
        "failures": [_failure(one) for one in report.failures],
        "seconds": round(report.seconds, 3),
        "notes": list(report.notes),
    }


def _failure(failure: FailureReport) -> dict[str, Any]:
    return {
        "test": failure.test,
        "status": failure.status,
        "tests": list(failure.tests or (failure.test,)),
        "patches": [_patch(one) for one in failure.patches],
        "reason": failure.reason,
        "seconds": round(failure.seconds, 3),
        "candidates": failure.candidates,
        "suspects": to_json(failure.suspects),
    }


def _patch(ranked: RankedPatch) -> dict[str, Any]:
    return {
        "rank": ranked.rank,
        "confidence": ranked.confidence,
        "diff": ranked.patch.diff,
        "files": [change.path for change in ranked.patch.changes],
        "origin": to_json(ranked.patch.origin),
        "verdict": to_json(ranked.verdict),
        "explanation": ranked.explanation,
        "evidence": evidence_to_json(ranked.evidence),
    }
