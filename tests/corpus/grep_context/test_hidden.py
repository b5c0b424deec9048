from context import excerpt, grep

LINES = ["a0", "b1", "c2", "d3", "e4"]


def test_no_context_is_the_hit():
    for hit in range(5):
        assert excerpt(LINES, hit, 0, 0) == [LINES[hit]]


def test_only_after():
    assert excerpt(LINES, 1, before=0, after=2) == ["b1", "c2", "d3"]
    assert excerpt(LINES, 4, before=0, after=2) == ["e4"]
    assert excerpt(LINES, 3, before=0, after=1) == ["d3", "e4"]


def test_only_before():
    assert excerpt(LINES, 3, before=2, after=0) == ["b1", "c2", "d3"]
    assert excerpt(LINES, 0, before=2, after=0) == ["a0"]
    assert excerpt(LINES, 1, before=5, after=0) == ["a0", "b1"]


def test_defaults():
    assert excerpt(LINES, 2) == ["b1", "c2", "d3"]


def test_grep_with_context():
    assert grep("x\ny\nx\nz", "x", after=1) == "x\ny\n--\nx\nz"
    assert grep("x\ny\nx\nz", "z", before=1) == "x\nz"
    assert grep("", "z") == ""
