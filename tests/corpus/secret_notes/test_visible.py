from notes import escape, join, split


def test_plain_notes():
    assert join(["milk", "eggs"]) == "milk|eggs"
    assert split("milk|eggs") == ["milk", "eggs"]


def test_escape():
    assert escape("a|b") == "a\\|b"


def test_split_escaped_separator():
    assert split("a\\|b|c") == ["a|b", "c"]


def test_empty_notes():
    assert split("|") == ["", ""]


def test_there_and_back():
    assert split(join(["1|2", "3"])) == ["1|2", "3"]
