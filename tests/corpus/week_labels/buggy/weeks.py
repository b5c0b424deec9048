"""Working hours by ISO week, for example 2026-W07."""

from __future__ import annotations

from datetime import date, timedelta


def week_label(day: date) -> str:
    """The ISO week of a day. Days around New Year may belong to a week of the other year."""
    iso = day.isocalendar()
    return f"{day.year}-W{iso[1]:02d}"


def monday_of(label: str) -> date:
    """The first day of a week."""
    year, _, week = label.partition("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def days_of(label: str) -> list[date]:
    monday = monday_of(label)
    return [monday + timedelta(days=offset) for offset in range(7)]
