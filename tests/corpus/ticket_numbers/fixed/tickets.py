"""Waiting numbers at a counter: A001, A002, ..."""


class Dispenser:
    """Hands out numbers from 1 to `last`, then starts again with 1."""

    def __init__(self, letter="A", last=999):
        self.letter = letter
        self.last = last
        self.number = 0

    def next_ticket(self):
        self.number = self.number % self.last + 1
        ticket = f"{self.letter}{self.number:03d}"
        return ticket

    def reset(self):
        self.number = 0


class Counter:
    """Calls the tickets of a dispenser in order."""

    def __init__(self, dispenser):
        self.dispenser = dispenser
        self.queue = []

    def arrive(self):
        ticket = self.dispenser.next_ticket()
        self.queue.append(ticket)
        return ticket

    def call(self):
        return self.queue.pop(0) if self.queue else None
