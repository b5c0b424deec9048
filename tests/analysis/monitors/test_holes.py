"""What the monitors say of text that is being written at a hole (`$0`).

Each case is a file, what is written there, and what is said: the names that are allowed (a subset of them), "no" with the
suggestions, or the slug of silence.
"""

from __future__ import annotations

import pytest
from monitor_check import judged, make_reviewer

from tracemend.analysis.monitors.interpreter import interpret
from tracemend.analysis.monitors.protocol import Allowed, Forbidden, Hole, Unknown
from tracemend.analysis.monitors.table_building import build_table
from tracemend.analysis.monitors.tables import decode_table
from tracemend.analysis.review import Reviewer

SHOP = """
#- shop.py
import enum
from typing import TypedDict
class Cart:
    limit = 3
    def total(self) -> int: return 1
    def add(self, price: int, *, count: int = 1) -> None: ...
class Colour(enum.Enum):
    RED = 1
class Film(TypedDict):
    title: str
"""
MAIN = """
from shop import Cart, Colour, Film
cart = Cart()
film: Film = {"title": "x"}
"""

CASES = {
    # M1: members.
    "member begun": ("members", "x = cart.$0", "to", False, {"total"}),
    "any member": ("members", "x = cart.$0\ny = 1", "", False, {"total", "limit"}),
    "member": ("members", "x = cart.$0", "total", True, {"total"}),
    "no such beginning": ("members", "x = cart.$0", "tx", False, "no"),
    "no such member": ("members", "x = cart.$0", "totl", True, "no: total"),
    "ended by what follows it": ("members", "x = cart.$0", "tot()", False, "no"),
    "chain": ("members", "x = cart.total().$0", "bit_", False, {"bit_length"}),
    "receiver in brackets": ("members", "f(1, [(cart).$0", "to", False, {"total"}),
    "with text behind": ("members", "x = cart.$0 + 1", "to", False, {"total"}),
    "in an f-string": ("members", "x = f'{cart.$0}'", "to", False, {"total"}),
    "may be a store": ("members", "cart.$0", "anything", True, "possible-store"),
    "number": ("members", "x = 1.$0", "a", False, "no-receiver"),
    "ellipsis": ("members", "x = ...$0", "a", False, "no-receiver"),
    "string": ("members", "x = 'cart.$0'", "a", False, "no-code"),
    "comment": ("members", "x = 1  # cart.$0", "a", False, "no-code"),
    "import": ("members", "import shop.$0", "a", False, "no-code"),
    "no dot": ("members", "x = cart$0", "a", False, "no-member"),
    "dunder": ("members", "x = cart.$0", "__wrapped__", True, "dunder"),
    "unknown receiver": ("members", "def f(x):\n    return x.$0", "a", True, "untyped-parameter"),
    # M2: imports.
    "imported name": ("imports", "from shop import $0", "Ca", False, {"Cart"}),
    "second name": ("imports", "from shop import (Cart, Film as F,\n    $0", "Col", False, {"Colour"}),
    "no such name": ("imports", "from shop import $0", "Crat", True, "no: Cart"),
    "submodule": ("imports", "import os.$0", "pa", False, {"path"}),
    "no such submodule": ("imports", "import os.$0", "pth", True, "no: path"),
    "from submodule": ("imports", "from xml.$0", "do", False, {"dom"}),
    "top level": ("imports", "import $0", "nonsense", True, "top-level"),
    "no module": ("imports", "from nowhere import $0", "x", True, "unknown-module"),
    "no import": ("imports", "x = $0", "x", True, "no-import"),
    # M3: keywords.
    "keyword": ("keywords", "cart.add(1, $0", "count=", False, {"count", "price"}),
    "no such keyword": ("keywords", "cart.add(1, $0", "cuont=2", False, "no: count"),
    "equals sign behind": ("keywords", "cart.add(1, $0=2)", "cuont", True, "no: count"),
    "may be positional": ("keywords", "cart.add(1, $0", "cuont", False, "no-keyword"),
    "comparison": ("keywords", "cart.add(1, $0", "cuont == 1", False, "no-keyword"),
    "no call": ("keywords", "x = [$0", "a=", False, "no-keyword"),
    # M4: names.
    "name": ("names", "x = $0", "car", False, {"cart"}),
    "builtin": ("names", "if $0", "pri", False, {"print"}),
    "keyword of the language": ("names", "x = $0", "lamb", False, {"lambda"}),
    "no such name ": ("names", "x = $0", "crat.total()", False, "no: cart"),
    "in a bracket it may be bound later": ("names", "x = [$0", "crat", True, "open-bracket"),
    "may be a target": ("names", "x = $0 = 1", "crat", True, "may-bind"),
    "at the start of a statement": ("names", "$0", "crat", True, "may-bind"),
    "bound by for": ("names", "for $0", "crat", True, "may-bind"),
    "in a lambda": ("names", "x = lambda a: 1 + $0", "b", True, "may-bind"),
    # M5: arity.
    "enough": ("arity", "cart.add($0", "1, count=2)", False, set()),
    "too many": ("arity", "cart.add(1, $0", "2, 3)", False, "no"),
    "not finished": ("arity", "cart.add($0", "f(1), ", False, "unfinished-call"),
    "brackets inside": ("arity", "cart.add($0", "f(1, 2, 3), count=')') + 1", False, set()),
    "not a call": ("arity", "x = [$0", "1)", False, "no-call"),
    # M6: keys.
    "key": ("literals", 'film["$0', "ti", False, {"title"}),
    "no such key": ("literals", 'film["$0"]', "titel", True, "no: title"),
    "member by name": ("literals", "Colour['$0", "RED'", False, {"RED"}),
    "other mapping": ("literals", 'dict()["$0', "x", False, "no-key"),
    "no subscript": ("literals", 'x = "$0', "x", False, "no-key"),
    # M7 never judges what is unfinished.
    "misuse": ("misuse", "x = $0", "Colour()", True, "whole-expression"),
}


@pytest.fixture(scope="module")
def reviewer(tmp_path_factory: pytest.TempPathFactory) -> Reviewer:
    return make_reviewer(tmp_path_factory.mktemp("project"), SHOP)[0]


@pytest.mark.parametrize("case", CASES)
def test_hole(case: str, reviewer: Reviewer) -> None:
    monitor, line, partial, complete, expected = CASES[case]
    path = reviewer.root / "main.py"
    found = judged(reviewer, path, f"{MAIN}{line}\n", monitor, partial, complete=complete)
    match found:
        case Allowed(names):
            assert isinstance(expected, set), found
            assert names >= expected
        case Forbidden(nearest=nearest):
            assert expected == ("no: " + ", ".join(nearest) if nearest else "no")
        case Unknown(why):
            assert why == expected


def test_the_table_of_a_hole(reviewer: Reviewer) -> None:
    """Names have the types that the oracle proves, and what is generated is understood by them."""
    text = f"{MAIN}class Later: ...\nprint(cart.total(), Film)\n\n"
    document = reviewer.document(reviewer.root / "main.py", text)
    table = build_table(reviewer.oracle, Hole(document, len(text)))
    assert decode_table(table.encode()) == table
    assert table == build_table(reviewer.oracle, Hole(reviewer.document(document.path, text), len(text)))
    assert not table.is_open
    assert {"cart", "Cart", "Later", "print"} <= table.names.keys()
    assert not {"super", "type"} & table.returns.keys(), "what they give depends on their arguments"
    meaning = interpret(table, "mine = Cart()\nnumber = mine.total()\nlater = Later()\n")
    assert meaning.allowed("mine") == {"total", "add", "limit"}
    assert "bit_length" in (meaning.allowed("number") or ())
    assert meaning.allowed("later") == frozenset()
    assert meaning.allowed("cart.total()") == meaning.allowed("number")
    displays = {kind: table.types[number] for kind, number in table.literals.items()}
    assert {"str": "str", "list": "list"}.items() <= {
        kind: one.name for kind, one in displays.items()
    }.items()
    assert {one.name for one in table.types if one.is_fixed} >= {"str", "list", "int"}
    assert not table.types[table.names["cart"]].is_fixed, "assigning to it makes members"


@pytest.mark.parametrize(
    "test, is_known",
    [("self.cart", True), ("isinstance(self.cart, bytes)", False), ('hasattr(self.cart, "x")', False)],
)
def test_a_member_that_is_asked_about_has_no_type(test: str, is_known: bool, reviewer: Reviewer) -> None:
    """Requests decodes `self.reason` where it is bytes, and declares it a string."""
    body = f"        if {test}:\n            x = 1\n            "
    text = f"{MAIN}class Desk:\n    cart = Cart()\n    def run(self):\n{body}"
    document = reviewer.document(reviewer.root / "main.py", text)
    table = build_table(reviewer.oracle, Hole(document, len(text)))
    assert (interpret(table, "").allowed("self.cart") is not None) == is_known


def test_no_table_forbids_where_failure_is_expected(reviewer: Reviewer) -> None:
    text = f"{MAIN}try:\n    cart\n    \nexcept AttributeError:\n    pass\n"
    document = reviewer.document(reviewer.root / "main.py", text)
    table = build_table(reviewer.oracle, Hole(document, text.index("    \n") + 4))
    assert table.is_open
    assert all(one.is_open for one in table.types)
