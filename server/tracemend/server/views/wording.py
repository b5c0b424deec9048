"""The sentences that an editor shows, each bounded, on one line, and made of facts alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tracemend.repair.explain.evidence import Suspect
from tracemend.repair.explain.messages import short_message
from tracemend.repair.runner.results import TestResult
from tracemend.server.findings import FoundPatch

from .values import History, LineValues

MAX_MESSAGE = 600
MAX_VALUE = 60
MAX_VALUES = 4
MAX_HISTORY = 16
MAX_NOTE = 90


def failure_message(result: TestResult, others: int = 0, values: Mapping[str, str] | None = None) -> str:
    """Say how a test fails, how many others fail at the same line, and what the locals were there."""
    name = short_name(result.test)
    also = f" (and {counted(others, 'other test')})" if others else ""
    with_values = f"\nwith {assignments(values)}" if values else ""
    return clipped(f"{name}{also} {_verdict(result)}{with_values}", MAX_MESSAGE)


def suspect_message(suspect: Suspect, tests: Sequence[str], values: LineValues | None = None) -> str:
    """Say which failure a line is suspected of, how strongly and why, and what it held."""
    of = short_name(tests[0]) + (f" and {counted(len(tests) - 1, 'other test')}" if len(tests) > 1 else "")
    why = f": {suspect.why}" if suspect.why else ""
    held = f"\n{hint_text(values)}" if values is not None and values.histories else ""
    return clipped(f"Suspected of the failure of {of} (score {suspect.score:.2f}{why}){held}", MAX_MESSAGE)


def hint_text(values: LineValues) -> str:
    """Return the values of one line for its end: each name at its first and its last visit."""
    shown = [_span(one) for one in values.histories if one.name != "raises"][:MAX_VALUES]
    if values.failed_with:
        shown.append(f"raises {clipped(short_message(values.failed_with), 2 * MAX_VALUE)}")
    return "; ".join(shown)


def history_text(history: History) -> str:
    """Return all values of one name in the order of the visits, equal neighbours counted."""
    runs: list[tuple[str, int]] = []
    for text in history.texts:
        if runs and runs[-1][0] == text:
            runs[-1] = (text, runs[-1][1] + 1)
        else:
            runs.append((text, 1))
    shown = [f"{one_line(text)}{f' (x{count})' if count > 1 else ''}" for text, count in runs]
    if len(shown) > MAX_HISTORY:
        half = MAX_HISTORY // 2
        shown = [*shown[:half], "…", *shown[-half:]]
    return ", ".join(shown)


def repair_title(patch: FoundPatch) -> str:
    """Say what a repair changes and what was proven about it; every such title begins with "Repair"."""
    files = {change.path for change in patch.changes}
    across = f" in {len(files)} files" if len(files) > 1 else ""
    note = clipped(one_line(patch.note).rstrip("."), MAX_NOTE)
    return f"Repair: {note}{across} ({proof(patch)})"


def proof(patch: FoundPatch) -> str:
    """Say what was run with the patch in place, and whether a doubt is on record."""
    whole = patch.evidence.rerun("whole")
    mended = short_name(patch.tests[0]) if len(patch.tests) == 1 else f"{len(patch.tests)} failing tests"
    parts = [f"mends {mended}"]
    if whole is not None and not whole.failed:
        parts.append(f"{counted(whole.passed, 'test')} {'passes' if whole.passed == 1 else 'pass'}")
    if patch.evidence.reverted_fails:
        parts.append("fails without it")
    if patch.confidence == "low":
        parts.append("look before you apply")
    return ", ".join(parts)


def short_name(test: str) -> str:
    """Return a node id without its path."""
    return test.partition("::")[2] or test


def assignments(values: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Return "a = 1, b = 2" of the first few values."""
    pairs = list(values.items() if isinstance(values, Mapping) else values)[:MAX_VALUES]
    return ", ".join(f"{name} = {one_line(text)}" for name, text in pairs)


def one_line(text: str, width: int = MAX_VALUE) -> str:
    """Return `text` on one line of at most `width` characters, shortened in its middle."""
    line = " ".join(text.split())
    if len(line) <= width:
        return line
    half = (width - 1) // 2
    return f"{line[:half]}…{line[-half:]}"


def clipped(text: str, width: int) -> str:
    """Return the beginning of `text`, at most `width` characters."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def counted(number: int, noun: str) -> str:
    """Return "1 test" or "2 tests"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _verdict(result: TestResult) -> str:
    failure = result.failure
    if result.outcome == "timeout":
        after = f" after {result.seconds:.1f} s" if result.seconds >= 0.1 else ""
        return f"does not end: it was stopped{after}"
    if result.outcome == "crashed":
        return "takes its process down" + (f": {short_message(failure.message)}" if failure else "")
    if failure is None:
        return "fails"
    where = "" if failure.phase == "call" else f" in its {failure.phase}"
    message = short_message(failure.message)
    return f"fails{where}: {failure.exception}{f': {message}' if message else ''}"


def _span(history: History) -> str:
    """Return a name with its first and last value; what was handed back reads as a verb."""
    equals = " " if history.is_result else " = "
    first, last, visits = history.texts[0], history.texts[-1], len(history.texts)
    if visits == 1 or first == last:
        return f"{history.name}{equals}{one_line(first)}"
    return f"{history.name}{equals}{one_line(first)} … {one_line(last)} ({visits}x)"
