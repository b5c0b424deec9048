import pytest

from nestedlists import ListSyntaxError, parse, render


def test_flat_list():
    assert parse("[1, two, 3]") == [1, "two", 3]


def test_nested_lists():
    assert parse("[a, [b, [c]], []]") == ["a", ["b", ["c"]], []]


def test_blanks_do_not_matter():
    assert parse(" [ 1,2 , 3 ] ") == [1, 2, 3]


def test_missing_bracket():
    with pytest.raises(ListSyntaxError):
        parse("[1, [2]")


def test_one_bracket_too_many():
    with pytest.raises(ListSyntaxError):
        parse("[1, 2]]")


def test_render():
    assert render([1, ["x", []]]) == "[1, [x, []]]"
