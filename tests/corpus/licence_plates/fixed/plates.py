"""Number plates: one to three letters, a dash, one or two letters, up to four digits."""

import re

PLATE = re.compile(r"^([A-ZÄÖÜ]{1,3})-([A-Z]{1,2}) ([1-9]\d{0,3})\Z")


def parse(plate):
    """(district, letters, number) of a plate; anything else raises ValueError."""
    match = PLATE.match(plate.upper())
    if match is None:
        raise ValueError(f"{plate!r} is no number plate")
    district, letters, number = match.groups()
    return district, letters, int(number)


def is_plate(text):
    try:
        parse(text)
    except ValueError:
        return False
    return True


def by_district(plates):
    """{district: sorted plates}, leaving out what is no plate."""
    groups = {}
    for plate in sorted(filter(is_plate, plates)):
        groups.setdefault(parse(plate)[0], []).append(plate)
    return groups
