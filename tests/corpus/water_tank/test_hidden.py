from tank import Tank


def test_leak_empties_the_tank():
    assert Tank(100, level=10, leak=3).step(0, minutes=2) == 4
    assert Tank(100, level=10, leak=3).step(0, minutes=9) == 0
    assert Tank(100, level=10, leak=3).step(1, minutes=2) == 6


def test_balance():
    assert Tank(100, level=50, leak=5).step(5, minutes=60) == 50
    assert Tank(100, level=50, leak=5).minutes_until_full(5, limit=50) is None


def test_minutes_until_full_with_leak():
    assert Tank(100, leak=5).minutes_until_full(15) == 10
    assert Tank(100, level=100, leak=5).minutes_until_full(0) == 0
    assert Tank(100, level=95, leak=1).minutes_until_full(3) == 3


def test_trial_does_not_change_the_tank():
    tank = Tank(100, leak=1)
    tank.minutes_until_full(3)
    assert tank.level == 0


def test_cap_with_leak():
    assert Tank(30, level=29, leak=1).step(4) == 30
