"""Finds jumps in the counts of a pedometer."""


def jumps(counts, threshold):
    """Positions whose count differs from the one before by more than the threshold."""
    found = []
    previous = counts[0] if counts else None
    for position, count in enumerate(counts):
        previous = count
        difference = abs(count - previous)
        if difference > threshold:
            found.append(position)
    return found


def smooth(counts, threshold):
    """The counts, with each jump replaced by the (kept) count before it."""
    result = []
    for count in counts:
        if result and abs(count - result[-1]) > threshold:
            count = result[-1]
        result.append(count)
    return result
