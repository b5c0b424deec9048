from spelling import correct, distance, hints


def test_empty_words():
    assert distance("", "") == 0
    assert distance("", "abc") == 3
    assert distance("abc", "") == 3


def test_additional_letters_in_front():
    assert distance("abc", "c") == 2
    assert distance("abcde", "e") == 4
    assert distance("ab", "b") == 1
    assert distance("b", "ab") == 1


def test_known_distances():
    assert distance("kitten", "sitting") == 3
    assert distance("sunday", "saturday") == 3
    assert distance("intention", "execution") == 5
    assert distance("abc", "xyz") == 3


def test_distance_does_not_depend_on_the_order():
    for one, other in (("flaw", "lawn"), ("gumbo", "gambol"), ("ab", "ba"), ("a", "aaaa")):
        assert distance(one, other) == distance(other, one)


def test_prefix_and_suffix():
    assert distance("unhappy", "happy") == 2
    assert distance("happily", "happy") == 2
    assert distance("xyab", "abxy") == 4


def test_hints_in_order():
    words = ["cart", "bat", "cat", "at"]
    assert hints("hat", words) == ["at", "bat", "cat"]
    assert hints("hat", words, limit=1) == ["at"]


def test_words_that_share_only_an_ending():
    assert hints("strap", ["ap", "trap", "cap"]) == ["trap"]
    assert correct("strapp", ["ap"]) == "strapp"
