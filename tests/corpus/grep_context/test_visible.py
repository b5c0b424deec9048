from context import excerpt, find_hits, grep

TEXT = "red\ngreen\nblue\ncyan\npink"


def test_hits():
    assert find_hits(TEXT.splitlines(), "n") == [1, 3, 4]


def test_hit_alone():
    assert grep(TEXT, "blue") == "blue"


def test_context_on_both_sides():
    assert excerpt(TEXT.splitlines(), 2, before=1, after=1) == ["green", "blue", "cyan"]


def test_nothing_found():
    assert grep(TEXT, "black") == ""
