from commands import Command, parse, to_line


def test_plain_text_is_no_command():
    assert parse("hello there") is None


def test_name_only():
    assert parse("/quit") == Command("quit")


def test_message():
    assert parse("/msg bob see you at eight") == Command("msg", "bob", "see you at eight")


def test_target_only():
    assert parse("/invite bob") == Command("invite", "bob")


def test_to_line():
    assert to_line(Command("msg", "bob", "hi")) == "/msg bob hi"
