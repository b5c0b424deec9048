"""An external engine's list is taken only where the class that it names is proven closed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from oracle_check import check_members

from tracemend.analysis.types.engines.protocol import OBJECT_NAMES, EngineAnswer


@dataclass
class OneAnswer:
    """An engine that knows one class of the file it is asked about."""

    names: frozenset[str] = OBJECT_NAMES | {"x", "seen"}
    type_name: str = "A"
    raw_kind: str = "instance"

    def members(self, path: str, text: str, offset: int, *, deadline_s: float) -> EngineAnswer | None:
        where = str(Path(path))
        return EngineAnswer(self.names, self.type_name, self.raw_kind, defined_in=where)  # type: ignore[arg-type]

    def close(self) -> None:
        """Nothing to end."""


KNOWN = "class A:\n    x = 1\ndef find(f):\n    return f()\nfound = find(A)\n"


def test_an_answer_about_a_closed_class_is_united_with_what_we_know() -> None:
    check_members(f"{KNOWN}print(found$0.x)", has="x seen", lacks="y", engine=OneAnswer())


def test_names_behind_the_same_receiver_are_added_and_not_the_one_asked_about() -> None:
    check_members(f"{KNOWN}print(found.other)\nprint(found$0.y)", has="other", lacks="y", engine=OneAnswer())


@pytest.mark.parametrize(
    ("engine", "slug"),
    [
        (OneAnswer(names=OBJECT_NAMES), "untyped-call"),
        (OneAnswer(names=OBJECT_NAMES | {"__getattr__"}), "getattr"),
        (OneAnswer(type_name="NoSuchClass"), "untyped-call"),
        (OneAnswer(type_name="A & ~B"), "untyped-call"),
        (OneAnswer(raw_kind="function"), "untyped-call"),
    ],
)
def test_an_answer_that_is_not_proven_is_not_taken(engine: OneAnswer, slug: str) -> None:
    check_members(f"{KNOWN}print(found$0.x)", opens=slug, engine=engine)


def test_a_class_that_is_open_stays_open() -> None:
    snippet = KNOWN.replace("    x = 1", "    x = 1\n    def __getattr__(self, n): ...")
    check_members(f"{snippet}print(found$0.x)", opens="untyped-call", engine=OneAnswer())


def test_where_we_say_open_an_engine_is_not_asked() -> None:
    snippet = "from no_such_module import B\nclass A(B):\n    x = 1\nprint(A()$0.x)"
    check_members(snippet, opens="unknown-base", engine=OneAnswer())
