import pytest

from loanplan import monthly_interest, plan, total_interest, total_paid


def test_interest():
    assert monthly_interest(120_000, 500) == 500
    assert monthly_interest(119, 500) == 0


def test_without_interest():
    instalments = plan(3000, 0, 1000)
    assert [entry.balance for entry in instalments] == [2000, 1000, 0]


def test_first_month():
    first = plan(120_000, 500, 10_500)[0]
    assert (first.interest, first.principal, first.balance) == (500, 10_000, 110_000)


def test_small_last_instalment():
    instalments = plan(2500, 0, 1000)
    assert [entry.payment for entry in instalments] == [1000, 1000, 500]


def test_everything_is_paid_back():
    instalments = plan(120_000, 500, 10_500)
    assert instalments[-1].balance == 0
    assert total_paid(instalments) == 120_000 + total_interest(instalments)


def test_payment_is_too_small():
    with pytest.raises(ValueError):
        plan(120_000, 500, 500)
