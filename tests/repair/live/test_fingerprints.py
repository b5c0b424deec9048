"""Which blocks differ between two texts."""

import random
from textwrap import dedent

import pytest

from tracemend.repair.live.fingerprints import Imported, changed_blocks, fingerprints_of, kind_of

BEFORE = '''
import os

RATE = 0.2

@decorated(lambda value: value)
def price(net, rate=RATE):
    """Say the price."""
    def rounded(value):
        return round(value, 2)
    return rounded(net * (1 + rate))

class Cart:
    limit = 10
    def add(self, item):
        self.items.append(item)
    def total(self):
        return sum(price(item) for item in self.items)
'''


def both(function):
    return {function, kind_of(function)}


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("self.items.append(item)", "self.items.insert(0, item)", {"Cart.add"}),
        ("round(value, 2)", "round(value, 3)", {"price.<locals>.rounded"}),
        ("1 + rate", "1 - rate", {"price"}),
        ("Say the price", "Tell the price", {"price"}),
        ("price(item) for item", "price(item, 0) for item", {"Cart.total"}),
        ("rate=RATE", "rate=0", {""}),
        ("lambda value: value", "lambda value: None", {""}),
        ("limit = 10", "limit = 11", {""}),
        ("RATE = 0.2", "RATE = 0.20", set()),
        ("RATE = 0.2", "RATE = True", {""}),
        ("RATE = 0.2", "RATE = 0.2  # per cent\n\n\n", set()),
        ("def rounded(value)", "def rounded(value, digits=2)", {"price"}),
        ("return round(value, 2)", "yield round(value, 2)", {"price", "price.<locals>.rounded"}),
        ("def add(", "def put(", {"", *both("Cart.add"), *both("Cart.put")}),
        ("    def add(self, item):\n        self.items.append(item)\n", "", {"", *both("Cart.add")}),
        ("import os", "import sys", {""}),
        ("return sum(", "yield sum(", {"Cart.total", kind_of("Cart.total")}),
        ("self.items.append(item)", "self.items.append(item", {"", *("price", "price.<locals>.rounded"), *both("Cart.add"), *both("Cart.total")}),
    ],
)  # fmt: skip
def test_changed_blocks(before, after, changed):
    assert BEFORE.count(before) == 1
    old = fingerprints_of(BEFORE)
    new = BEFORE.replace(before, after)
    assert changed_blocks(old, fingerprints_of(new, old)) == changed
    assert fingerprints_of(new, old).blocks == fingerprints_of(new).blocks


def test_a_function_keeps_its_fingerprint_when_it_moves():
    lines = BEFORE.replace("class Cart", "\n\nprint()\n\nclass Cart")
    old, new = fingerprints_of(BEFORE), fingerprints_of(lines)
    assert changed_blocks(old, new) == {""}
    assert new.span_of("Cart.add") == (19, 20, 20, "Cart.add")


def test_setter_and_getter_of_a_property_are_two_blocks():
    text = dedent("""
        class Cart:
            @property
            def total(self):
                return self._total
            @total.setter
            def total(self, value):
                self._total = value
    """)
    old = fingerprints_of(text)
    assert changed_blocks(old, fingerprints_of(text.replace("= value", "= 0"))) == {"Cart.total.setter"}
    assert changed_blocks(old, fingerprints_of(text.replace("return self._total", "pass"))) == {"Cart.total"}


def test_statements_that_share_a_line_are_told_apart():
    old, new = fingerprints_of("a = 1; b = 2\n"), fingerprints_of("a = 1; b = 2\nc = 3\n")
    again = fingerprints_of("a = 1; b = 2\nc = 3\n", old)
    assert again.blocks == new.blocks


@pytest.mark.parametrize(
    ("line", "blocks"),
    [
        (
            6,
            {"price", ""},
        ),  # The decorator: the function begins here, and so does a lambda that is not its own.
        (9, {"price.<locals>.rounded"}),
        (17, {"Cart.total"}),
        (18, {"Cart.total"}),  # A generator expression.
        (1, {""}),
    ],
)
def test_blocks_by_first_line(line, blocks):
    assert fingerprints_of(BEFORE).blocks_at(line) == blocks


def test_file_that_does_not_parse_says_where():
    found = fingerprints_of("x = 1\ndef broken(:\n")
    assert found.problem is not None
    assert found.problem.line == 2


def test_coming_and_going_is_a_change_of_the_module():
    assert changed_blocks(None, fingerprints_of("")) == {""}
    assert changed_blocks(fingerprints_of(""), None) == {""}


def test_imports():
    found = fingerprints_of(
        dedent("""
            import a.b as c
            from .d import e
            from .. import f
            import importlib
            def late():
                from g import h
                importlib.import_module("i")
                return "j.k", "not a module"
            c.register(late)
            @e
            class Thing(f.Base): pass
        """)
    )
    names = {("." * one.level) + one.name for one in found.imports}
    assert names == {"a.b", ".d.e", "..f", "importlib", "g.h", "i", "j.k"}
    assert found.reached == {Imported("a.b"), Imported("d.e", 1), Imported("f", 2)}


@pytest.mark.parametrize("seed", range(4))
def test_reading_what_changed_is_reading_all(seed):
    """Random edits, one upon the other: the same as a text that is read for the first time."""
    generator = random.Random(seed)
    pieces = [
        "",
        "\n",
        "x",
        "    pass\n",
        "'''",
        "(",
        "\\",
        "#",
        "\f",
        " ",
        "def f(): yield\n",
        "\r",
        "; y = 1",
    ]
    text, known = BEFORE, fingerprints_of(BEFORE)
    for _ in range(150):
        start = generator.randrange(len(text))
        edited = text[:start] + generator.choice(pieces) + text[start + generator.choice([0, 0, 1, 5]) :]
        found, whole = fingerprints_of(edited, known), fingerprints_of(edited)
        for name in ("blocks", "imports", "reached", "spans", "starts", "problem"):
            assert getattr(found, name) == getattr(whole, name), (name, edited)
        if found.problem is None:
            text, known = edited, found
