"""Symbol tables: equal knowledge gives equal bytes, small ones stay right; and what names mean behind generated text."""

from __future__ import annotations

import msgpack
import pytest

from tracemend.analysis.monitors.interpreter import interpret
from tracemend.analysis.monitors.table_building import MAX_TYPES
from tracemend.analysis.monitors.tables import (
    MAX_BYTES,
    SymbolTable,
    TableType,
    UnreadableTable,
    decode_table,
)

CART, PRICE, PRICES, FILE, OPEN = range(5)
TABLE = SymbolTable(
    types=(
        TableType(
            "Cart", frozenset({"total", "prices", "clear"}), False, {"prices": PRICES}, {"total": PRICE}
        ),
        TableType("Price", frozenset({"amount"}), False),
        TableType("list", frozenset({"append"}), False, item=PRICE, is_fixed=True),
        TableType("File", frozenset({"read"}), False, enter=FILE),
        TableType("Any"),
    ),
    names={"cart": CART, "thing": OPEN, "path": -1},
    returns={"Cart": CART, "Price": PRICE, "open_file": FILE},
    is_open=False,
    literals={"list": PRICES},
)


def test_a_table_survives_the_way_there_and_back() -> None:
    assert decode_table(TABLE.encode()) == TABLE


def test_equal_tables_have_equal_bytes() -> None:
    turned = SymbolTable(
        TABLE.types,
        dict(reversed(TABLE.names.items())),
        dict(reversed(TABLE.returns.items())),
        False,
        TABLE.literals,
    )
    assert turned.digest == TABLE.digest
    assert SymbolTable(TABLE.types, TABLE.names).digest != TABLE.digest


@pytest.mark.parametrize(
    "packed", [b"", b"\x00", b"\x80", b"\x81\xa1v\x09", b"\xff" * 20, TABLE.encode()[:-3]]
)
def test_bytes_that_are_no_table(packed: bytes) -> None:
    with pytest.raises(UnreadableTable):
        decode_table(packed)


KIND = {"name": "T", "open": False, "members": [0], "ret": [0, 0]}


@pytest.mark.parametrize(
    "changes",
    [
        {"names": {"a": 9}},
        {"names": {"a": -2}},
        {"names": {"a": "0"}},
        {"names": [["a", 0]]},
        {"ret": {"a": 0.5}},
        {"types": [{**KIND, "members": [1, None]}]},
        {"types": [{**KIND, "members": "abc"}]},
        {"types": [{**KIND, "members": [1]}]},
        {"types": [{**KIND, "members": [-1]}]},
        {"types": [{**KIND, "ret": [0, 7]}]},
        {"types": [{**KIND, "ret": [0]}]},
        {"types": [{**KIND, "ret": {"a": 0}}]},
        {"words": "a"},
        {"words": [1]},
        {"types": [{**KIND, "item": []}]},
        {"lit": {"list": 9}},
    ],
)
def test_a_table_with_something_else_in_it_is_none(changes: dict[str, object]) -> None:
    content = {"v": 3, "words": ["a"], "types": [KIND], "names": {"a": 0}, "ret": {}, "open": False}
    assert decode_table(msgpack.packb(content)).names == {"a": 0}
    with pytest.raises(UnreadableTable):
        decode_table(msgpack.packb(content | changes))


def test_members_that_types_share_are_spelled_once_and_64_kilobytes_are_enough() -> None:
    """As many types as a table holds, each with 60 members of which most are those of another."""
    shared = [f"a_member_that_all_types_have_{number}" for number in range(50)]
    types = [
        TableType(f"T{n}", frozenset((*shared, *(f"own_{n}_{m}" for m in range(10)))), False)
        for n in range(MAX_TYPES)
    ]
    table = SymbolTable(tuple(types))
    assert MAX_BYTES == 64 * 1024
    assert table.encode().count(shared[-1].encode()) == 1
    assert table.within() == table == decode_table(table.encode())


def test_a_large_table_is_cut_from_its_far_end_and_stays_quiet_there() -> None:
    large = SymbolTable(
        tuple(TableType(f"T{n}", frozenset(f"member_{n}_{m}" for m in range(50)), False) for n in range(200)),
        {f"name_{n}": n for n in range(200)},
    )
    small = large.within()
    assert len(large.encode()) > MAX_BYTES >= len(small.encode())
    assert small.types[0] == large.types[0]
    assert small.names == large.names
    assert all(kept == given or kept.is_open for kept, given in zip(small.types, large.types, strict=True))
    assert small.types[-1].is_open
    assert TABLE.within() == TABLE
    assert len(large.within(100).encode()) <= 100


MEANINGS = {
    "nothing yet": ("", "cart", "Cart"),
    "constructor": ("x = Price()\n", "x", "Price"),
    "annotated": ("x: object = Price()\n", "x", "Price"),
    "known call": ("x = cart.total()\n", "x", "Price"),
    "attribute": ("x = cart.prices\n", "x", "list"),
    "another name": ("x = cart\n", "x", "Cart"),
    "chain": ("x = cart\ny = x.prices\n", "y", "list"),
    "dotted receiver": ("", "cart.prices", "list"),
    "call as receiver": ("", "cart.total()", "Price"),
    "with": ("with open_file() as f:\n", "f", "File"),
    "for": ("for p in cart.prices:\n", "p", "Price"),
    "display": ("x = [1]\n", "x", "list"),
    "comprehension": ("x = [y for y in cart.prices]\n", "x", "list"),
    "literal of a kind that the table does not know": ("x = 'a'\n", "x", None),
    "unfinished line binds nothing": ("cart = Price()", "cart", "Cart"),
    "bound anew": ("cart = Price()\n", "cart", "Price"),
    "bound anew to something unknown": ("cart = f(1)\n", "cart", None),
    "bound anew in a branch": ("if x:\n    cart = Price()\n", "cart", None),
    "the same in a branch": ("if x:\n    cart = Cart()\n", "cart", "Cart"),
    "new in one branch": ("if x:\n    y = Price()\n", "y", "Price"),
    "new in two branches": ("if x:\n    y = Price()\nelse:\n    y = Cart()\n", "y", None),
    "behind the block": ("    cart = Price()\nx\n", "cart", None),
    "in the block": ("    cart = Price()\n    x\n", "cart", "Price"),
    "constructor bound anew": ("Cart = f()\nx = Cart()\n", "x", None),
    "loop over it": ("for cart in xs:\n    pass\n", "cart", None),
    "unpacked": ("cart, x = 1, 2\n", "cart", None),
    "walrus": ("if (cart := f()):\n", "cart", None),
    "deleted": ("del cart\n", "cart", None),
    "augmented": ("cart += 1\n", "cart", None),
    "imported": ("import cart\n", "cart", None),
    "defined": ("def cart(): ...\n", "cart", None),
    "as exception": ("except E as cart:\n", "cart", None),
    "as pattern": ("case cart:\n", "cart", None),
    "global": ("global cart\n", "cart", None),
    "in a line that cannot be read": ("cart = = 1\n", "cart", None),
    "over two lines": ("x = Price(\n    1,\n)\n", "x", "Price"),
    "in a string": ('s = """\ncart = 1\n"""\n', "cart", "Cart"),
    "in a comment": ("# cart = 1\n", "cart", "Cart"),
    "open type": ("", "thing", "Any"),
    "unknown name": ("", "path", None),
    "no expression": ("", "cart.", None),
}


@pytest.mark.parametrize("case", MEANINGS)
def test_meaning_behind_generated_text(case: str) -> None:
    generated, receiver, expected = MEANINGS[case]
    found = interpret(TABLE, generated).type_of(receiver)
    assert (found.name if found else None) == expected


def test_the_line_before_the_hole_counts() -> None:
    assert interpret(TABLE, "Price()\n", line_before="    x = ").names["x"] == PRICE


def test_stored_attributes_may_be_read() -> None:
    meaning = interpret(TABLE, "cart.owner = 1\n")
    assert meaning.allowed("cart") == {"total", "prices", "clear", "owner"}
    assert meaning.allowed("thing") is None
    assert meaning.allowed("path") is None
