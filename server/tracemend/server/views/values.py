"""What each line of the failing path held, read from the trace of one test.

A trace tells at the head of each block which locals have changed since the last one (see `runner/payload/tracing.py`).
The reader wants them at the line that changed them, so each change is handed to the last line of the block before that
binds the name, or else mentions it: `total` belongs beside `total += price`, not beside the loop's header below. What
no line of that block can have changed, because visits were skipped, is left out rather than put somewhere.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from tracemend.analysis.syntax.module import Module, header_end_line, own_expressions, parse_module
from tracemend.repair.runner.traces import Step, Trace

RESULT_NAMES = {"return": "returns", "yield": "yields", "raise": "raises"}


@dataclass(frozen=True, slots=True)
class History:
    """The values that one name took at one line, in the order of the visits that were read."""

    name: str  # A local, or "returns", "yields", "raises".
    texts: tuple[str, ...]

    @property
    def is_result(self) -> bool:
        """Say whether this is what a function handed back, not a name."""
        return self.name in RESULT_NAMES.values()


@dataclass(frozen=True, slots=True)
class LineValues:
    """What is known of one line of a traced run."""

    line: int
    function: str
    histories: tuple[History, ...] = ()
    failed_with: str = ""  # The exception that passed through this line, if it did.


def line_values(trace: Trace, texts: Mapping[str, str]) -> dict[str, tuple[LineValues, ...]]:
    """Return the values of each line of each traced file; `texts` are the files as they were run."""
    collected: dict[str, _File] = {}
    for path in {step.path for step in trace.steps} | {frame.path for frame in trace.failure}:
        if (module := _parsed(path, texts)) is not None:
            collected[path] = _File(module)
    last_of_frame: dict[int, Step] = {}
    for step in trace.steps:
        if step.path in collected:
            collected[step.path].add(step, last_of_frame.get(step.frame))
        last_of_frame[step.frame] = step
    for frame in trace.failure:
        if frame.path in collected:
            collected[frame.path].add_failure(frame.line, frame.function, frame.values, trace.error)
    return {path: file.lines() for path, file in collected.items()}


@dataclass
class _File:
    """The values of one file, filled in step by step."""

    module: Module
    texts: dict[tuple[int, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    functions: dict[int, str] = field(default_factory=dict)
    failed_with: dict[int, str] = field(default_factory=dict)

    def add(self, step: Step, before: Step | None) -> None:
        for name, text in step.values.items():
            result = RESULT_NAMES.get(name) if name == step.kind else None
            line = self._line_of_change(step, before, name, is_result=result is not None)
            if line:
                self._note(line, step.function, result or name, text)

    def add_failure(self, line: int, function: str, values: Mapping[str, str], error: str) -> None:
        """Add the locals that the failing line mentions, as they were when the exception passed."""
        self.functions[line] = function
        self.failed_with[line] = error
        for name in self._mentioned.get(line, ()):
            known = self.texts.get((line, name))
            if name in values and not (known and known[-1] == values[name]):
                self._note(line, function, name, values[name])

    def lines(self) -> tuple[LineValues, ...]:
        by_line: dict[int, list[History]] = defaultdict(list)
        for (line, name), texts in self.texts.items():
            by_line[line].append(History(name, tuple(texts)))
        return tuple(
            LineValues(line, self.functions[line], tuple(by_line[line]), self.failed_with.get(line, ""))
            for line in sorted(self.functions)
        )

    def _note(self, line: int, function: str, name: str, text: str) -> None:
        self.functions[line] = function
        self.texts[line, name].append(text)

    def _line_of_change(self, step: Step, before: Step | None, name: str, *, is_result: bool) -> int | None:
        if step.kind == "call":
            return self._def_lines.get(step.line, step.line)
        if is_result or before is None:
            return step.line
        lines = self._block_lines(before.line)
        binding = [line for line in lines if name in self._bound.get(line, ())]
        mentioning = [line for line in lines if name in self._mentioned.get(line, ())]
        return next(iter((binding or mentioning)[-1:]), None)

    def _block_lines(self, head: int) -> tuple[int, ...]:
        """Return the first lines of the statements of the block that begins at `head`."""
        owners = self.module.statements_at(head)
        if not owners or isinstance(owners[-1], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return ()
        siblings, at = self.module.block_of(owners[-1])
        lines = [owners[-1].lineno]
        for statement, following in pairwise(siblings[at:]):
            if hasattr(statement, "body") or isinstance(following, ast.For | ast.AsyncFor | ast.While):
                break  # Paths join again there, or come back.
            lines.append(following.lineno)
        return tuple(lines)

    @cached_property
    def _def_lines(self) -> dict[int, int]:
        """The line of the `def` by the first line of its code, which is that of the first decorator."""
        return {one.first_line: one.node.lineno for one in self.module.functions}

    @cached_property
    def _bound(self) -> dict[int, set[str]]:
        return _names_by_line(self.module, binding=True)

    @cached_property
    def _mentioned(self) -> dict[int, list[str]]:
        """The names in the order of the text, by the first line and by every line of the statement."""
        mentioned: dict[int, list[str]] = {}
        for statement in self.module.statements:
            names = list(dict.fromkeys(_names(statement)))
            for line in range(statement.lineno, header_end_line(statement) + 1):
                mentioned.setdefault(line, []).extend(names)
        return mentioned


def _parsed(path: str, texts: Mapping[str, str]) -> Module | None:
    try:
        return parse_module(path, texts[path]) if path in texts else None
    except (SyntaxError, RecursionError):
        return None


def _names_by_line(module: Module, *, binding: bool) -> dict[int, set[str]]:
    return {one.lineno: set(_names(one, binding=binding)) for one in module.statements}


def _names(statement: ast.stmt, *, binding: bool = False) -> Iterator[str]:
    """Yield the names that the statement itself (not what is inside its body) mentions, or those it binds."""
    for node in sorted(own_expressions(statement), key=lambda one: (one.lineno, one.col_offset)):
        if isinstance(node, ast.Name) and (not binding or isinstance(node.ctx, ast.Store)):
            yield node.id
    if isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (one.asname or one.name.partition(".")[0] for one in statement.names)
    if isinstance(statement, ast.Try):
        yield from (one.name for one in statement.handlers if one.name)
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
