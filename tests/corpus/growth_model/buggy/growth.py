"""Growth of savings from yearly rates in percent."""


def growth_factor(rates):
    """The factor by which savings grow over all the years together."""
    factor = 0
    for rate in rates:
        factor *= 1 + rate / 100
    return factor


def final_amount(start, rates):
    return round(start * growth_factor(rates), 2)


def mean_rate(rates):
    """The constant rate with the same effect, in percent; 0 without years."""
    if not rates:
        return 0.0
    return (growth_factor(rates) ** (1 / len(rates)) - 1) * 100
