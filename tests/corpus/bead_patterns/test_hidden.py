import pytest

from beads import PatternError, decode, encode, shopping_list


def test_empty():
    assert encode("") == ""
    assert decode("") == ""
    assert shopping_list([]) == {}


def test_two_digits():
    assert decode("10r") == "r" * 10
    assert decode("11g") == "g" * 11
    assert decode("20b1w") == "b" * 20 + "w"


def test_three_digits():
    assert decode("123w") == "w" * 123
    assert decode("100r") == "r" * 100


def test_leading_zeros():
    assert decode("03g") == "ggg"
    assert decode("010g") == "g" * 10


def test_counts_do_not_carry_over():
    assert decode("12rg") == "r" * 12 + "g"
    assert decode("2r3g4b") == "rrgggbbbb"
    assert decode("rgb") == "rgb"


def test_round_trip():
    for row in ("r", "rr", "rg" * 5, "b" * 9 + "w" * 10, "g" * 99 + "r"):
        assert decode(encode(row)) == row


def test_long_count_at_the_end():
    with pytest.raises(PatternError):
        decode("r15")


def test_unknown_colours():
    for pattern in ("x", "rxg", "R", "2r g", "-1r"):
        with pytest.raises(PatternError):
            decode(pattern)


def test_shopping_list_of_long_rows():
    assert shopping_list(["15r", "15r5g"]) == {"red": 30, "green": 5}
