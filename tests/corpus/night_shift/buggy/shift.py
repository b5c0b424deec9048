"""Pay for shifts that may run over midnight, or over a whole weekend."""

from dataclasses import dataclass
from datetime import datetime

STAMP = "%Y-%m-%d %H:%M"


@dataclass
class Shift:
    begin: datetime
    end: datetime

    @classmethod
    def parse(cls, text):
        """Read '2024-03-01 22:00 / 2024-03-02 06:00'."""
        begin, end = (datetime.strptime(part.strip(), STAMP) for part in text.split("/"))
        return cls(begin, end)

    def hours(self):
        return (self.end - self.begin).seconds / 3600

    def pay(self, hourly):
        """Hours above eight are paid one and a half times."""
        hours = self.hours()
        overtime = max(0, hours - 8)
        return (hours - overtime) * hourly + overtime * hourly * 1.5
