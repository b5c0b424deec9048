import pytest
from keyvalue import load, parse


def test_leading_comment():
    assert parse("# settings\n\na = 1") == {"a": "1"}
    assert parse("\n\n\na = 1") == {"a": "1"}


def test_many_gaps():
    assert parse("a=1\n \nb=2\n\t\nc=3\n#\nd=4") == {"a": "1", "b": "2", "c": "3", "d": "4"}


def test_last_value_counts():
    assert parse("a=1\n\na=2") == {"a": "2"}


def test_values_with_signs():
    assert parse("a = b = c") == {"a": "b = c"}
    assert parse("a =") == {"a": ""}
    assert parse("a = # no comment") == {"a": "# no comment"}


def test_error_after_a_gap():
    with pytest.raises(ValueError):
        parse("a = 1\n\nnonsense")


def test_only_comments():
    assert parse("# x\n# y") == {}
    assert parse("") == {}


def test_load(tmp_path):
    path = tmp_path / "x.cfg"
    path.write_text("\n# c\nkey = value\n")
    assert load(path) == {"key": "value"}
