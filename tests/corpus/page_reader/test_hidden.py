from reader import Reader


def test_find_several_times():
    reader = Reader("abcdefgh", 3)
    assert reader.find("de") == 2
    assert reader.find("ab") == 1
    assert reader.find("de") == 2
    assert reader.find("zz") is None
    assert reader.find("gh") == 3


def test_loop_after_a_broken_loop():
    reader = Reader("abcd", 1)
    for page in reader:
        if page == "b":
            break
    assert list(reader) == ["a", "b", "c", "d"]


def test_next_goes_on():
    reader = Reader("abcd", 2)
    assert next(reader) == "ab"
    assert next(reader) == "cd"
    assert next(reader, "end") == "end"
    assert next(reader, "end") == "end"


def test_unpacking_and_sums():
    reader = Reader("abcdef", 2)
    first, *_ = reader
    assert first == "ab"
    assert "".join(reader) == "abcdef"
    assert sum(len(page) for page in reader) == 6


def test_empty():
    assert list(Reader("", 3)) == []
    assert len(Reader("", 3)) == 0
