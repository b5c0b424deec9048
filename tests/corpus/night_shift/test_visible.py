from shift import Shift


def test_night_shift():
    assert Shift.parse("2024-03-01 22:00 / 2024-03-02 06:00").hours() == 8


def test_overtime():
    assert Shift.parse("2024-03-01 06:00 / 2024-03-01 16:00").pay(20) == 220


def test_weekend_duty():
    shift = Shift.parse("2024-03-01 18:00 / 2024-03-03 18:00")
    assert shift.hours() == 48


def test_parse():
    assert Shift.parse("2024-03-01 18:00 / 2024-03-03 18:30").end.minute == 30
