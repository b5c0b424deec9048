"""From messages of the project's interpreter to our values, trusting nothing: every field is checked and bounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

from tracemend.repair.runner.payload.channel import Malformed
from tracemend.repair.runner.results import (
    CollectedTest,
    CollectionError,
    Containment,
    Failure,
    Frame,
    Outcome,
    TestResult,
)

TEXT_LIMIT = 100_000
FRAME_LIMIT = 100


def test_result(message: object) -> TestResult:
    """Decode the result of one test."""
    fields = mapping(message)
    outcome = text(fields.get("outcome"))
    if outcome not in get_args(Outcome):
        raise Malformed(f"{outcome!r} is no outcome")
    return TestResult(
        text(fields.get("test")),
        outcome,  # type: ignore[arg-type]
        number(fields.get("seconds")),
        number(fields.get("cpu_s")),
        None if fields.get("failure") is None else failure(fields["failure"]),
    )


test_result.__test__ = False  # type: ignore[attr-defined]


def failure(message: object) -> Failure:
    """Decode why a test is red."""
    fields = mapping(message)
    phase: Literal["setup", "call", "teardown"] = "call"
    if fields.get("phase") in ("setup", "teardown"):
        phase = fields["phase"]
    return Failure(
        phase,
        text(fields.get("exception")),
        text(fields.get("message")),
        frames(fields.get("frames")),
        text(fields.get("text")),
    )


def frames(message: object) -> tuple[Frame, ...]:
    """Decode a traceback."""
    found = []
    for one in sequence(message)[:FRAME_LIMIT]:
        fields = mapping(one)
        found.append(
            Frame(
                text(fields.get("path")),
                int(number(fields.get("line"))),
                text(fields.get("function")),
                fields.get("in_project") is True,
            )
        )
    return tuple(found)


def collected_test(message: object) -> CollectedTest:
    """Decode a collected test."""
    test, path, line = (*sequence(message), None, None, None)[:3]
    return CollectedTest(text(test), text(path), int(number(line)))


def collection_error(message: object) -> CollectionError:
    """Decode what is known of a file that pytest could not collect."""
    fields = mapping(message)
    return CollectionError(
        text(fields.get("path")),
        text(fields.get("exception")),
        text(fields.get("message")),
        frames(fields.get("frames")),
        text(fields.get("text")),
    )


def containment(message: object) -> Containment:
    """Decode the containment that holds."""
    fields = dict(mapping(message))
    fields["missing"] = tuple(text(one) for one in sequence(fields.get("missing") or []))
    try:
        return Containment(**fields)
    except TypeError as error:
        raise Malformed(str(error)) from error


class Spectrum(NamedTuple):
    """What one test executed."""

    lines: Mapping[str, frozenset[int]]
    functions: frozenset[tuple[str, int]]
    processes: bool  # It started another process, of which nothing is known.


class SpectrumTable:
    """Decodes the spectra of one process, which numbers what tests execute (see `payload/spectrum.py`)."""

    def __init__(self) -> None:
        self._blocks: list[tuple[str, int, frozenset[int]]] = []

    def decode(self, message: object) -> Spectrum:
        """Return the spectrum of one test."""
        fields = mapping(message)
        for one in sequence(fields.get("new")):
            path, first, lines = (*sequence(one), None, None, None)[:3]
            self._blocks.append(
                (text(path), line_number(first), frozenset(map(line_number, sequence(lines))))
            )
        found: dict[str, set[int]] = {}
        functions = set()
        for number in sequence(fields.get("executed")):
            path, first, hit = self._block(number)
            functions.add((path, first))
            if hit:
                found.setdefault(path, set()).update(hit)
        lines = {path: frozenset(hit) for path, hit in found.items()}
        return Spectrum(lines, frozenset(functions), fields.get("processes") is True)

    def _block(self, number: object) -> tuple[str, int, frozenset[int]]:
        if type(number) is not int or not 0 <= number < len(self._blocks):
            raise Malformed(f"{number!r:.40} is no block that was told")
        return self._blocks[number]


def place(value: object) -> tuple[str, int]:
    """Decode a path with a line."""
    path, line = (*sequence(value), None, None)[:2]
    return text(path), line_number(line)


def line_number(value: object) -> int:
    """Return `value` if it can be the number of a line."""
    if type(value) is not int or not 0 < value < 1 << 31:
        raise Malformed(f"expected a line number, got {value!r:.40}")
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is an object."""
    if not isinstance(value, dict):
        raise Malformed(f"expected an object, got {type(value).__name__}")
    return value


def sequence(value: object) -> list[Any]:
    """Return `value` if it is an array."""
    if not isinstance(value, list):
        raise Malformed(f"expected an array, got {type(value).__name__}")
    return value


def text(value: object) -> str:
    """Return `value` if it is a string, cut to `TEXT_LIMIT`."""
    if not isinstance(value, str):
        raise Malformed(f"expected a string, got {type(value).__name__}")
    return value[:TEXT_LIMIT]


def number(value: object) -> float:
    """Return `value` if it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise Malformed(f"expected a number, got {value!r:.40}")
    return value
