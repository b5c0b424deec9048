"""Statistics of dice games."""

from collections import Counter


def median(throws):
    """The middle throw, or the mean of the two middle ones."""
    if not throws:
        raise ValueError("no throws")
    ordered = sorted(throws)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def modes(throws):
    """The most frequent throws, ascending."""
    counts = Counter(throws)
    most = max(counts.values(), default=0)
    return sorted(throw for throw, count in counts.items() if count == most)


def share_of(throws, face):
    return throws.count(face) / len(throws) if throws else 0.0
