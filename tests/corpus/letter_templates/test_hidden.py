import pytest
from letters import fill, placeholders


def test_repeated():
    assert fill("{a}{a}{a}", {"a": "x"}) == "xxx"
    assert fill("{a} {b} {a}", {"a": 1, "b": 2}) == "1 2 1"


def test_numbers():
    assert fill("{total} EUR", {"total": 12.5}) == "12.5 EUR"
    assert fill("{none}", {"none": None}) == "None"


def test_value_also_occurs_as_text():
    assert fill("Mia: {name}", {"name": "Mia"}) == "Mia: Mia"
    assert fill("12 {n}", {"n": 12}) == "12 12"


def test_empty_value():
    assert fill("[{x}]", {"x": ""}) == "[]"
    assert fill("", {}) == ""


def test_open_brace():
    assert placeholders("a { b") == []
    assert fill("a { b", {}) == "a { b"
    with pytest.raises(KeyError):
        fill("{x}{y}", {"x": 1})
