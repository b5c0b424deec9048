from wrapping import label, wrap


def test_no_line_is_too_long_or_too_short():
    text = "the quick brown fox jumps over the lazy dog and runs far away"
    for width in range(5, 30):
        lines = wrap(text, width)
        assert " ".join(lines) == text
        assert all(len(line) <= width for line in lines)
        for line, following in zip(lines, lines[1:]):
            assert len(line) + 1 + len(following.split()[0]) > width


def test_long_words():
    assert wrap("a incomprehensible b c", 5) == ["a", "incomprehensible", "b c"]
    assert wrap("incomprehensible", 5) == ["incomprehensible"]


def test_exact_fit():
    assert wrap("ab cd", 5) == ["ab cd"]
    assert wrap("ab cde", 5) == ["ab", "cde"]
    assert wrap("abcde fghij", 5) == ["abcde", "fghij"]


def test_label():
    assert label("a b c", 3, "#") == ["#######", "# a b #", "# c   #", "#######"]
    assert label("", 2) == ["******", "******"]
