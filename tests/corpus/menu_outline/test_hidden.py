from outline import count, depth_of, outline


def chain(*titles):
    entries = []
    for title in reversed(titles):
        entries = [(title, entries)]
    return entries


def test_chain():
    assert outline(chain("a", "b", "c", "d")) == ["- a", "  - b", "    - c", "      - d"]
    assert depth_of(chain(*"abcd")) == 4


def test_start_depth():
    assert outline(chain("a", "b"), depth=1) == ["  - a", "    - b"]
    assert outline([("a", [])], 2) == ["    - a"]


def test_back_to_the_margin():
    menu = [("a", [("b", [])]), ("c", [("d", []), ("e", [])]), ("f", [])]
    assert outline(menu) == ["- a", "  - b", "- c", "  - d", "  - e", "- f"]
    assert outline(menu)[-1] == "- f"
    assert count(menu) == 6


def test_empty():
    assert outline([]) == []
    assert depth_of([]) == 0
    assert count([]) == 0
