from bitset import BitSet


def test_edges_of_bytes():
    numbers = BitSet([0, 7, 8, 15, 16])
    assert list(numbers) == [0, 7, 8, 15, 16]
    assert len(numbers) == 5
    assert 9 not in numbers and 17 not in numbers


def test_growing_keeps_the_numbers():
    numbers = BitSet([1])
    numbers.add(50)
    numbers.add(20)
    assert list(numbers) == [1, 20, 50]
    numbers.add(51)
    assert list(numbers) == [1, 20, 50, 51]


def test_discard():
    numbers = BitSet(range(20))
    for number in (0, 8, 19, 99):
        numbers.discard(number)
    assert list(numbers) == [number for number in range(20) if number not in (0, 8, 19)]
    assert len(numbers) == 17


def test_agrees_with_set():
    sample = [number * 37 % 101 for number in range(60)]
    assert list(BitSet(sample)) == sorted(set(sample))
    assert len(BitSet(sample)) == len(set(sample))


def test_negative_is_not_inside():
    assert -1 not in BitSet([7, 15])
