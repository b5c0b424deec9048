import pytest

from beads import PatternError, decode, encode, shopping_list


def test_encode():
    assert encode("rrrgbb") == "3rg2b"


def test_decode():
    assert decode("3rg2b") == "rrrgbb"


def test_long_rows():
    row = "r" * 12 + "g" * 105
    assert encode(row) == "12r105g"
    assert decode("12r105g") == row


def test_unknown_colour():
    with pytest.raises(PatternError):
        decode("3x")


def test_count_at_the_end():
    with pytest.raises(PatternError):
        decode("3r4")


def test_shopping_list():
    assert shopping_list(["2rw", "3b", "w"]) == {"red": 2, "blue": 3, "white": 2}
