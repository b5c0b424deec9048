from fade import clamp, fade, to_hex


def test_clamp():
    assert [clamp(value, 0, 10) for value in (-1, 5, 11)] == [0, 5, 10]


def test_start_and_end():
    assert fade((10, 20, 30), (50, 60, 70), 0) == (10, 20, 30)
    assert fade((10, 20, 30), (50, 60, 70), 1) == (50, 60, 70)


def test_beyond_the_end_is_clamped():
    assert fade((0, 200, 100), (100, 255, 0), 2) == (200, 255, 0)


def test_hex():
    assert to_hex((255, 0, 10)) == "#ff000a"
