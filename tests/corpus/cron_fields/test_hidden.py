import pytest

from cronfields import FieldError, daily_times, expand


def test_start_with_step_runs_to_the_end():
    assert expand("50/3", 0, 59) == [50, 53, 56, 59]
    assert expand("0/30", 0, 59) == [0, 30]
    assert expand("3/4", 1, 12) == [3, 7, 11]
    assert expand("20/1", 0, 23) == [20, 21, 22, 23]


def test_start_with_a_large_step():
    assert expand("5/60", 0, 59) == [5]
    assert expand("59/5", 0, 59) == [59]


def test_start_without_step():
    assert expand("5", 0, 59) == [5]
    assert expand("0", 0, 59) == [0]
    assert expand("59", 0, 59) == [59]


def test_mixed_parts():
    assert expand("1,18/2,19-20", 0, 23) == [1, 18, 19, 20, 22]
    assert expand("3-3", 0, 5) == [3]
    assert expand("*/2", 1, 6) == [1, 3, 5]


@pytest.mark.parametrize("field", ["60/5", "5/0", "5/", "/5", "x/5", "9-7", "", "1,,2", "-1", "0-60", "a"])
def test_nonsense(field):
    with pytest.raises(FieldError):
        expand(field, 0, 59)


def test_below_the_range():
    with pytest.raises(FieldError):
        expand("0/2", 1, 12)


def test_quarter_past_from_six():
    assert daily_times("15", "6/6") == [(6, 15), (12, 15), (18, 15)]
