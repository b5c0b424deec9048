from fields import read_records, split_fields


def test_plain_fields():
    assert split_fields("a;b;;c") == ["a", "b", "", "c"]


def test_quoted_semicolon():
    assert split_fields('"a;b";c') == ["a;b", "c"]


def test_doubled_quote():
    assert split_fields('"the ""old"" shop";12') == ['the "old" shop', "12"]


def test_records():
    assert read_records('name;sum\n"Lee; Ada";5\n') == [{"name": "Lee; Ada", "sum": "5"}]


def test_empty_line():
    assert split_fields("") == [""]
