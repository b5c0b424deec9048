"""Plans how a loan is paid back. All amounts are whole cents, rates are basis points a year."""

from dataclasses import dataclass

BASIS_POINTS = 10_000
MONTHS = 12


@dataclass(frozen=True)
class Instalment:
    month: int
    interest: int
    principal: int
    balance: int

    @property
    def payment(self):
        return self.interest + self.principal


def monthly_interest(balance, rate):
    """Interest for one month, rounded down in favour of the customer."""
    return balance * rate // (BASIS_POINTS * MONTHS)


def plan(amount, rate, payment):
    """The instalments that pay a loan back.

    Every month the same payment is made, except for the last one: it covers what is left of the loan
    with its interest, and no more.
    """
    instalments = []
    balance = amount
    while balance > 0:
        interest = monthly_interest(balance, rate)
        principal = payment - interest
        if principal <= 0:
            raise ValueError("the payment does not even cover the interest")
        if principal > balance:
            principal = balance
        balance -= principal
        instalments.append(Instalment(len(instalments) + 1, interest, principal, balance))
    return instalments


def total_interest(instalments):
    return sum(instalment.interest for instalment in instalments)


def total_paid(instalments):
    return sum(instalment.payment for instalment in instalments)
