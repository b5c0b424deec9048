from decimal import Decimal

from invoice import Line, print_invoice, tax_by_rate, totals
from money import round_cents, show


def test_half_a_cent_is_rounded_up():
    assert round_cents(Decimal("0.125")) == Decimal("0.13")
    assert round_cents(Decimal("0.135")) == Decimal("0.14")


def test_show():
    assert show(Decimal("1234567.5")) == "1 234 567.50"


def test_line():
    line = Line("Nails", Decimal("4.99"), Decimal("2.5"))
    assert (line.net, line.tax, line.gross) == (Decimal("12.48"), Decimal("2.50"), Decimal("14.98"))


def test_tax_of_half_a_cent():
    assert Line("Stamp", Decimal("0.50"), tax_percent=Decimal(5)).tax == Decimal("0.03")


def test_totals():
    lines = [Line("A", Decimal(10)), Line("B", Decimal(5), Decimal(3), Decimal(10))]
    assert totals(lines) == (Decimal(25), Decimal("3.50"), Decimal("28.50"))
    assert tax_by_rate(lines) == {Decimal(10): Decimal("1.50"), Decimal(20): Decimal(2)}


def test_print():
    assert print_invoice([Line("A", Decimal(1000))]) == "A: 1 200.00\nTotal: 1 200.00"
