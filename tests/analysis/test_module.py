import ast
import textwrap

import pytest

from tracemend.analysis.syntax.module import own_expressions, parse_module
from tracemend.analysis.syntax.problems import find_problems
from tracemend.analysis.syntax.scopes import names_in_scope

SHOP = textwrap.dedent("""
    import math
    TAX = 1.2

    class Cart:
        limit = 3

        @property
        def total(self):
            def gross(net):
                return net * TAX
            prices = [gross(x) for x in self.items]
            if prices: total = sum(prices); return total
            return 0
""")


@pytest.fixture
def shop():
    return parse_module("shop.py", SHOP)


def test_functions_have_the_names_and_lines_of_their_code_objects(shop):
    found = [(one.qualname, one.class_name, one.first_line) for one in shop.functions]
    assert found == [("Cart.total", "Cart", 8), ("Cart.total.<locals>.gross", None, 10)]


def test_the_innermost_function_wins(shop):
    assert [
        one and one.node.name for one in (shop.function_at(11), shop.function_at(12), shop.function_at(3))
    ] == [
        "gross",
        "total",
        None,
    ]


def test_a_compound_statement_owns_its_header_alone(shop):
    assert [type(one).__name__ for one in shop.statements_at(13)] == ["If", "Assign", "Return"]
    assert [type(one).__name__ for one in shop.statements_at(11)] == ["Return"]


def test_own_expressions_leave_the_body_out(shop):
    function = next(one for one in shop.statements if isinstance(one, ast.If))
    assert [shop.segment(one) for one in own_expressions(function)] == ["prices"]


def test_spans_count_characters():
    module = parse_module("a.py", "é = 'ü' + x\n")
    (statement,) = module.statements
    assert module.segment(statement.value.right) == "x"


def test_names_in_scope_nearest_first(shop):
    statement = shop.statements_at(14)[0]
    names = {one.name: one.kind for one in names_in_scope(shop, statement)}
    assert names == {
        "self": "parameter", "gross": "function", "prices": "local", "total": "local",
        "math": "import", "TAX": "global", "Cart": "class",
    }  # fmt: skip
    assert "limit" not in names  # Class bodies are not visible from methods (reference 4.2.2).


def test_a_name_bound_later_is_known_as_such(shop):
    statement = shop.statements_at(12)[0]
    names = {one.name: one.bound_before for one in names_in_scope(shop, statement)}
    assert (names["gross"], names["total"]) == (True, False)


@pytest.mark.parametrize("unit, text", [("\t", "if x:\n\ty\n"), ("  ", "if x:\n  y\n"), ("    ", "x = 1\n")])
def test_indent_unit(unit, text):
    assert parse_module("a.py", text).indent_unit == unit


@pytest.mark.parametrize("text", ["x = (\n", "def f(:\n", "x = 1\0"])
def test_broken_text_is_a_syntax_error(text):
    with pytest.raises(SyntaxError):
        parse_module("a.py", text)


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("def f(x:\n    return x\n", 1, "f"),
        ("x = [1, 2\ny = 3\n", 1, ""),
        ("if x\n    y = 1\n", 1, ""),
    ],
)
def test_problems_are_found_where_they_are(text, line, words):
    (first, *_) = find_problems(text)
    assert first.line == line
    assert words in first.message


def test_a_sound_file_has_no_problems():
    assert find_problems(SHOP) == ()
