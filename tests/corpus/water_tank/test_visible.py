from tank import Tank


def test_tight_tank_fills():
    assert Tank(100).step(5, minutes=4) == 20


def test_leak_slows_filling():
    assert Tank(100, leak=2).step(5, minutes=4) == 12


def test_level_is_capped():
    assert Tank(10).step(5, minutes=4) == 10


def test_minutes_until_full():
    assert Tank(100).minutes_until_full(10) == 10
