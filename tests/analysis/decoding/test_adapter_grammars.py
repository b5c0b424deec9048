"""The name at a hole as a grammar. What engines make of it is tested with real ones, in tests/engines."""

from __future__ import annotations

import json
import re

import pytest

from tracemend.analysis.decoding.adapters.grammars import (
    gbnf,
    name_at_hole,
    vllm_fields,
    vllm_structural_tag,
)
from tracemend.analysis.monitors.tables import SymbolTable, TableType

TABLE = SymbolTable(
    (TableType("str", frozenset({"upper", "lower", "up", "_own"}), is_open=False),), {"text": 0, "other": -1}
)


def regex(before: str, after: str = "", *, leading: bool = False) -> re.Pattern[str]:
    name = name_at_hole(TABLE, before=before, after=after)
    assert name is not None
    return re.compile(vllm_fields(name, leading=leading)["structured_outputs"]["regex"])


@pytest.mark.parametrize(
    ("before", "may", "may_not"),
    [
        ("x = text.", ["upper", "lower", "up", "_own", "__len__"], ["", "toUpper", "upp", "__len", "uppers"]),
        ("x = text.up", ["", "per"], ["p", "upper", "__x__"]),
        ("x = text._", ["own", "_len__"], ["", "_len"]),
        ("x = text.__le", ["n__", "__"], ["n", "n_"]),
        ("x = text.__len_", ["_"], ["", "n"]),
    ],
)
def test_a_name_may_be_completed_and_nothing_else(before: str, may: list[str], may_not: list[str]) -> None:
    pattern = regex(before)
    assert [text for text in may if not pattern.fullmatch(text)] == []
    assert [text for text in may_not if pattern.fullmatch(text)] == []


def test_the_text_behind_the_hole_may_go_on_with_the_name() -> None:
    pattern = regex("x = text.", "er()")
    assert pattern.fullmatch("upp") and pattern.fullmatch("low")
    assert not pattern.fullmatch("upper") and not pattern.fullmatch("__len__")


def test_behind_the_name_anything_may_follow_but_more_of_it() -> None:
    pattern = regex("x = text.", leading=True)
    assert pattern.fullmatch("upper().what\n.ever") and pattern.fullmatch("up")
    assert not pattern.fullmatch("uppers()") and not pattern.fullmatch("upperé()")


@pytest.mark.parametrize("before", ["x = other.", "x = tex", "x = ", "x = 'text.", "x = text.missing"])
def test_there_is_no_grammar_where_anything_may_follow_or_nothing_can(before: str) -> None:
    assert name_at_hole(TABLE, before=before) is None


def test_a_grammar_of_llama_cpp_has_the_same_names() -> None:
    name = name_at_hole(TABLE, before="x = text.")
    assert name is not None
    root, names = gbnf(name).splitlines()
    assert root == "root ::= name"
    assert names.startswith('name ::= "_own" | "lower" | "up" | "upper" | "__" ')
    assert gbnf(name, leading=True).splitlines()[1] == names


def test_a_structural_tag_is_the_name_and_then_anything() -> None:
    name = name_at_hole(TABLE, before="x = text.")
    assert name is not None
    tag = json.loads(vllm_structural_tag(name)["structured_outputs"]["structural_tag"])
    first, then = tag["format"]["elements"]
    assert re.fullmatch(first["pattern"], "upper(")
    assert then == {"type": "any_text"}
