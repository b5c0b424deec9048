from clock import format_duration, split, time_after


def test_short_duration():
    assert format_duration(62) == "00:01:02"


def test_hours():
    assert format_duration(2 * 3600 + 5) == "02:00:05"


def test_long_day():
    assert split(11 * 3600 + 59 * 60) == (0, 11, 59, 0)


def test_time_after_midnight():
    assert time_after(86399, 2) == 1
