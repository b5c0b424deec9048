"""A case and a desk without any model or runner, for strategies by themselves."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.models.protocol import Message, ModelRole
from tracemend.repair.propose.answers.reading import Shown
from tracemend.repair.propose.strategies.protocol import (
    Attempted,
    Case,
    Enough,
    Expectation,
    Features,
)
from tracemend.repair.runner.traces import Step, Trace

CODE = textwrap.dedent("""\
    def total(xs):
        result = 1
        for x in xs:
            result += x
        return result
    """)


def step(line: int, kind: str = "block", visit: int = 1, **values: str) -> Step:
    return Step("shop.py", line, "total", 1, 1, 1, visit, kind, values)  # type: ignore[arg-type]


TRACE = Trace(
    "test_shop.py::test_total",
    "failed",
    (
        step(1, "call", xs="[2]"),
        step(2),
        step(3, result="1"),
        step(4, x="2"),
        step(3, visit=2, result="3"),
        step(5),
        step(5, "return", **{"return": "3"}),
    ),
)


def make_case(**changes: object) -> Case:
    shown = Shown(parse_module("shop.py", CODE), ("total",), (CODE,))
    fields = {
        "test": "test_shop.py::test_total",
        "shown": (shown,),
        "whole": True,
        "code": f"CODE\n{CODE}",
        "context": "",
        "test_source": "TEST",
        "failure": "FAILURE",
        "examples": "",
        "features": Features("AssertionError", True, False, 5, 5),
        "expectations": (Expectation("total([2])", "2"),),
        "trace": TRACE,
        **changes,
    }
    return Case(**fields)  # type: ignore[arg-type]


class ScriptedDesk:
    """Answers from a list; an answer is its own verdict: "plausible", "red", "same", "duplicate", "unusable"."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[Sequence[Message]] = []
        self.roles: list[ModelRole] = []
        self.attempts: list[str] = []
        self.conversations = 0
        self.traced = 0

    def begin(self) -> None:
        self.conversations += 1

    def ask(self, messages: Sequence[Message], *, role: ModelRole = "strong", **_: object) -> str:
        if not self.answers:
            raise Enough
        self.roles.append(role)
        self.asked.append(messages)
        return self.answers.pop(0)

    def attempt(self, answer: str) -> Attempted:
        self.attempts.append(answer)
        effect, _, value = answer.partition(" ")
        sources = {} if effect == "unusable" else {"shop.py": CODE.replace("1", "0")}
        worth = float(value) if value[:1].isdigit() else 1.0 if effect == "plausible" else 0.1
        told = f"TOLD {effect}"
        return Attempted(effect, told, f"FAILED {answer}", worth, answer, sources)  # type: ignore[arg-type]

    def trace(self, sources: Mapping[str, str]) -> Trace | None:
        self.traced += 1
        return TRACE

    @property
    def questions(self) -> list[str]:
        return [one[-1].content for one in self.asked]
