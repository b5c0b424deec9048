"""The combination of all evidence into ranked suspicious statements.

The unit is the statement, because it is what an operator edits. Function evidence comes first (it is right more than
three times as often as line evidence, FauxPy), the line orders inside the function. Weights are those of the cited
study's combination, rounded; they only order, and the search revises them as candidates tell more.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from tracemend.analysis.syntax.module import FunctionNode, Module, own_expressions
from tracemend.repair.localize.crash import frame_scores
from tracemend.repair.localize.dataflow import backward_slice, called_names
from tracemend.repair.localize.hang import hanging_loops, loop_scores, project_lines
from tracemend.repair.localize.spectrum import suspiciousness
from tracemend.repair.runner.results import Failure, Spectra, TestResult

LINE, FUNCTION, CRASH, SLICE, CHANGED, CALLED = 1.0, 1.0, 0.8, 0.3, 0.8, 0.3
HANG = 1.2
HEADER_SHARE = (
    0.35  # What a `def` line, or a module-level line that a suspect uses, takes of its function's score.
)
CONSTANT_SHARE = (
    0.5  # A plain constant has few edits, so that it is cheap to look at, and no test ever executes it.
)

# pytest calls this to put a failure into words, so that failing tests execute them and passing ones do not.
_SHOWING, SHOWING_SHARE = "__repr__", 0.3

ModuleOf = Callable[[str], Module | None]
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A statement that may be at fault. `line` is its first line; `reasons` name the evidence, strongest first."""

    path: str
    line: int
    score: float
    function: str  # Qualified name, empty at module level.
    reasons: tuple[str, ...] = ()


def rank_suspects(
    failing: Sequence[TestResult],
    passing: Collection[str],
    spectra: Spectra,
    module_of: ModuleOf,
    test_files: Collection[str],
    changed: Mapping[Place, float] | None = None,
    editable: Callable[[str], bool] = lambda path: True,
) -> list[Suspect]:
    """Rank the statements that the `failing` tests executed, most suspicious first, scores relative to the first.

    `module_of` gives the parsed module of a path, None where there is none. Only what `editable` says may be changed,
    and no file in `test_files`, is ever a suspect. What the failures themselves show counts by their mean, so that
    thirty tests which fail in one helper do not drown what the spectra say.
    """
    scores = _Scores(module_of, editable, test_files, 1.0 / max(1, len(failing)))
    names = [one.test for one in failing]
    lines = _relevant_lines(names, passing, spectra)
    scores.add_spectrum(
        suspiciousness(lines, names, passing), suspiciousness(spectra.functions, names, passing)
    )
    for result in failing:
        scores.add_failure(result)
    suspected = {path for path, _ in scores.scores}
    for place, score in (changed or {}).items():
        if place[0] not in suspected:
            continue  # A file that no failing test executes need not even be parsed.
        scores.add_if_known(place, CHANGED * score, "changed last")
    scores.add_headers()
    return scores.ranked()


def _relevant_lines(
    failing: Sequence[str], passing: Collection[str], spectra: Spectra
) -> dict[str, list[Place]]:
    """Return the lines of each test that a failing one executes too: of thousands of tests that is a small part."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for test in failing:
        for path, found in spectra.lines.get(test, {}).items():
            wanted[path] |= found
    return {
        test: [
            (path, line)
            for path, found in spectra.lines.get(test, {}).items()
            if path in wanted
            for line in found & wanted[path]
        ]
        for test in (*failing, *passing)
    }


class _Scores:
    """Scores of (path, statement line), filled in step by step."""

    def __init__(
        self, module_of: ModuleOf, editable: Callable[[str], bool], test_files: Collection[str], share: float
    ) -> None:
        self.module_of = module_of
        self.editable = editable
        self.test_files = test_files
        self.share = share  # Of one failure among all.
        self.scores: dict[Place, float] = defaultdict(float)
        self.reasons: dict[Place, list[str]] = defaultdict(list)
        self._slices: dict[Place, dict[int, int]] = {}  # Many tests may fail at one line.

    def module(self, path: str) -> Module | None:
        return self.module_of(path) if path not in self.test_files and self.editable(path) else None

    def statement_place(self, place: Place) -> Place | None:
        """Return the place of the innermost statement that owns a line."""
        module = self.module(place[0])
        owners = module.statements_at(place[1]) if module else []
        return (place[0], owners[-1].lineno) if owners else None

    def add(self, place: Place, score: float, reason: str) -> None:
        self.scores[place] += score
        if reason and reason not in self.reasons[place]:
            self.reasons[place].append(reason)

    def add_if_known(self, line_place: Place, score: float, reason: str) -> None:
        place = self.statement_place(line_place)
        if place is not None and place in self.scores:
            self.add(place, score, reason)

    def add_spectrum(self, lines: Mapping[Place, float], functions: Mapping[Place, float]) -> None:
        best: dict[Place, float] = defaultdict(float)
        for line_place, score in lines.items():
            place = self.statement_place(line_place)
            if place is not None:
                best[place] = max(best[place], score)
        for place, score in best.items():
            module = self.module(place[0])
            function = module.function_at(place[1]) if module else None
            of_function = functions.get((place[0], function.first_line), 0.0) if function else 0.0
            share = SHOWING_SHARE if function and function.node.name == _SHOWING else 1.0
            self.add(place, share * (LINE * score + FUNCTION * of_function), "executed by failing tests")

    def add_failure(self, result: TestResult) -> None:
        """Add what the traceback and the failing statement of one test say."""
        if result.failure is None:
            return
        if result.outcome == "timeout" and self._add_hang(result.failure):
            return
        for line_place, score in frame_scores(result.failure, self.test_files).items():
            place = self.statement_place(line_place)
            if place is None:
                continue
            self.add(place, self.share * CRASH * score, "in the traceback")
            self._add_slice(line_place, score)
        called = self._called_by_test(result)
        for place in list(self.scores) if called else ():
            module = self.module(place[0])
            function = module.function_at(place[1]) if module else None
            if function is not None and function.node.name in called:
                self.add(place, self.share * CALLED, "called by the failing statement")

    def _add_hang(self, failure: Failure) -> bool:
        """Add what could end the loops in which a test was stopped; False when it was in none."""
        found = False
        for path, line in project_lines(failure, self.test_files):
            module = self.module(path)
            for loop in hanging_loops(module, line) if module else ():
                found = True
                for loop_line, score in loop_scores(module, loop).items() if module else ():
                    self.add_if_known((path, loop_line), self.share * HANG * score, "could end the loop")
        return found

    def _add_slice(self, line_place: Place, weight: float) -> None:
        module = self.module(line_place[0])
        function = module.function_at(line_place[1]) if module else None
        if module is None or function is None:
            return
        if line_place not in self._slices:
            self._slices[line_place] = backward_slice(module, function, line_place[1])
        for line, distance in self._slices[line_place].items():
            if (line_place[0], line) in self.scores and distance:
                self.add(
                    (line_place[0], line), self.share * SLICE * weight / distance, "feeds the failing line"
                )

    def _called_by_test(self, result: TestResult) -> set[str]:
        frames = [
            one for one in (result.failure.frames if result.failure else ()) if one.path in self.test_files
        ]
        module = self.module_of(frames[-1].path) if frames else None
        if module is None:
            return set()
        return {name for one in module.statements_at(frames[-1].line) for name in called_names(one)}

    def add_headers(self) -> None:
        """Let `def` lines and module-level statements share the suspicion of the functions that use them."""
        by_function: dict[tuple[str, str], float] = defaultdict(float)
        used: dict[str, dict[str, float]] = defaultdict(dict)
        for place, score in list(self.scores.items()):
            module = self.module(place[0])
            if module is None:
                continue
            function = module.function_at(place[1])
            if function is not None:
                key = (place[0], function.qualname)
                by_function[key] = max(by_function[key], score)
            for statement in module.statements_at(place[1]):
                for name in _names_used(statement):
                    used[place[0]][name] = max(used[place[0]].get(name, 0.0), score)
        for (path, qualname), score in by_function.items():
            self._add_def(path, qualname, score)
        for path, names in used.items():
            self._add_module_level(path, names)

    def _add_def(self, path: str, qualname: str, score: float) -> None:
        module = self.module(path)
        for function in module.functions if module else ():
            if function.qualname == qualname:
                self.add((path, function.node.lineno), HEADER_SHARE * score, "head of a suspicious function")

    def _add_module_level(self, path: str, names: Mapping[str, float]) -> None:
        module = self.module(path)
        for statement in module.statements if module else ():
            if (
                module is None
                or module.function_of(statement) is not None
                or isinstance(statement, FunctionNode)
            ):
                continue
            score = max((names.get(name, 0.0) for name in _names_bound(statement)), default=0.0)
            if score and (path, statement.lineno) not in self.scores:
                share = CONSTANT_SHARE if _is_number(statement) else HEADER_SHARE
                self.add((path, statement.lineno), share * score, "defines a name that a suspect uses")

    def ranked(self) -> list[Suspect]:
        top = max(self.scores.values(), default=1.0) or 1.0
        suspects = []
        for (path, line), score in self.scores.items():
            module = self.module(path)
            if module is None:
                continue
            function = module.function_at(line)
            suspects.append(
                Suspect(
                    path,
                    line,
                    score / top,
                    function.qualname if function else "",
                    tuple(self.reasons[path, line]),
                )
            )
        return sorted(suspects, key=lambda one: (-one.score, one.path, one.line))


def _is_number(statement: ast.stmt) -> bool:
    """Say whether a statement names a number: `DAY = 86400`, `LIMIT = 4 * KIBI`."""
    match statement:
        case ast.Assign(value=ast.Constant(value=int() | float()) | ast.BinOp(op=ast.Mult())):
            return True
        case _:
            return False


def _names_used(statement: ast.stmt) -> set[str]:
    """Return names and attributes that `statement` loads; attributes stand for class-level definitions."""
    used: set[str] = set()
    for node in own_expressions(statement):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
    return used


def _names_bound(statement: ast.stmt) -> set[str]:
    """Return the names that a module- or class-level statement defines; a class counts with its header."""
    match statement:
        case ast.Assign(targets=targets):
            return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(alias.asname or alias.name).partition(".")[0] for alias in names}
        case _:
            return set()
