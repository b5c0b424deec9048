"""Mixes colours for a status bar."""


def clamp(value, low, high):
    return max(low, min(value, high))


def channel(start, end, share):
    """One colour channel between two values, rounded, within 0..255."""
    mixed = start + (end - start) * share
    return clamp(round(mixed), 0, 255)


def fade(start, end, share):
    """The colour that lies `share` (0..1) of the way from start to end."""
    return tuple(channel(a, b, share) for a, b in zip(start, end))


def to_hex(colour):
    return "#" + "".join(f"{value:02x}" for value in colour)
