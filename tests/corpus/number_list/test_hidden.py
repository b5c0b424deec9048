from numberlist import complaint, parse_numbers, total


def test_only_words():
    assert parse_numbers("a b") == ([], ["a", "b"])
    assert total("a b") == 0


def test_order_is_kept():
    assert parse_numbers("x 1 y 2 z") == ([1, 2], ["x", "y", "z"])


def test_decimals_are_no_whole_numbers():
    assert parse_numbers("1.5 2") == ([2], ["1.5"])
    assert parse_numbers("0x10 1e3") == ([], ["0x10", "1e3"])


def test_complaints():
    assert complaint("1 two, three") == "not a number: two, three"
    assert complaint("-") == "not a number: -"
    assert complaint("") is None


def test_empty():
    assert parse_numbers("") == ([], [])
    assert parse_numbers(" , ,") == ([], [])
