from datetime import date

from loans import Loan


def loan(renewals=0):
    return Loan("Momo", date(2023, 12, 4), renewals)


def test_due_dates():
    assert loan().due() == date(2024, 1, 1)
    assert loan(1).due() == date(2024, 1, 15)
    assert loan(2).due() == date(2024, 1, 29)


def test_fees():
    assert loan().fee(date(2023, 12, 24)) == 0
    assert loan().fee(date(2024, 1, 1)) == 0
    assert loan().fee(date(2024, 1, 2)) == 100
    assert loan().fee(date(2024, 1, 8)) == 100
    assert loan().fee(date(2024, 1, 9)) == 200


def test_renewal_moves_the_due_date():
    renewed = loan()
    renewed.renew()
    assert renewed.fee(date(2024, 1, 8)) == 0
    renewed.renew()
    assert renewed.due() == date(2024, 1, 29)
