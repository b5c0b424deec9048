"""Shortens knitting patterns: 'kkkpp' becomes 'k3 p2'."""


def runs(row):
    """(stitch, count) of each run of equal stitches, from left to right."""
    result = []
    current = None
    count = 0
    for stitch in row:
        if stitch == current:
            count += 1
            continue
        if current is not None:
            result.append((current, count))
        current, count = stitch, 1
    if current is not None:
        result.append((current, count))
    return result


def shorten(row):
    """The pattern as text; single stitches carry no number."""
    return " ".join(stitch if count == 1 else f"{stitch}{count}" for stitch, count in runs(row))


def expand(pattern):
    """The opposite of shorten."""
    return "".join(part[0] * int(part[1:] or 1) for part in pattern.split())
