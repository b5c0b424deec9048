"""A schedule of alarms; cancelling one is cheap because it stays in the heap."""

import heapq
import itertools


class Schedule:
    def __init__(self):
        self._heap = []
        self._cancelled = set()
        self._numbers = itertools.count()

    def add(self, time, text):
        """Returns a number that cancels the alarm."""
        number = next(self._numbers)
        heapq.heappush(self._heap, (time, number, text))
        return number

    def cancel(self, number):
        self._cancelled.add(number)

    def due(self, now):
        """Texts of all alarms up to now, in order of time and then of entry."""
        texts = []
        while self._heap and self._heap[0][0] <= now:
            _, number, text = heapq.heappop(self._heap)
            if number in self._cancelled:
                self._cancelled.discard(number)
                continue
            texts.append(text)
        return texts

    def waiting(self):
        return len(self._heap) - len(self._cancelled)
