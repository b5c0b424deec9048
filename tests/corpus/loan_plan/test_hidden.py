import pytest

from loanplan import Instalment, plan, total_interest, total_paid


def test_nothing_to_pay():
    assert plan(0, 500, 100) == []


def test_single_instalment():
    assert plan(400, 0, 1000) == [Instalment(1, 0, 400, 0)]
    assert plan(1000, 0, 1000) == [Instalment(1, 0, 1000, 0)]
    assert plan(1001, 0, 1000)[-1] == Instalment(2, 0, 1, 0)


def test_last_instalment_has_interest_too():
    assert plan(12_000, 1000, 50_000) == [Instalment(1, 100, 12_000, 0)]
    two = plan(12_000, 1000, 10_100)
    assert two == [Instalment(1, 100, 10_000, 2000), Instalment(2, 16, 2000, 0)]
    assert two[-1].payment == 2016


def test_payment_of_exactly_the_rest():
    assert plan(12_000, 1000, 12_100) == [Instalment(1, 100, 12_000, 0)]


def test_all_but_the_last_are_equal():
    instalments = plan(500_000, 725, 31_337)
    assert {entry.payment for entry in instalments[:-1]} == {31_337}
    assert 0 < instalments[-1].payment <= 31_337
    assert sum(entry.principal for entry in instalments) == 500_000
    assert total_paid(instalments) - total_interest(instalments) == 500_000
    assert [entry.month for entry in instalments] == list(range(1, len(instalments) + 1))


def test_smallest_payment():
    with pytest.raises(ValueError):
        plan(12_000, 1000, 100)
    assert plan(12_000, 1000, 101)[0].principal == 1
