import pytest

from cronfields import FieldError, daily_times, expand


def test_every_value():
    assert expand("*", 1, 5) == [1, 2, 3, 4, 5]


def test_single_values_and_ranges():
    assert expand("9,2,4-6", 0, 23) == [2, 4, 5, 6, 9]


def test_steps():
    assert expand("*/15", 0, 59) == [0, 15, 30, 45]
    assert expand("10-20/5", 0, 59) == [10, 15, 20]


def test_step_from_a_start():
    assert expand("5/20", 0, 59) == [5, 25, 45]


def test_outside_of_the_range():
    with pytest.raises(FieldError):
        expand("60", 0, 59)


def test_daily_times():
    assert daily_times("0,30", "8-9") == [(8, 0), (8, 30), (9, 0), (9, 30)]
