"""The typed names that are offered without a model."""

from __future__ import annotations

import pytest
from completion_check import check_nothing, check_offers, placed

from tracemend.repair.completion.descriptions import described
from tracemend.repair.completion.names import MAX_NAMES, fits, type_at

SHOP = """
class Shop:
    '''Where pens are sold.'''
    def __init__(self, stock: list[str]) -> None:
        self.stock = stock
        self._till = 0

    def total(self, rate: float = 1.0, *, rounded: bool = False) -> float:
        '''Return what all of it costs.'''
        return rate

def run(shop: Shop) -> None:
"""


def test_members_of_a_declared_type():
    check_offers(SHOP + "    shop.$0\n    print()\n", first="stock _till total", lacks="Shop run")


def test_the_identifier_under_the_cursor_is_replaced_whole():
    found = check_offers(SHOP + "    shop.st$0ale(3)\n", has="stock")
    text = (SHOP + "    shop.stale").lstrip("\n")
    assert (found.start, found.end) == (len(text) - len("stale"), len(text))


def test_members_that_only_other_code_puts_there_are_not_offered():
    check_offers(
        """
        #- main.py
        class Shop:
            def total(self): ...
        def f(shop: Shop):
            shop.$0
        #- other.py
        def g(anything):
            anything.colour = 1
        """,
        has="total",
        lacks="colour",
    )


def test_names_in_scope_the_nearest_use_first():
    check_offers(
        SHOP + "    amount = 1\n    print(amount)\n    x = $0\n",
        has="amount shop run Shop len",
        lacks="stock",
    )


def test_builtins_that_only_a_stub_declares_are_not_offered():
    check_offers("x = $0\n", has="len reversed", lacks="_T_co _StartT_co function")
    check_offers("_T_co = 1\nx = $0\n", has="_T_co", lacks="_StartT_co")


def test_keyword_arguments_that_are_not_given_yet():
    check_offers(SHOP + "    shop.total(rate=1, $0)\n", has="rounded= shop", lacks="rate=")
    check_offers(SHOP + "    shop.total(f(grate=rate == 1), $0)\n", has="rounded= rate=")


def test_no_keyword_argument_where_a_value_stands():
    check_offers(SHOP + "    shop.total(rate=$0)\n", has="shop", lacks="rounded=")


def test_modules_and_what_they_export():
    files = "#- pkg/__init__.py\n#- pkg/tools.py\ndef mend(): ...\n_hidden = 1\n#- main.py\n"
    check_offers(files + "import pkg.$0\n", first="tools")
    check_offers(files + "from pkg.tools import $0\n", first="mend")
    check_offers(files + "import p$0\n", has="pkg pathlib")
    check_offers(files + "from pkg.tools import mend, me$0\n", has="mend")


def test_inside_the_field_of_an_f_string():
    check_offers(SHOP + "    print(f'{shop.$0}')\n", has="stock")


@pytest.mark.parametrize(
    "text",
    [
        "x = 'os.$0'",
        "# os.$0",
        "x = 1.$0",
        "x = 1$0",
        "def $0",
        "class A$0",
        "def f(a, $0): ...",
        "import os as $0",
        "for $0 in x: ...",
        "from os $0",
        '"""os.$0',
    ],
)
def test_nothing_where_no_name_is_chosen(text: str):
    check_nothing(text)


def test_a_broken_file_is_served():
    check_offers(SHOP + "    if (\n    shop.$0\n\ndef other(:\n", has="stock total")


def test_large_sets_are_incomplete():
    names = "".join(f"name_{number} = {number}\n" for number in range(MAX_NAMES + 5))
    found = check_offers(names + "print(na$0)\n", has="name_1", lacks="len")
    assert found.incomplete and len(found.names) == MAX_NAMES
    assert not check_offers("import json\njson.$0\n", has="dumps").incomplete


@pytest.mark.parametrize(
    ("name", "partial", "expected"),
    [
        ("read_text", "rt", True),
        ("read_text", "RE", True),
        ("read_text", "et", False),
        ("_x", "x", True),
        ("a", "", True),
    ],
)
def test_what_fits_the_letters(name: str, partial: str, expected: bool):
    assert fits(name, partial) is expected


def test_a_name_is_described_by_signature_and_docstring():
    reviewer, path, text, offset = placed(SHOP + "    shop.$0\n")
    document = reviewer.document(path, text)
    type_ = type_at(reviewer.oracle, document, offset, "total")
    assert type_ is not None
    found = described(reviewer.oracle, "total", type_)
    assert found.detail == "def total(rate: float = ..., *, rounded: bool = ...) -> float"
    assert found.documentation == "Return what all of it costs."
