from datetime import date, timedelta

from timesheet import hours_by_week, overtime, report
from weeks import days_of, monday_of, week_label


def test_first_days_of_january_in_the_old_year():
    assert week_label(date(2021, 1, 1)) == "2020-W53"
    assert week_label(date(2021, 1, 3)) == "2020-W53"
    assert week_label(date(2021, 1, 4)) == "2021-W01"
    assert week_label(date(2023, 1, 1)) == "2022-W52"


def test_last_days_of_december_in_the_new_year():
    assert week_label(date(2025, 12, 28)) == "2025-W52"
    assert week_label(date(2025, 12, 29)) == "2026-W01"
    assert week_label(date(2019, 12, 31)) == "2020-W01"


def test_every_day_lies_in_its_week():
    for offset in range(0, 2600, 3):
        day = date(2019, 12, 20) + timedelta(days=offset)
        assert day in days_of(week_label(day))


def test_year_is_written_in_full():
    assert week_label(date(2026, 11, 20)) == "2026-W47"
    assert monday_of("2026-W47") == date(2026, 11, 16)


def test_december_and_january_do_not_mix():
    entries = [(date(2024, 12, 30), 1), (date(2024, 1, 2), 2)]
    assert hours_by_week(entries) == {"2024-W01": 2, "2025-W01": 1}


def test_overtime_across_new_year():
    days = days_of("2025-W01")[:5]
    assert overtime([(day, 8.5) for day in days]) == {"2025-W01": 2.5}
    assert overtime([(day, 8) for day in days]) == {}


def test_report_across_new_year():
    assert report([(date(2024, 12, 31), 4)]) == ["2025-W01 (30.12.): 4 h"]
