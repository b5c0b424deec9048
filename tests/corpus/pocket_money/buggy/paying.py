"""Counts in how many ways an amount can be paid."""


def ways(amount, coins):
    """Number of combinations of coins (each available without limit) for the amount.

    The order of coins does not matter; paying nothing is one way.
    """
    if amount == 0:
        return 1
    if amount < 0 or not coins:
        return 0
    largest, *smaller = sorted(coins, reverse=True)
    return ways(amount - largest, smaller) + ways(amount, smaller)


def fewest(amount, coins):
    """The smallest number of coins that pays the amount, None if impossible."""
    best = [0] + [None] * amount
    for part in range(1, amount + 1):
        counts = [best[part - coin] for coin in coins if coin <= part and best[part - coin] is not None]
        best[part] = 1 + min(counts) if counts else None
    return best[amount]
