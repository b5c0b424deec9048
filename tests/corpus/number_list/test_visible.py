from numberlist import complaint, parse_numbers, total


def test_numbers():
    assert parse_numbers("3, 4 -5") == ([3, 4, -5], [])


def test_rejected_words():
    assert parse_numbers("3 four") == ([3], ["four"])


def test_total():
    assert total("1,2,3") == 6


def test_no_complaint():
    assert complaint("1 2") is None
