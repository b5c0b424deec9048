from subtitles import Subtitle, parse


def test_many_blocks():
    blocks = [f"0:{second:02d}\nline {second}" for second in range(5)]
    expected = [Subtitle(second, f"line {second}") for second in range(5)]
    assert parse("\n\n".join(blocks)) == expected
    assert parse("\n\n".join(blocks) + "\n") == expected
    assert parse("\n\n".join(blocks) + "\n\n") == expected


def test_several_blank_lines():
    text = "\n\n0:01\na\n\n\n \n0:02\nb\n\n\n"
    assert parse(text) == [Subtitle(1, "a"), Subtitle(2, "b")]


def test_blocks_without_text():
    assert parse("0:01\n\n0:02") == [Subtitle(1, ""), Subtitle(2, "")]


def test_only_blank_lines():
    assert parse("\n\n") == []
    assert parse("   ") == []


def test_two_blocks_without_end():
    assert parse("0:01\na\n\n0:02\nb\nc") == [Subtitle(1, "a"), Subtitle(2, "b c")]


def test_minutes():
    assert parse("12:34\nx") == [Subtitle(754, "x")]
    assert parse("0:00\nx\n\n1:00\ny") == [Subtitle(0, "x"), Subtitle(60, "y")]
