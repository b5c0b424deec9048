from datetime import date

from timesheet import hours_by_week, overtime, report
from weeks import days_of, week_label


def test_label_in_the_middle_of_a_year():
    assert week_label(date(2026, 2, 11)) == "2026-W07"


def test_week_across_new_year():
    entries = [(date(2024, 12, 30), 8), (date(2024, 12, 31), 4), (date(2025, 1, 2), 8)]
    assert hours_by_week(entries) == {"2025-W01": 20}


def test_hours_by_week():
    entries = [(date(2026, 2, 16), 3), (date(2026, 2, 11), 8), (date(2026, 2, 12), 7.5)]
    assert hours_by_week(entries) == {"2026-W07": 15.5, "2026-W08": 3}


def test_overtime():
    entries = [(date(2026, 2, day), 9) for day in range(9, 14)]
    assert overtime(entries) == {"2026-W07": 5}


def test_report():
    assert report([(date(2026, 2, 11), 7.5)]) == ["2026-W07 (09.02.): 7.5 h"]


def test_days():
    assert days_of("2026-W01")[0] == date(2025, 12, 29)
