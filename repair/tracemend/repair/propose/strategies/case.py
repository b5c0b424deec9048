"""Making the case: what of the project, the test and the run goes into a question, within a budget of characters.

Whole functions are shown, the most suspicious first, as whole functions are what comes back; one that is too long to be
repeated is shown as the lines around its suspects, and the answer is then a search/replace block. Besides them go the
signatures of what they call, the test, how it failed with the values that were there, and remembered repairs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracemend.analysis.syntax.module import Function, FunctionNode, Module, first_line
from tracemend.repair.explain.messages import short_message
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.propose.answers.reading import Shown
from tracemend.repair.propose.prompts import fenced, plain
from tracemend.repair.propose.strategies.expectations import expectations_of
from tracemend.repair.propose.strategies.protocol import Case, Features
from tracemend.repair.propose.strategies.signatures import callable_signatures
from tracemend.repair.runner.results import Failure, TestResult
from tracemend.repair.runner.traces import Trace
from tracemend.repair.workspace import Workspace

MOST_FUNCTIONS = 3
CODE_CHARACTERS = 6000
WHOLE_LINES = 120  # A longer function is not asked back as a whole.
AROUND = 10  # Lines shown around the suspects of what is not shown whole, as Agentless does.
TEST_CHARACTERS = 1600
SUSPICIOUS_ENOUGH = 0.4  # Of the first suspect's score.
MAX_VALUES = 8
MESSAGE_LINES, MESSAGE_WIDTH = 8, 400  # Of what the failure says; pytest's own explanation fits.


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of one file to be shown: a function, or a part of the file where there is none."""

    path: str
    qualname: str
    first: int
    last: int
    whole: bool


def make_case(
    workspace: Workspace,
    target: TestResult,
    suspects: Sequence[Suspect],
    trace: Trace | None,
    examples: Sequence[tuple[str, str]] = (),
) -> Case | None:
    """Return the case, None where there is no code that may be edited. `examples` are (before, after) pairs."""
    regions = _chosen(workspace, suspects)
    if not regions:
        return None
    shown = tuple(_shown(workspace, regions))
    module, function = _test_function(workspace, target.test)
    return Case(
        test=target.test,
        shown=shown,
        whole=all(one.whole for one in regions),
        code="\n\n".join(fenced(f"code of {one.module.path}", "\n\n".join(one.parts)) for one in shown),
        context=_context(workspace, shown),
        test_source=_told_test(module, function),
        failure=failure_text(target.failure, trace),
        examples=_told_examples(examples),
        features=_features(target, regions, trace),
        expectations=expectations_of(module, function) if module is not None and function is not None else (),
        trace=trace,
    )


def failure_text(failure: Failure | None, trace: Trace | None = None) -> str:
    """Return how a test fails, in the few lines of its output that matter, fenced."""
    if failure is None:
        return ""
    told = [line.rstrip() for line in plain(failure.message).split("\n") if line.strip()]
    lines = [f"{failure.exception}: {short_message(plain(failure.message))}", *told[1:MESSAGE_LINES]]
    lines = [line if len(line) <= MESSAGE_WIDTH else f"{line[:MESSAGE_WIDTH]}..." for line in lines]
    frames = [one.function for one in failure.frames if one.in_project]
    if len(frames) > 1:
        lines.append(f"raised in {frames[-1]}, called by way of {' > '.join(frames)}"[:MESSAGE_WIDTH])
    raising = trace.failing_frame if trace is not None else None
    if raising is not None and raising.values:
        values = [f"{name} = {value}" for name, value in list(raising.values.items())[:MAX_VALUES]]
        lines.append(f"where {', '.join(values)}"[:600])
    return fenced("how the test fails", "\n".join(lines))


def _chosen(workspace: Workspace, suspects: Sequence[Suspect]) -> list[Region]:
    """Return what to show: the functions of the best suspects, as long as the budget lasts."""
    regions: list[Region] = []
    left = CODE_CHARACTERS
    for suspect in suspects:
        if len(regions) >= MOST_FUNCTIONS or suspect.score < SUSPICIOUS_ENOUGH * suspects[0].score:
            break
        module = workspace.editable(suspect.path)
        if module is None or any(_covers(one, suspect) for one in regions):
            continue
        region = _region(module, suspect)
        size = len(_text(module, region))
        if regions and size > left:
            continue
        regions.append(region)
        left -= size
    return regions


def _covers(region: Region, suspect: Suspect) -> bool:
    return region.path == suspect.path and region.first <= suspect.line <= region.last


def _region(module: Module, suspect: Suspect) -> Region:
    function = _outermost(module, suspect.line)
    if function is not None and function.last_line - function.first_line < WHOLE_LINES:
        return Region(module.path, function.qualname, function.first_line, function.last_line, True)
    if function is None and len(module.lines) <= WHOLE_LINES:
        return Region(module.path, "", 1, len(module.lines), True)
    first, last = max(1, suspect.line - AROUND), min(len(module.lines), suspect.line + AROUND)
    return Region(module.path, function.qualname if function else "", first, last, False)


def _outermost(module: Module, line: int) -> Function | None:
    """Return the function around `line` that is in no other function: a closure is nothing without it."""
    around = [one for one in module.functions if one.first_line <= line <= one.last_line]
    return next((one for one in around if "<locals>" not in one.qualname), None)


def _shown(workspace: Workspace, regions: Sequence[Region]) -> Iterator[Shown]:
    for path in dict.fromkeys(one.path for one in regions):
        module = workspace.editable(path)
        assert module is not None, "regions are parts of editable modules"
        here = sorted((one for one in regions if one.path == path), key=lambda one: one.first)
        names = tuple(dict.fromkeys(name for one in here for name in _names(module, one)))
        yield Shown(module, names, tuple(_part(module, one) for one in here))


def _names(module: Module, region: Region) -> list[str]:
    inside = [one.qualname for one in module.functions if region.first <= one.first_line <= region.last]
    return [region.qualname, *inside] if region.qualname else inside


def _part(module: Module, region: Region) -> str:
    """Return the text of a region; a method comes with the first line of its class."""
    text = _text(module, region)
    if not region.whole or not region.qualname:
        return text
    nodes = [one.node for one in module.functions if one.first_line == region.first]
    classes = [one for one in module.ancestors(nodes[0]) if isinstance(one, ast.ClassDef)] if nodes else []
    heads = [module.lines.line_text(one.lineno).rstrip() for one in reversed(classes)]
    return "\n".join([*heads, text])


def _text(module: Module, region: Region) -> str:
    return "\n".join(
        module.lines.line_text(number).rstrip("\r\n") for number in range(region.first, region.last + 1)
    )


def _context(workspace: Workspace, shown: Sequence[Shown]) -> str:
    known = callable_signatures(workspace, shown)
    return fenced("what else that code can use", "\n".join(known)) if known else ""


def _test_function(workspace: Workspace, test: str) -> tuple[Module | None, FunctionNode | None]:
    path, _, names = test.partition("::")
    module = workspace.parsed(path)
    wanted = names.partition("[")[0].replace("::", ".")
    found = (
        (one.node for one in module.functions if one.qualname == wanted) if module is not None else iter(())
    )
    return module, next(found, None)


def _told_test(module: Module | None, function: FunctionNode | None) -> str:
    if module is None or function is None:
        return ""
    last = function.end_lineno or function.lineno
    lines = [module.lines.line_text(number).rstrip() for number in range(first_line(function), last + 1)]
    text = "\n".join(lines)
    if len(text) > TEST_CHARACTERS:
        text = f"{text[: TEST_CHARACTERS // 2]}\n...\n{text[-TEST_CHARACTERS // 2 :]}"
    return fenced("the failing test", text)


def _told_examples(examples: Sequence[tuple[str, str]]) -> str:
    told = [f"before:\n{before}\nafter:\n{after}" for before, after in examples]
    return fenced("repairs that held in this project", "\n\n".join(told)) if told else ""


def _features(target: TestResult, regions: Sequence[Region], trace: Trace | None) -> Features:
    failure = target.failure
    exception = failure.exception.rpartition(".")[2] if failure is not None else target.outcome
    names: Mapping[str, set[str]] = {one.path: set() for one in regions}
    for one in regions:
        names[one.path].add(one.qualname)
    steps = trace.steps if trace is not None else ()
    return Features(
        exception=exception,
        wrong_value=exception == "AssertionError",
        hangs=target.outcome == "timeout",
        lines=max(one.last - one.first + 1 for one in regions),
        blocks=sum(1 for one in steps if one.kind == "block" and one.function in names.get(one.path, ())),
    )
