from reader import Reader


def test_pages():
    assert list(Reader("abcdefgh", 3)) == ["abc", "def", "gh"]


def test_length():
    assert len(Reader("abcdefgh", 3)) == 3


def test_read_again():
    reader = Reader("abcdefgh", 3)
    assert list(reader) == list(reader)


def test_find():
    assert Reader("abcdefgh", 3).find("gh") == 3
    assert Reader("abcdefgh", 3).find("x") is None
