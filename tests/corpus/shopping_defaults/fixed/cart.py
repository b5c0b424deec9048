"""A shopping cart with a note of coupons."""


class Cart:
    def __init__(self, owner, items=[]):
        """A cart starts empty unless some (name, price) items are given."""
        self.owner = owner
        self.items = list(items)
        self.coupons = {}

    def add(self, name, price):
        self.items.append((name, price))
        return self

    def apply_coupon(self, code, percent):
        """Each code counts once; the discounts add up to at most one half."""
        self.coupons[code] = percent

    def total(self):
        full = sum(price for _, price in self.items)
        discount = min(50, sum(self.coupons.values()))
        return full - full * discount // 100
