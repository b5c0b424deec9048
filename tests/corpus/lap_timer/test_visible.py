from laps import deviations, most_even, within


def test_slower_laps():
    assert deviations([62, 65], 60) == [2, 5]


def test_faster_laps():
    assert deviations([57, 60], 60) == [3, 0]


def test_most_even():
    runners = {"ada": [60, 61], "bob": [50, 70]}
    assert most_even(runners, 60) == "ada"


def test_within():
    assert within([61, 65, 70], 60, 5) == 2
