from datetime import date

import pytest
from loans import Loan


def test_due_date():
    assert Loan("Momo", date(2024, 2, 1)).due() == date(2024, 2, 29)


def test_renewals_are_limited():
    loan = Loan("Momo", date(2024, 2, 1), renewals=2)
    with pytest.raises(ValueError):
        loan.renew()


def test_renewal_is_counted():
    loan = Loan("Momo", date(2024, 2, 1))
    loan.renew()
    assert loan.renewals == 1


def test_fee():
    loan = Loan("Momo", date(2024, 2, 1))
    assert loan.fee(date(2024, 3, 8)) == 200
