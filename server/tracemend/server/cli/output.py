"""The result of `tracemend fix` on a console: each failure with its best patch, then one line that sums up."""

from __future__ import annotations

import re
from collections import Counter

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tracemend.repair.reports import FailureReport, FixReport, RankedPatch

from .apply import Plan
from .terminal import STATUS_STYLES, count, printable, shortened

INDENT = (0, 0, 0, 2)
SHOWN_TESTS = 5
SHOWN_SUSPECTS = 3

_QUOTED = re.compile(r"(`[^`]*`)")


def print_report(console: Console, report: FixReport, *, stopped: bool = False) -> None:
    """Print what came of each failure."""
    for failure in report.failures:
        _print_failure(console, failure)
    for note in report.notes:
        console.print(Text(printable(note), style="dim"), soft_wrap=True)
    console.print(_summary(report, stopped), soft_wrap=True)


def print_hint(console: Console, report: FixReport, plan: Plan) -> None:
    """Say how the patches get into the project, where there are any."""
    if not plan.applied and any(one.patches for one in report.failures):
        console.print("`tracemend fix --apply` writes none of these; they are yours to judge.", style="dim")
    if plan.applied:
        patches = count(len(plan.applied), "patch that can be trusted", "patches that can be trusted")
        console.print(f"`tracemend fix --apply` writes {patches}.", style="dim", soft_wrap=True)


def print_plan(console: Console, plan: Plan, *, written: bool) -> None:
    """Print what was, or was not, written, and why."""
    if written and plan.texts:
        console.print(f"Wrote {', '.join(sorted(plan.texts))}.", style="green", soft_wrap=True)
    for test, why in plan.refused.items():
        console.print(
            printable(f"The patch for {test} was not applied: {why}."), style="yellow", soft_wrap=True
        )
    if plan.without_patch:
        tests = count(len(plan.without_patch), "failure has", "failures have")
        console.print(f"{tests} no patch that can be trusted; nothing was written for those.", soft_wrap=True)


def _print_failure(console: Console, failure: FailureReport) -> None:
    style = STATUS_STYLES[failure.status]
    title = Text.assemble((failure.status, f"bold {style}"), "  ", (printable(failure.test), "bold"))
    console.print(title, soft_wrap=True)
    others = [one for one in failure.tests if one != failure.test]
    if others:
        names = ", ".join(printable(one) for one in others[:SHOWN_TESTS])
        more = f" and {len(others) - SHOWN_TESTS} more" if len(others) > SHOWN_TESTS else ""
        _indented(console, Text(f"with the same cause: {names}{more}", style="dim"))
    if failure.reason:
        _indented(console, _prose(failure.reason))
    if not failure.patches:
        _print_suspects(console, failure)
    for ranked in failure.patches:
        _print_patch(console, ranked, len(failure.patches))
    console.print()


def _print_suspects(console: Console, failure: FailureReport) -> None:
    for suspect in failure.suspects[:SHOWN_SUSPECTS]:
        source = shortened(suspect.source, 60)
        _indented(
            console,
            Text(f"suspect {suspect.path}:{suspect.line} ({suspect.score:.2f})  {source}", style="dim"),
        )


def _print_patch(console: Console, ranked: RankedPatch, total: int) -> None:
    style = "green" if ranked.confidence == "high" else "yellow"
    name = f"patch {ranked.rank} of {total}" if total > 1 else "patch"
    _indented(console, Text(f"{name}, confidence {ranked.confidence}", style=style))
    _indented(console, coloured_diff(ranked.patch.diff))
    said = ranked.explanation if ranked.rank == 1 else ranked.evidence.note or ranked.patch.origin.note
    console.print()
    _indented(console, _prose(said))


def coloured_diff(diff: str) -> Text:
    """Return a unified diff in the colours that people expect."""
    text = Text()
    for line in diff.split("\n"):
        header = line.startswith(("---", "+++"))
        style = "bold" if header else {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        text.append(printable(line.removesuffix("\r")) + "\n", style)
    text.rstrip()
    return text


def _prose(text: str) -> Text:
    """Return sentences with their `quoted` pieces in a colour of their own; the marks stay, for pipes have no colour."""
    return Text("").join(
        Text(piece, "cyan" if piece.startswith("`") else "") for piece in _QUOTED.split(printable(text))
    )


def _indented(console: Console, text: Text) -> None:
    """Print indented: wrapped to the width on a terminal, line by line as it is elsewhere."""
    if console.is_terminal:
        console.print(Padding(text, INDENT))
        return
    for line in text.split("\n"):
        console.print(Text("  ").append_text(line), soft_wrap=True)


def _summary(report: FixReport, stopped: bool) -> Text:
    if not report.failures and stopped:
        return Text("Stopped before any failure was worked on.", style="bold")
    if not report.failures:
        return Text(f"Nothing fails ({report.seconds:.1f} s).", style="bold green")
    counts = Counter(one.status for one in report.failures)
    text = Text(f"{counts['mended']} of {count(len(report.failures), 'failure')} mended", style="bold")
    for status in ("unmended", "flaky", "error"):
        if counts[status]:
            said = count(counts["error"], "error") if status == "error" else f"{counts[status]} {status}"
            text.append(f", {said}", STATUS_STYLES[status])
    doubtful = sum(bool(one.patches) and one.trustworthy is None for one in report.failures)
    if doubtful:
        text.append(f", {doubtful} with a patch to look at first", "yellow")
    text.append(f" in {report.seconds:.1f} s.", "bold")
    return text
