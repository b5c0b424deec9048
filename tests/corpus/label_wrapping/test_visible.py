from wrapping import label, wrap


def test_single_line():
    assert wrap("fine salt", 12) == ["fine salt"]


def test_two_lines():
    assert wrap("very fine salt", 9) == ["very fine", "salt"]


def test_three_lines():
    assert wrap("aa bb cc dd ee ff", 5) == ["aa bb", "cc dd", "ee ff"]


def test_label():
    assert label("salt", 4) == ["********", "* salt *", "********"]


def test_nothing():
    assert wrap("  ", 5) == []
