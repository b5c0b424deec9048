from decimal import Decimal

from invoice import Line, print_invoice, tax_by_rate, totals


def tax(net, percent):
    return Line("x", Decimal(net), tax_percent=Decimal(percent)).tax


def test_half_cents_after_even_and_odd_cents():
    assert tax("0.10", 5) == Decimal("0.01")
    assert tax("0.30", 5) == Decimal("0.02")
    assert tax("0.50", 5) == Decimal("0.03")
    assert tax("0.90", 5) == Decimal("0.05")


def test_not_quite_half_a_cent():
    assert tax("0.09", 5) == Decimal("0.00")
    assert tax("0.49", 5) == Decimal("0.02")
    assert tax("0.51", 5) == Decimal("0.03")
    assert tax("1.00", "7.7") == Decimal("0.08")


def test_tax_has_two_decimals():
    assert str(tax("10", 20)) == "2.00"
    assert str(tax("0", 20)) == "0.00"
    assert str(tax("0.45", 10)) == "0.05"


def test_credit_notes_mirror_invoices():
    assert tax("-0.50", 5) == Decimal("-0.03")
    assert Line("back", Decimal("-0.50"), tax_percent=Decimal(5)).gross == Decimal("-0.53")


def test_lines_are_rounded_before_they_are_added():
    lines = [Line("x", Decimal("0.25"), tax_percent=Decimal(10))] * 4
    assert totals(lines) == (Decimal("1.00"), Decimal("0.12"), Decimal("1.12"))
    assert tax_by_rate(lines) == {Decimal(10): Decimal("0.12")}


def test_no_lines():
    assert totals([]) == (0, 0, 0)
    assert print_invoice([]) == "Total: 0.00"
