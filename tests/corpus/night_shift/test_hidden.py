from shift import Shift


def hours(text):
    return Shift.parse(text).hours()


def test_exactly_one_day():
    assert hours("2024-03-01 18:00 / 2024-03-02 18:00") == 24
    assert Shift.parse("2024-03-01 18:00 / 2024-03-02 18:00").pay(10) == 320


def test_short():
    assert hours("2024-03-01 18:00 / 2024-03-01 18:00") == 0
    assert hours("2024-03-01 18:00 / 2024-03-01 18:15") == 0.25


def test_long():
    assert hours("2024-02-28 00:00 / 2024-03-01 00:00") == 48
    assert hours("2024-03-01 00:00 / 2024-03-08 12:30") == 180.5


def test_end_before_begin_is_negative():
    assert hours("2024-03-01 18:00 / 2024-03-01 17:00") == -1


def test_pay():
    assert Shift.parse("2024-03-01 10:00 / 2024-03-01 18:00").pay(15) == 120
    assert Shift.parse("2024-03-01 10:00 / 2024-03-02 12:00").pay(2) == 16 + 54
