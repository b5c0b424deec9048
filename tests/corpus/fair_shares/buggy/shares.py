"""Who owes whom after a holiday together. Amounts are integer cents."""


def balances(friends, payments):
    """{friend: cents to get back (positive) or to pay (negative)}.

    Each payment is (payer, cents, participants); the participants share it equally,
    and the first ones take the odd cents.
    """
    result = dict.fromkeys(friends, 0)
    for payer, cents, participants in payments:
        result[payer] -= cents
        share, odd = divmod(cents, len(participants))
        for index, friend in enumerate(participants):
            result[friend] += share + (1 if index < odd else 0)
    return result


def settle(balance):
    """Transfers (debtor, creditor, cents) that bring all balances to zero.

    The one who owes most pays first, to the one who gets most.
    """
    open_sums = {friend: cents for friend, cents in balance.items() if cents}
    transfers = []
    while open_sums:
        debtor = min(open_sums, key=open_sums.get)
        creditor = max(open_sums, key=open_sums.get)
        cents = min(-open_sums[debtor], open_sums[creditor])
        transfers.append((debtor, creditor, cents))
        open_sums[debtor] += cents
        open_sums[creditor] -= cents
        open_sums = {friend: rest for friend, rest in open_sums.items() if rest}
    return transfers
