"""Keeps the best few results of a running competition."""


class Podium:
    """The `places` best times, fastest first.

    Runners with equal times stay in the order in which they finished
    the race, so nobody is pushed down by a tie.
    """

    def __init__(self, places=3):
        self.places = places
        self.results = []

    def report(self, runner, seconds):
        """Enter a result; returns the place reached (1 = first) or None."""
        position = 0
        while position < len(self.results) and self.results[position][1] < seconds:
            position += 1
        if position >= self.places:
            return None
        self.results.insert(position, (runner, seconds))
        del self.results[self.places :]
        return position + 1

    def names(self):
        return [runner for runner, _ in self.results]
