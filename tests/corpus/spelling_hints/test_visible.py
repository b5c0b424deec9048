from spelling import correct, distance, hints, tolerance

WORDS = {"apple", "pear", "plum", "cherry", "peach"}


def test_same_word():
    assert distance("pear", "pear") == 0


def test_changed_letter():
    assert distance("plum", "plus") == 1
    assert distance("bear", "pear") == 1


def test_missing_and_additional_letters():
    assert distance("ple", "apple") == 2
    assert distance("xxpear", "pear") == 2


def test_tolerance():
    assert [tolerance("a" * length) for length in (1, 5, 6, 9)] == [1, 1, 2, 3]


def test_hints():
    assert hints("cherri", WORDS) == ["cherry"]
    assert hints("quince", WORDS) == []


def test_correct():
    assert correct("a pear and a plumm", WORDS) == "a pear and a plum"
