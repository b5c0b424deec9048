from outline import count, depth_of, outline

MENU = [("File", [("Open", []), ("Save", [("As PDF", [])])]), ("Help", [])]


def test_flat_menu():
    assert outline([("A", []), ("B", [])]) == ["- A", "- B"]


def test_indented():
    assert outline(MENU) == ["- File", "  - Open", "  - Save", "    - As PDF", "- Help"]


def test_depth():
    assert depth_of(MENU) == 3


def test_count():
    assert count(MENU) == 5
