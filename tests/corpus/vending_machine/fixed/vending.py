"""A vending machine that knows its coins (in cents)."""

COINS = [200, 100, 50, 20, 10]


class Vending:
    def __init__(self, prices, coins=None):
        self.prices = prices
        self.coins = {coin: 0 for coin in COINS}
        self.coins.update(coins or {})
        self.credit = 0

    def insert(self, coin):
        if coin not in self.coins:
            raise ValueError(f"unknown coin {coin}")
        self.coins[coin] += 1
        self.credit += coin

    def change_for(self, amount):
        """The coins that make up the amount, largest first, or None."""
        result = []
        for coin in COINS:
            available = self.coins[coin]
            while available > 0 and coin <= amount:
                result.append(coin)
                available -= 1
                amount -= coin
        return result if amount == 0 else None

    def sell(self, item):
        """Sell an item and return the change; None when that is impossible."""
        price = self.prices[item]
        if self.credit < price:
            return None
        change = self.change_for(self.credit - price)
        if change is None:
            return None
        for coin in change:
            self.coins[coin] -= 1
        self.credit = 0
        return change
