"""Loans of a small library: due dates, renewals and fees."""

from dataclasses import dataclass
from datetime import date, timedelta

LOAN_DAYS = 28
FEE_PER_WEEK = 100  # cents, for each started week


@dataclass
class Loan:
    title: str
    start: date
    renewals: int = 0

    def due(self):
        """Each renewal adds half of a loan period."""
        days = LOAN_DAYS + self.renewals * LOAN_DAYS // 2
        return self.start + timedelta(days=days)

    def renew(self):
        if self.renewals == 2:
            raise ValueError(f"{self.title} was renewed twice")
        self.renewals += 1

    def fee(self, today):
        """Nothing until the due date, then for each started week."""
        late = (today - self.due()).days
        return 0 if late <= 0 else FEE_PER_WEEK * ((late + 6) // 7)
