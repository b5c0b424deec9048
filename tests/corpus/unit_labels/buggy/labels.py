"""Turns machine names of measurements into labels for a chart."""

PREFIXES = ("sensor_", "calc_")
UNITS = {"degc": "°C", "pct": "%", "hpa": "hPa"}


def without_prefix(name):
    """Drop the known prefix, if the name has one."""
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name.lstrip(prefix)
    return name


def label(name):
    """'sensor_room_temp_degc' becomes 'Room temp (°C)'."""
    words = without_prefix(name).split("_")
    unit = UNITS.get(words[-1])
    if unit is not None:
        words.pop()
    text = " ".join(words).capitalize()
    return f"{text} ({unit})" if unit else text
