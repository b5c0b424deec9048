"""A prepaid card for the canteen. All amounts are cents."""


class NotEnoughMoney(Exception):
    def __init__(self, missing):
        super().__init__(f"{missing} cents are missing")
        self.missing = missing


class Card:
    LIMIT = 10_000

    def __init__(self, balance=0):
        self.balance = balance
        self.history = []

    def top_up(self, cents):
        """Load the card, but never above the limit."""
        if cents <= 0:
            raise ValueError("a positive amount is needed")
        if self.balance + cents > self.LIMIT:
            raise ValueError(f"the card holds at most {self.LIMIT}")
        self.balance += cents
        self.history.append(cents)

    def pay(self, cents):
        """Pay from the card; NotEnoughMoney says how much is missing."""
        if cents <= 0:
            raise ValueError("a positive amount is needed")
        if cents > self.balance:
            raise NotEnoughMoney(cents - self.balance)
        self.balance -= cents
        self.history.append(-cents)

    def spent(self):
        return -sum(amount for amount in self.history if amount < 0)
