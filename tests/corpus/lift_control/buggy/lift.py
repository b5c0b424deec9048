"""The control of a small lift as a state machine."""


class Lift:
    """Floors 0..top; the lift moves one floor per tick with its door closed."""

    def __init__(self, top):
        self.top = top
        self.floor = 0
        self.door_open = False
        self.requests = []

    def request(self, floor):
        """Ask for a floor; floors that do not exist raise ValueError."""
        if not 0 <= floor <= self.top:
            raise ValueError(f"no floor {floor}")
        if floor not in self.requests:
            self.requests.append(floor)

    def tick(self):
        """One step: close the door, or drive towards the oldest request, or open there."""
        if not self.requests:
            return "idle"
        target = self.requests[0]
        if target == self.floor:
            self.requests.pop(0)
            self.door_open = True
            return "open"
        self.floor += 1 if target > self.floor else -1
        return f"at {self.floor}"

    def run(self, ticks):
        return [self.tick() for _ in range(ticks)]
