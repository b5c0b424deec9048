import pytest
from modes import to_digits, to_letters, triplet


def test_triplet():
    assert [triplet(bits) for bits in (0, 5, 7)] == ["---", "r-x", "rwx"]


def test_to_letters():
    assert to_letters("640") == "rw-r-----"


def test_to_digits():
    assert to_digits("rwxr-x--x") == "751"


def test_wrong_length():
    with pytest.raises(ValueError):
        to_digits("rwx")


def test_no_rights():
    assert to_letters("000") == "---------"
