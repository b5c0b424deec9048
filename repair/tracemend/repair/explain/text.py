"""Evidence as a few plain sentences, each made from a part of the record that is present.

The sentences come in the order in which a reader asks: what failed, why, what the patch changes, what was re-run, how
sure that is. There is no sentence for what was not observed: a record with nothing but a failing test yields one
sentence about that test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tracemend.repair.runner.results import Containment

from .counting import counted
from .evidence import (
    Alternative,
    Change,
    DiagnosticsDelta,
    Evidence,
    FailurePoint,
    Falsification,
    NamedValue,
    Rerun,
)
from .messages import short_message

Topic = Literal["failed", "cause", "change", "checked", "trust"]

MAX_CODE = 90  # Characters of one quoted piece of code or value.
MAX_VALUES = 4  # Values named in one sentence; the record and the report have them all.
TEST_CASE_STATE = "(_testMethodName="  # How the value of a unittest.TestCase begins.

_LINE_BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and the question that it answers."""

    topic: Topic
    text: str


def explain(evidence: Evidence) -> str:
    """Return the explanation, one paragraph for each topic on which there is something to say."""
    paragraphs: dict[Topic, list[str]] = {}
    for sentence in sentences(evidence):
        paragraphs.setdefault(sentence.topic, []).append(sentence.text)
    return "\n".join(" ".join(texts) for texts in paragraphs.values())


def sentences(evidence: Evidence) -> Iterator[Sentence]:
    """Yield the sentences in reading order."""
    yield from (Sentence("failed", text) for text in failure_sentences(evidence.failure))
    yield from (Sentence("cause", text) for text in _why_it_was_wrong(evidence))
    yield from (Sentence("change", text) for text in _what_changes(evidence))
    yield from (Sentence("checked", text) for text in _what_was_checked(evidence))
    yield from (Sentence("trust", text) for text in _how_sure(evidence))


def failure_sentences(failure: FailurePoint) -> Iterator[str]:
    """Yield what failed, where, and with which values."""
    message = short_message(failure.message).removesuffix(".")
    yield f"{failure.test} fails with {failure.exception}{f': {message}' if message else ''}."
    values = _listed([f"{_code(one.name)} = {_code(one.value)}" for one in _telling_values(failure)])
    if failure.path and failure.line:
        by = f" by {_code(failure.expression)}" if failure.expression else ""
        where = f", where {values}" if values else ""
        yield f"It is raised at {failure.path}:{failure.line}{by}{where}."
    elif values:
        yield f"At that point {values}."


def _telling_values(failure: FailurePoint) -> Sequence[NamedValue]:
    """Return the values worth a sentence: those that the failing statement names, else the first ones.

    The test itself, which is the `self` of unittest's methods, is not worth one.
    """
    words = set(re.findall(r"[^\W\d]\w*", failure.expression))
    telling = [one for one in failure.values if TEST_CASE_STATE not in one.value]
    named = [one for one in telling if one.name.partition(".")[0] in words]
    return (named or telling)[:MAX_VALUES]


def _why_it_was_wrong(evidence: Evidence) -> Iterator[str]:
    divergence = evidence.divergence
    if divergence is not None:
        function = f" in {_code(divergence.function)}" if divergence.function else ""
        statement = f" ({_code(divergence.source)})" if divergence.source else ""
        yield (
            f"Things first go wrong{function} at {divergence.path}:{divergence.line}{statement}, "
            f"where {_named(divergence.name)} is {_code(divergence.before)}."
        )
    edited = {(change.path, change.line) for change in evidence.changes}
    ranks = enumerate(evidence.suspects, 1)
    found = next(((rank, one) for rank, one in ranks if (one.path, one.line) in edited), None)
    if found is not None:
        rank, suspect = found
        total = len(evidence.suspects)
        place = "the only suspect" if total == 1 else f"number {rank} of {total} suspects"
        why = f" ({suspect.why})" if suspect.why else ""
        yield f"The changed statement is {place}, with a score of {suspect.score:.2f}{why}."


def _what_changes(evidence: Evidence) -> Iterator[str]:
    if evidence.remarks:
        yield f"In the words of the model that wrote the patch: {' '.join(evidence.remarks)}"
    if evidence.note:
        yield f"The patch {evidence.note.strip().rstrip('.')}."
    for change in evidence.changes:
        yield _change(change)
    target = evidence.rerun("target")
    if target is None or not target.green:
        return
    divergence = evidence.divergence
    values = f"{_named(divergence.name)} is {_code(divergence.after)} there, and " if divergence else ""
    yield f"With that, {values}the test passes."


def _change(change: Change) -> str:
    place = f"{change.path}:{change.line}"
    if not change.before.strip():
        return f"At {place}, {_code(change.after)} is added."
    if not change.after.strip():
        return f"At {place}, {_code(change.before)} is removed."
    before, after = _differing_parts(_one_line(change.before), _one_line(change.after))
    return f"At {place}, {_code(before)} becomes {_code(after)}."


def _differing_parts(before: str, after: str) -> tuple[str, str]:
    """Return both texts whole where they are short, else without the words that they share at either end."""
    if max(len(before), len(after)) <= MAX_CODE:
        return before, after
    old, new = before.split(), after.split()
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    return _without_ends(old, start, end), _without_ends(new, start, end)


def _shared(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many words both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(first), len(second)))


def _without_ends(words: Sequence[str], start: int, end: int) -> str:
    """Drop `start` and `end` words from the two ends, less one word each that shows where we are."""
    kept = words[max(start - 1, 0) : len(words) - max(end - 1, 0)]
    return " ".join([*["..."] * (start > 1), *kept, *["..."] * (end > 1)])


def _what_was_checked(evidence: Evidence) -> Iterator[str]:
    reruns = [_rerun(one) for one in evidence.reruns if one.passed + one.failed]
    if reruns:
        yield f"Re-run with the patch: {_listed(reruns)}."
    if evidence.reverted_fails:
        yield "Taking the patch away brings the failure back."
    if evidence.falsification is not None and evidence.falsification.inputs:
        yield _falsification(evidence.falsification)
    if evidence.diagnostics is not None:
        yield _diagnostics(evidence.diagnostics)
    if evidence.containment is not None:
        yield from _containment(evidence.containment)


def _rerun(rerun: Rerun) -> str:
    total = rerun.passed + rerun.failed
    what = {
        "target": "the failing test" if total == 1 else f"the {total} failing tests",
        "impacted": f"{_count(total, 'test')} that can see the change",
        "whole": f"the whole selection of {_count(total, 'test')}",
        "elsewhere": f"{_count(total, 'test')} that were not named",
    }[rerun.scope]
    outcome = f"{rerun.failed} failed" if rerun.failed else "passed" if total == 1 else "all passed"
    fresh = ", in a fresh pytest process" if rerun.fresh_process else ""
    return f"{what} ({outcome}{fresh})"


def _falsification(found: Falsification) -> str:
    inputs = f"{_count(found.inputs, 'input')} recorded in tests or derived from those"
    if not found.changed_on_passing and not found.new_crashes:
        return f"On {inputs} it changes no behaviour that passing tests rely on and raises nothing new."
    effects = []
    if found.changed_on_passing:
        changed = counted(
            found.changed_on_passing, "from passing tests now gives", "from passing tests now give"
        )
        effects.append(f"{changed} another result")
    if found.new_crashes:
        effects.append(counted(found.new_crashes, "now raises or hangs", "now raise or hang"))
    example = f", for example {_code(found.examples[0])}" if found.examples else ""
    return f"Of {inputs}, {_listed(effects)}{example}."


def _diagnostics(delta: DiagnosticsDelta) -> str:
    if delta.added:
        return f"The linter reports something new: {_listed([_one_line(one) for one in delta.added[:MAX_VALUES]])}."
    if delta.removed:
        return f"The linter reports nothing new, and no longer {_one_line(delta.removed[0])}."
    return "The linter reports nothing new."


def _containment(held: Containment) -> Iterator[str]:
    parts = []
    if held.filesystem != "open":
        parts.append("on a throw-away view of the project")
    if held.network != "open":
        parts.append("without a network")
    if parts:
        yield f"All of that ran {_listed(parts)}."


def _how_sure(evidence: Evidence) -> Iterator[str]:
    if evidence.reverted_fails is False:
        yield "Taking the patch away did not bring the failure back, so something else may decide this test."
    yield from (_alternative(one) for one in evidence.alternatives)
    if evidence.doubts:
        doubts = _listed([one.strip().rstrip(".") for one in evidence.doubts])
        yield f"Confidence is low: {doubts}."
    elif _nothing_speaks_against(evidence):
        yield "Nothing that was tried speaks against it."


def _alternative(other: Alternative) -> str:
    note = f" ({other.note.strip().rstrip('.')})" if other.note else ""
    does = f"mends only {_count(other.mends, 'test')}" if other.fewer else "mends the failure too"
    if other.input:
        return (
            f"Patch {other.rank}{note} {does}, but differs on {_code(other.input)}: "
            f"it {_outcome(other.here)} with this patch and {_outcome(other.there)} with that one."
        )
    same = "; on every input that was tried the two do the same" if other.compared else ""
    return f"Patch {other.rank}{note} {does}{same}."


def _outcome(text: str) -> str:
    """Quote what a call "returns 5" or "raises KeyError: 'a'", less the verb."""
    verb, _, what = text.partition(" ")
    return f"{verb} {_code(what)}" if verb in ("returns", "raises") and what else _code(text)


def _nothing_speaks_against(evidence: Evidence) -> bool:
    """True when the strong checks were made, and each came out in favour."""
    whole, found = evidence.rerun("whole"), evidence.falsification
    survived = found is not None and found.inputs > 0 and not (found.changed_on_passing or found.new_crashes)
    clean = evidence.diagnostics is None or not evidence.diagnostics.added
    return bool(whole and whole.green and evidence.reverted_fails and survived and clean)


def _named(name: str) -> str:
    """Return a traced name for a sentence; a trace calls what a function hands back "return"."""
    return "the return value" if name == "return" else _code(name)


def _code(text: str) -> str:
    """Quote a piece of code on one line, shortened in the middle where it is long.

    Blanks within a line stay: in the value of a string they are what matters.
    """
    line = _LINE_BREAK.sub(" ", text.strip())
    if len(line) > MAX_CODE:
        half = MAX_CODE // 2 - 2
        line = f"{line[:half]} ... {line[-half:]}"
    return f"`{line}`"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _count(number: int, noun: str) -> str:
    return counted(number, noun, f"{noun}s")


def _listed(parts: Sequence[str]) -> str:
    """Join as in "a, b and c"."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
