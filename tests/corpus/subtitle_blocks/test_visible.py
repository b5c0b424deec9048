from subtitles import Subtitle, at, parse, parse_block


def test_block():
    assert parse_block(["1:05", "Where", "are you?"]) == Subtitle(65, "Where are you?")


def test_one_block():
    assert parse("0:01\nHello\n\n")[0] == Subtitle(1, "Hello")


def test_two_blocks():
    assert parse("0:01\nHello\n\n0:04\nWho is\nthere?\n\n") == [Subtitle(1, "Hello"), Subtitle(4, "Who is there?")]


def test_no_blank_line_at_the_end():
    assert parse("0:01\nHello") == [Subtitle(1, "Hello")]


def test_empty_file():
    assert parse("") == []


def test_at():
    subtitles = [Subtitle(1, "a"), Subtitle(4, "b")]
    assert [at(subtitles, second) for second in (0, 1, 3, 9)] == ["", "a", "a", "b"]
