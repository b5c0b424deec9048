"""Simulates a rain-water tank with an inlet and a small leak."""


class Tank:
    def __init__(self, capacity, level=0.0, leak=0.0):
        self.capacity = capacity
        self.level = level
        self.leak = leak  # litres lost per minute

    def step(self, inflow, minutes=1):
        """Let water in for some minutes; the level stays within the tank."""
        net = inflow - self.leak
        self.level = max(0.0, min(self.capacity, self.level + net * minutes))
        return self.level

    def minutes_until_full(self, inflow, limit=10_000):
        """Whole minutes until the tank is full, or None if it never fills."""
        trial = Tank(self.capacity, self.level, self.leak)
        for minute in range(limit):
            if trial.level >= trial.capacity:
                return minute
            trial.step(inflow)
        return None
