"""Sales figures."""


def monthly(sales):
    """Sum (month, amount) pairs, which come in order of time, into one pair a month."""
    totals = []
    current, amount = None, 0
    for month, value in sales:
        if month != current:
            if current is not None:
                totals.append((current, amount))
            current, amount = month, 0
        amount += value
    return totals


def best_month(sales):
    """The month with the highest sum, None without sales."""
    totals = monthly(sales)
    if not totals:
        return None
    return max(totals, key=lambda pair: pair[1])[0]
