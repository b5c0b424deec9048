"""The result of `tracemend check`: as text, as JSON, as SARIF 2.1.0, and as GitHub's workflow commands.

The JSON is a contract (`docs/check.md`); everything else may change its looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from tracemend.analysis.syntax.positions import LineIndex

from .terminal import count, printable

if TYPE_CHECKING:
    from tracemend.analysis.monitors.protocol import Finding

JSON_VERSION = 1
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
TAB_WIDTH = 4
MAX_SHOWN_WIDTH = 160


@dataclass(frozen=True, slots=True)
class PlacedFinding:
    """A finding with its file and its position; lines and columns count from 1, the end is that of the next character."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    source: str  # The line that it begins on.
    finding: Finding

    @property
    def replacement(self) -> str | None:
        """The text that would be right in the place, where only one suggestion is the nearest."""
        return self.finding.suggestions[0] if self.finding.suggestions else None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What came of a check."""

    files: int
    lines: int
    findings: tuple[PlacedFinding, ...]
    silent: Mapping[str, int] = field(default_factory=dict)
    judged: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def place_finding(file: str, lines: LineIndex, finding: Finding) -> PlacedFinding:
    """Return `finding` with the position that people and editors read."""
    line, column = lines.to_position(finding.start, "utf-32")
    end_line, end_column = lines.to_position(finding.end, "utf-32")
    return PlacedFinding(
        file, line + 1, column + 1, end_line + 1, end_column + 1, lines.line_text(line + 1), finding
    )


def to_json(report: CheckReport) -> dict[str, Any]:
    """Return the report as the contract has it."""
    return {
        "version": JSON_VERSION,
        "files": report.files,
        "lines": report.lines,
        "findings": [_finding_to_json(one) for one in report.findings],
        "silent": dict(sorted(report.silent.items())),
        "judged": dict(sorted(report.judged.items())),
        "seconds": round(report.seconds, 3),
    }


def to_sarif(report: CheckReport) -> dict[str, Any]:
    """Return the report as SARIF 2.1.0 (OASIS), which counts columns from 1 and ends regions like us."""
    rules = sorted({one.finding.rule for one in report.findings})
    driver = {
        "name": "tracemend",
        "version": version("tracemend"),
        "rules": [{"id": rule, "name": rule.title().replace("-", "")} for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_finding_to_sarif(one) for one in report.findings],
    }
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def to_github(report: CheckReport) -> str:
    """Return one workflow command for each finding, which GitHub shows beside the line."""
    return "".join(
        f"::error file={_escaped(one.file, ',:')},line={one.line},col={one.column},endLine={one.end_line},"
        f"endColumn={one.end_column},title={_escaped(one.finding.rule, ',:')}::{_escaped(_sentence(one.finding))}\n"
        for one in report.findings
    )


def print_text(console: Console, report: CheckReport) -> None:
    """Print each finding with its line, then one line that sums up."""
    for placed in report.findings:
        _print_finding(console, placed)
    looked_at = f"{count(report.files, 'file')} ({report.lines:,} lines)"
    if report.findings:
        console.print(
            Text(f"{count(len(report.findings), 'finding')} in {looked_at}.", "bold red"), soft_wrap=True
        )
    elif not report.files:
        console.print(Text("There are no Python files here to check.", "bold yellow"), soft_wrap=True)
    else:
        console.print(Text(f"Nothing is certainly wrong in {looked_at}.", "bold green"), soft_wrap=True)


def _print_finding(console: Console, placed: PlacedFinding) -> None:
    where = f"{printable(placed.file)}:{placed.line}:{placed.column}"
    console.print(
        Text.assemble(
            (where, "bold"), "  ", (placed.finding.rule, "red"), "  ", printable(placed.finding.message)
        ),
        soft_wrap=True,
    )
    source = printable(placed.source.expandtabs(TAB_WIDTH))
    before = len(printable(placed.source[: placed.column - 1].expandtabs(TAB_WIDTH)))
    stripped = source.lstrip()
    indent = len(source) - len(stripped)
    if before - indent < MAX_SHOWN_WIDTH:
        ends_here = placed.end_line == placed.line
        width = max(1, placed.end_column - placed.column if ends_here else len(source) - before)
        hint = f" did you mean {_alternatives(placed.finding)}?" if placed.finding.suggestions else ""
        console.print(Text(f"    {stripped[:MAX_SHOWN_WIDTH]}"), soft_wrap=True)
        marks = Text.assemble(" " * (4 + before - indent), ("^" * width, "red"), (hint, "green"))
        console.print(marks, soft_wrap=True)
    console.print()


def _alternatives(finding: Finding) -> str:
    return " or ".join(f"`{one}`" for one in finding.suggestions)


def _sentence(finding: Finding) -> str:
    hint = f"; did you mean {_alternatives(finding)}?" if finding.suggestions else ""
    return finding.message + hint


def _finding_to_json(placed: PlacedFinding) -> dict[str, Any]:
    finding = placed.finding
    place = {
        "line": placed.line,
        "column": placed.column,
        "end_line": placed.end_line,
        "end_column": placed.end_column,
    }
    written: dict[str, Any] = {
        "file": placed.file,
        **place,
        "rule": finding.rule,
        "message": finding.message,
        "suggestions": list(finding.suggestions),
        "why": finding.why,
    }
    if placed.replacement is not None:
        written["edit"] = {**place, "text": placed.replacement}
    return written


def _finding_to_sarif(placed: PlacedFinding) -> dict[str, Any]:
    region = {
        "startLine": placed.line,
        "startColumn": placed.column,
        "endLine": placed.end_line,
        "endColumn": placed.end_column,
    }
    artifact = {"uri": placed.file}
    result: dict[str, Any] = {
        "ruleId": placed.finding.rule,
        "level": "error",
        "message": {"text": _sentence(placed.finding)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }
    if placed.replacement is not None:
        replacement = {"deletedRegion": region, "insertedContent": {"text": placed.replacement}}
        change = {"artifactLocation": artifact, "replacements": [replacement]}
        description = {"text": f"Replace by `{placed.replacement}`"}
        result["fixes"] = [{"description": description, "artifactChanges": [change]}]
    return result


def _escaped(text: str, more: str = "") -> str:
    """Escape a value of a workflow command (github.com/actions/toolkit, packages/core/src/command.ts)."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
