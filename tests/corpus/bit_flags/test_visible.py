import pytest
from bitset import BitSet


def test_empty():
    assert len(BitSet()) == 0
    assert 3 not in BitSet()


def test_add():
    assert list(BitSet([3, 1, 3])) == [1, 3]


def test_discard_missing():
    numbers = BitSet()
    numbers.discard(4)
    assert list(numbers) == []


def test_negative():
    with pytest.raises(ValueError):
        BitSet().add(-1)


def test_large_number():
    assert list(BitSet([100])) == [100]
