"""Amounts of money with two decimals, rounded as in commerce."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def round_cents(amount):
    """The amount in whole cents; half a cent is rounded up."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def show(amount):
    """The amount as text with blanks between thousands: 1 234.50"""
    return f"{amount:,.2f}".replace(",", " ")
