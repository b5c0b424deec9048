from clock import format_duration, split, time_after


def test_days():
    assert split(86400) == (1, 0, 0, 0)
    assert split(86399) == (0, 23, 59, 59)
    assert split(3 * 86400 + 3661) == (3, 1, 1, 1)


def test_format():
    assert format_duration(86400) == "1d 00:00:00"
    assert format_duration(90061) == "1d 01:01:01"
    assert format_duration(0) == "00:00:00"
    assert format_duration(8640) == "02:24:00"


def test_time_after():
    assert time_after(43200, 43200) == 0
    assert time_after(0, 86400 * 5 + 7) == 7
    assert time_after(10, -20) == 86390
    assert time_after(20000, 100) == 20100
