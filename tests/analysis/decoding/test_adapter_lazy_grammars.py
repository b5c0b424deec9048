"""When the grammar of a first receiver wakes. What engines make of it is tested with real ones, in tests/engines."""

from __future__ import annotations

import json
import re

import pytest

from tracemend.analysis.decoding.adapters.lazy_grammars import (
    Receivers,
    first_receivers,
    llama_fields,
    llama_grammar,
    llama_pattern,
    opening_grammar,
    vllm_fields,
)
from tracemend.analysis.monitors.tables import SymbolTable, TableType

SHOP = TableType("Shop", frozenset({"cart", "close"}), is_open=False, member_types={"cart": 1})
CART = TableType("Cart", frozenset({"total", "add"}), is_open=False)
TABLE = SymbolTable((SHOP, CART, TableType("Any")), {"shop": 0, "anything": 2, "other": -1})


def receivers(before: str) -> Receivers:
    found = first_receivers(TABLE, before=before)
    assert found is not None
    return found


def wakes(before: str, generated: str) -> str:
    """Return the text that the grammar is given when it wakes behind `generated`, "" where it sleeps on."""
    found = re.fullmatch(llama_pattern(receivers(before)), generated)
    return found[1] if found else ""


def test_receivers_are_the_names_and_their_members_whose_members_are_known() -> None:
    found = receivers("    x")
    assert list(found.names) == ["shop", "shop.cart"]
    assert found.names["shop.cart"].endings == ("add", "total")


@pytest.mark.parametrize(
    ("before", "generated", "awake"),
    [
        ("    x", " = shop", "shop"),
        ("    x", " = shop.cart", ""),  # It is awake then.
        ("    x = ", "shop", "shop"),
        ("    return", " shop", "shop"),
        ("    ", "return shop", "shop"),
        ("    ", "a = b if c and shop", "shop"),
        ("    x = ", "myshop", ""),
        ("    return", "shop", ""),
        ("    ", "shop", ""),  # An attribute may be assigned to.
        ("    x", ", shop", ""),
        ("    ", "del shop", ""),
        ("    ", "for shop", ""),
        ("    ", 'print("= shop', ""),
        ("    ", "# price = shop", ""),
        ("    ", "x = 1\n    y = shop", ""),
        ("    ", "x = lambda shop: 1 + shop", ""),
        ("    ", "x = (1 + shop", ""),
    ],
)
def test_the_grammar_wakes_only_where_a_receiver_is_certainly_read(
    before: str, generated: str, awake: str
) -> None:
    assert wakes(before, generated) == awake


@pytest.mark.parametrize(
    ("before", "text", "possible"),
    [
        ("    x = ", "shop.close()", True),
        ("    x = ", " shop.close()", True),
        ("    x = ", "shop.open()", False),
        ("    x = ", " shop.open()", False),
        ("    x = ", "shop.cart.add(1)", True),
        ("    x = ", "shop.cart.sub(1)", False),
        ("    x = ", "shop.__len__()", True),
        ("    x = ", "shopping.open()", True),
        ("    x = ", "shot.open()", True),
        ("    x = ", "shop", True),
        ("    x = ", "sh", True),
        ("    x = ", "", True),
        ("    x = ", "1 + shop.open()", True),  # The stream guard sees it.
        ("    return", " shop.open()", False),
        ("    return", "shop.open()", True),  # It goes on with a name.
    ],
)
def test_an_answer_that_opens_with_a_receiver_goes_on_with_a_member(
    before: str, text: str, possible: bool
) -> None:
    grammar = opening_grammar(receivers(before))
    assert grammar is not None
    assert bool(expression(grammar).fullmatch(text)) == possible


@pytest.mark.parametrize(
    ("text", "possible"),
    [("shop.close()", True), ("shop.open()", False), ("shopper.open()", True), ("shop.cart.sub", False)],
)
def test_awake_it_takes_what_the_opening_takes(text: str, possible: bool) -> None:
    assert bool(expression(llama_grammar(receivers("    x"))).fullmatch(text)) == possible


@pytest.mark.parametrize("before", ["    x", "    ", "    x ="])
def test_there_is_no_opening_where_a_name_may_be_bound(before: str) -> None:
    assert (opening_grammar(receivers(before)) is None) == (before != "    x =")


def expression(grammar: str) -> re.Pattern[str]:
    """Return the grammar, whose rules do not call themselves, as a regular expression."""
    rules = dict(line.split(" ::= ") for line in grammar.splitlines())

    def translated(part: re.Match[str]) -> str:
        text = part[0]
        if text[0] == '"':
            return re.escape(text[1:-1])
        if text[0] == " ":
            return ""
        return f"(?:{GBNF_PARTS.sub(translated, rules[text])})" if text in rules else text

    return re.compile(GBNF_PARTS.sub(translated, rules["root"]))


GBNF_PARTS = re.compile(r'"[^"]*"|\[[^\]]*\]|[\w-]+| +')


@pytest.mark.parametrize("before", ["f(", 'x = "'])
def test_there_is_none_where_nothing_is_judged(before: str) -> None:
    assert first_receivers(TABLE, before=before) is None


def test_what_is_sent() -> None:
    found = receivers("    x")
    fields = llama_fields(found)
    assert fields["grammar_lazy"] and fields["grammar_triggers"][0]["type"] == 3
    assert 'receiver-0 ::= "shop" ("." member-0 |' in fields["grammar"]
    assert '"cart" ("." ("add" | "total" | "__" ' in fields["grammar"]
    tag = json.loads(vllm_fields(found)["structured_outputs"]["structural_tag"])
    rules = dict(tag["format"]["rules"])
    assert not tag["format"]["loop"] and rules["#"] == rules["\n"] == {"type": "any_text"}
    member = re.compile(rules["= shop."]["elements"][0]["pattern"])
    for right in ("close(", "__len__(", "cart ", "cart.add(", "cart.__len__("):
        assert member.fullmatch(right)
    for wrong in ("open(", "closed", "cart.close(", "cart."):
        assert not member.fullmatch(wrong)
    assert " shop." not in rules
    opening = json.loads(vllm_fields(receivers("    return"))["structured_outputs"]["structural_tag"])
    assert " shop." in dict(opening["format"]["rules"])
