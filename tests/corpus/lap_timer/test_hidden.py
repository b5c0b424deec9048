from laps import deviations, most_even, within


def test_both_sides():
    assert deviations([58, 62], 60) == [2, 2]
    assert deviations([1.5], 2) == [0.5]
    assert deviations([], 60) == []


def test_within_counts_both_sides():
    assert within([50, 55, 60, 65, 70], 60, 5) == 3
    assert within([40], 60, 5) == 0
    assert within([59, 61], 60, 0) == 0
    assert within([60], 60, 0) == 1


def test_even_runner_with_faster_laps():
    assert most_even({"a": [58, 58], "b": [61, 62]}, 60) == "b"
    assert most_even({"a": [61, 62], "b": [50, 50]}, 60) == "a"
    assert most_even({"a": [50, 70], "b": [59, 59]}, 60) == "b"
