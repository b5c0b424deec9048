"""Adds up the lines of an invoice. Every amount on it is a whole number of cents."""

from dataclasses import dataclass
from decimal import Decimal

from money import round_cents, show


@dataclass(frozen=True)
class Line:
    text: str
    price: Decimal
    quantity: Decimal = Decimal(1)
    tax_percent: Decimal = Decimal(20)

    @property
    def net(self):
        return round_cents(self.price * self.quantity)

    @property
    def tax(self):
        return (self.net * self.tax_percent / 100).quantize(Decimal("0.01"))

    @property
    def gross(self):
        return self.net + self.tax


def totals(lines):
    """Net amount, tax and gross amount of all lines."""
    net = sum((line.net for line in lines), Decimal(0))
    tax = sum((line.tax for line in lines), Decimal(0))
    return net, tax, net + tax


def tax_by_rate(lines):
    """The tax of all lines with the same percentage, the lowest percentage first."""
    taxes = {}
    for line in sorted(lines, key=lambda line: line.tax_percent):
        taxes[line.tax_percent] = taxes.get(line.tax_percent, Decimal(0)) + line.tax
    return taxes


def print_invoice(lines):
    rows = [f"{line.text}: {show(line.gross)}" for line in lines]
    return "\n".join([*rows, f"Total: {show(totals(lines)[2])}"])
