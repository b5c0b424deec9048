"""A desk over real prompts, answers and search, with a runner that computes verdicts from the patched text.

The program under repair is `poly(x)`, right when its three coefficients are 1, 2 and 3; each test checks one of them. So a
scripted model can be right in parts, and hundreds of runs cost no process.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tracemend.repair.consulting import consult
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.propose.strategies.advisors import Advisors
from tracemend.repair.propose.strategies.case import make_case
from tracemend.repair.propose.strategies.desk import ModelDesk
from tracemend.repair.propose.strategies.scheduler import work
from tracemend.repair.runner.errors import RequestFailed
from tracemend.repair.runner.results import Failure, Frame, RunResult, Spectra, TestResult
from tracemend.repair.runner.traces import Step, Trace
from tracemend.repair.search.frontier import Frontier
from tracemend.repair.search.search import Search, Task
from tracemend.repair.workspace import Workspace

TESTS = tuple(f"test_m.py::test_{name}" for name in "abc")
KEEPS = "test_m.py::test_keeps"
RIGHT = {"a": 1, "b": 2, "c": 3}
NUMBERS = re.compile(r"a, b, c = (-?\d+), (-?\d+), (-?\d+)")


# Long enough that it could be divided into helpers.
DOCSTRING = (
    '    """Return the polynomial at x.\n\n'
    + "".join(f"    {at}. A rule.\n" for at in range(1, 7))
    + '    """\n'
)


def poly(a: int, b: int, c: int, more: str = "") -> str:
    return f"def poly(x):\n{DOCSTRING}    a, b, c = {a}, {b}, {c}{more}\n    return a + b * x + c * x * x\n"


def answer(a: int, b: int, c: int, more: str = "") -> str:
    """What a model writes for these coefficients."""
    return f"So:\n```python\n{poly(a, b, c, more)}```"


def _trace(test: str) -> Trace:
    """Return what a trace of the buggy program would show."""
    line = 2 + DOCSTRING.count("\n")
    start = Step("m.py", line, "poly", 1, 1, 1, 1, "block", {"x": "0"})
    then = Step("m.py", line + 1, "poly", 1, 1, 1, 1, "block", {"a": "0", "b": "0", "c": "0"})
    return Trace(test, "failed", (start, then, replace(then, kind="return", values={"return": "0"})))


class TextRunner:
    """Runs tests by reading the text."""

    def __init__(self) -> None:
        self.runs = 0

    def run(
        self, tests: Sequence[str], *, sources: Mapping[str, str] | None = None, **options: Any
    ) -> RunResult:
        self.runs += 1
        text = (sources or {}).get("m.py", poly(0, 0, 0))
        return RunResult({test: self._verdict(test, text) for test in tests}, "finished")

    def request(self, op: str, payload: Mapping[str, Any], *, wall_s: float) -> dict[str, Any]:
        """Refuse whatever only a process could do."""
        raise RequestFailed(op, "there is no process")

    def _verdict(self, test: str, text: str) -> TestResult:
        found = NUMBERS.search(text)
        values = dict(zip("abc", map(int, found.groups()), strict=True)) if found else {}
        name = test[-1]
        good = "broken" not in text if test == KEEPS else values.get(name) == RIGHT[name]
        if good:
            return TestResult(test, "passed")
        frames = (Frame("test_m.py", 1, "test", True),)
        return TestResult(test, "failed", failure=Failure("call", "AssertionError", f"got {values}", frames))


class ModelScene:
    """Everything that a consultation needs, without a process."""

    def __init__(self, folder: Path, model: Any, *, tests: Sequence[str] = TESTS, **options: Any) -> None:
        (folder / "m.py").write_text(poly(0, 0, 0))
        (folder / "test_m.py").write_text("from m import poly\n\ndef test_a():\n    assert poly(0) == 1\n")
        self.runner = TextRunner()
        self.cancel = threading.Event()
        self.events: list[Any] = []
        self.notes: list[str] = []
        self.records: list[tuple[str, Mapping[str, object]]] = []
        workspace = Workspace(folder, {"test_m.py"})
        self.suspects = [Suspect("m.py", 2 + DOCSTRING.count("\n"), 1.0, "poly")]
        group = tuple(self.runner.run(tests).tests.values())
        functions = {test: frozenset({("m.py", 1)}) for test in (*tests, KEEPS)}
        task = Task(group[0], group, (), (KEEPS,), Spectra(RunResult({}, "finished"), {}, functions), {})
        deadline = time.monotonic() + 60.0
        refuses = options.pop("refuses", None)
        self.search = Search(
            task,
            Frontier([], lambda one: []),
            workspace.editable,
            deadline=deadline,
            cancel=self.cancel,
            refuses=refuses,
        )
        case = make_case(workspace, group[0], self.suspects, _trace(group[0].test))
        assert case is not None
        self.case = case
        self.guide: Any = None
        self.violations: dict[str, tuple[str, ...]] = {}
        self.check: Any = SimpleNamespace(
            violations=lambda path, old, new: self.violations.get(new, ()),
            guide=lambda path, text, offset: self.guide,
            mask_fields=lambda path, text, offset: {"masks": text[offset:].partition("(")[0]},
        )
        self.advisors = Advisors(model, **options)
        self.ground: Any = SimpleNamespace(
            advisors=self.advisors,
            listener=self.events.append,
            cancel=self.cancel,
            record=lambda kind, fields: self.records.append((kind, fields)),
            notes=self.notes,
            runner=self.runner,
            workspace=workspace,
        )
        self.desk = ModelDesk(self.ground, self.search, case, self.advisors, self.check, deadline)
        self.desk.begin()

    def consult(self, examples: Sequence[Any] = (), *, within_s: float = 60.0) -> None:
        """Ask about the first test as the engine does, with a memory of `examples`."""
        self.ground.check = self.check
        self.ground.memory = SimpleNamespace(examples=lambda signature, most: examples)
        target, until = self.search.task.target, time.monotonic() + within_s
        consult(self.ground, self.search, target, self.suspects, None, until, lambda found: [])

    def work(self, strategy: str, *, opinions: bool = False) -> int:
        """Let a strategy work; return how many candidates were run."""
        plausible = self.search.outcome.plausible

        def begin(name: str) -> None:
            self.desk.strategy = name

        work(
            self.case,
            self.desk,
            strategy=strategy,
            begin=begin,
            found=lambda: bool(plausible),
            agreed=lambda: not opinions or len(plausible) > 1 or any(one.echoes for one in plausible),
        )
        return self.search.outcome.written
