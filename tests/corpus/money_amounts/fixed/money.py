"""Amounts of money with a currency."""

from functools import total_ordering


@total_ordering
class Money:
    """Amounts of different currencies are never equal and cannot be ordered."""

    def __init__(self, cents, currency="EUR"):
        self.cents = cents
        self.currency = currency

    def __eq__(self, other):
        if not isinstance(other, Money):
            return NotImplemented
        return (self.cents, self.currency) == (other.cents, other.currency)

    def __lt__(self, other):
        if not isinstance(other, Money) or other.currency != self.currency:
            return NotImplemented
        return self.cents < other.cents

    def __hash__(self):
        return hash((self.cents, self.currency))

    def __add__(self, other):
        """Adding zero is fine, so that sum() works."""
        if other == 0:
            return self
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return Money(self.cents + other.cents, self.currency)

    __radd__ = __add__

    def __repr__(self):
        return f"{self.cents / 100:.2f} {self.currency}"
