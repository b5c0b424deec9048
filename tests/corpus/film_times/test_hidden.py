from films import parse_minutes, programme, show_minutes


def test_bounds():
    assert show_minutes(0) == "0:00 h"
    assert show_minutes(9) == "0:09 h"
    assert show_minutes(10) == "0:10 h"
    assert show_minutes(59) == "0:59 h"
    assert show_minutes(60) == "1:00 h"
    assert show_minutes(600) == "10:00 h"


def test_there_and_back():
    for minutes in range(0, 700, 7):
        assert parse_minutes(show_minutes(minutes)) == minutes


def test_no_blanks_inside():
    assert all(show_minutes(minutes).count(" ") == 1 for minutes in range(130))


def test_after_midnight():
    assert programme([("A", 60), ("B", 61)], "23:00", pause=0) == ["23:00 A (1:00 h)", "00:00 B (1:01 h)"]
    assert programme([], "20:00") == []
