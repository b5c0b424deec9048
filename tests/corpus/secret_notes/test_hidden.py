from itertools import product

from notes import escape, join, split


def test_all_short_notes():
    notes = ["".join(signs) for length in range(3) for signs in product("a|\\", repeat=length)]
    for one, other in product(notes, repeat=2):
        assert split(join([one, other])) == [one, other]


def test_escape():
    assert escape("\\") == "\\\\"
    assert escape("|") == "\\|"
    assert escape("\\|") == "\\\\\\|"
    assert escape("") == ""
    assert escape("plain") == "plain"


def test_split():
    assert split("") == [""]
    assert split("a\\\\|b") == ["a\\", "b"]
    assert split("\\|\\|") == ["||"]
    assert split("\\a") == ["a"]


def test_many_notes():
    assert join(["|", "", "\\"]) == "\\|||\\\\"
    assert split("\\|||\\\\") == ["|", "", "\\"]
