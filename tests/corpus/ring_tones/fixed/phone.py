"""The call history of a phone: latest call first, bounded, without repetitions in a row."""

from collections import Counter, deque


class History:
    def __init__(self, size=5):
        self.size = size
        self.calls = deque()

    def add(self, number):
        """Note a call; a number that is already in front is not repeated."""
        if self.calls and self.calls[0] == number:
            return
        self.calls.appendleft(number)
        while len(self.calls) > self.size:
            self.calls.pop()

    def latest(self):
        return self.calls[0] if self.calls else None

    def favourite(self):
        """The most frequent number; among equals the latest."""
        return Counter(self.calls).most_common(1)[0][0] if self.calls else None
