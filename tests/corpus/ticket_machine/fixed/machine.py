"""A ticket machine that prints one ticket per group."""

from fares import fare


def group_fare(ages, zones):
    """The fare of all travellers; groups of five and more get ten percent off."""
    total = sum(fare(zones, age) for age in ages)
    if len(ages) >= 5:
        total -= total // 10
    return total


def print_ticket(ages, zones):
    """The text on the ticket."""
    cents = group_fare(ages, zones)
    people = "1 person" if len(ages) == 1 else f"{len(ages)} persons"
    return f"{people}, {zones} zones: {cents // 100}.{cents % 100:02d}"
