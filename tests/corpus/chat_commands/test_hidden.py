from commands import Command, parse, to_line


def test_blanks_inside_the_text_are_kept():
    assert parse("/msg bob a  b   c").text == "a  b   c"
    assert parse("/msg bob a b") == Command("msg", "bob", "a b")
    assert parse("/msg bob x") == Command("msg", "bob", "x")


def test_blanks_between_the_parts():
    assert parse("/msg   bob   hi you") == Command("msg", "bob", "hi you")
    assert parse("/msg\tbob\thi") == Command("msg", "bob", "hi")


def test_there_and_back():
    for line in ("/me", "/join lobby", "/msg bob one two three four"):
        assert to_line(parse(line)) == line


def test_only_a_slash():
    assert parse("/") is None
    assert parse("/ ") is None
    assert parse("") is None
