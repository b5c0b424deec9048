from fields import read_records, split_fields


def test_quotes_only():
    assert split_fields('""') == [""]
    assert split_fields('"";""') == ["", ""]
    assert split_fields('""""') == ['"']
    assert split_fields('""""""') == ['""']


def test_quote_at_the_edges():
    assert split_fields('"""a"""') == ['"a"']
    assert split_fields('"a""";b') == ['a"', "b"]
    assert split_fields('x;"""";y') == ["x", '"', "y"]


def test_quote_and_semicolon():
    assert split_fields('"a"";""b";c') == ['a";"b', "c"]


def test_plain():
    assert split_fields("a") == ["a"]
    assert split_fields(";") == ["", ""]
    assert split_fields('"a b";c d') == ["a b", "c d"]


def test_records():
    text = 'who;what\nann;"said ""hi"""\n\nbob;nothing\n'
    assert read_records(text) == [{"who": "ann", "what": 'said "hi"'}, {"who": "bob", "what": "nothing"}]
