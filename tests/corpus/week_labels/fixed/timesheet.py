"""Adds up the hours that somebody worked."""

from __future__ import annotations

from datetime import date

from weeks import monday_of, week_label


def hours_by_week(entries: list[tuple[date, float]]) -> dict[str, float]:
    """Total hours of each week with an entry, earlier weeks first."""
    totals: dict[str, float] = {}
    for day, hours in sorted(entries):
        label = week_label(day)
        totals[label] = totals.get(label, 0) + hours
    return totals


def overtime(entries: list[tuple[date, float]], limit: float = 40) -> dict[str, float]:
    """Hours beyond the weekly limit, of those weeks that have any."""
    totals = hours_by_week(entries)
    return {label: hours - limit for label, hours in totals.items() if hours > limit}


def report(entries: list[tuple[date, float]]) -> list[str]:
    """A line for each week with its Monday and its hours."""
    totals = hours_by_week(entries)
    return [f"{label} ({monday_of(label):%d.%m.}): {hours:g} h" for label, hours in totals.items()]
