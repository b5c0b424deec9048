"""Histograms of measurements, also as text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Histogram:
    """How many values fall into each of several bins of equal width."""

    low: float
    width: float
    counts: tuple

    def edges(self):
        """The bounds of all bins; there is one more of them than there are bins."""
        return [self.low + index * self.width for index in range(len(self.counts) + 1)]

    def fullest(self):
        """Lower and upper bound of the bin with the most values, the first one of several."""
        index = self.counts.index(max(self.counts))
        return self.low + index * self.width, self.low + (index + 1) * self.width


def histogram(values, bins=10):
    """Spread values over bins. A bin includes its lower bound; the last one also its upper bound."""
    if not values:
        raise ValueError("no values to count")
    low, high = min(values), max(values)
    width = (high - low) / bins or 1.0
    counts = [0] * bins
    for value in values:
        index = int((value - low) / width)
        counts[index] += 1
    return Histogram(low, width, tuple(counts))


def bars(histogram, mark="#"):
    """A line for each bin: its lower bound and a mark for each value."""
    return [
        f"{edge:8.2f} {mark * count}".rstrip() for edge, count in zip(histogram.edges(), histogram.counts)
    ]
