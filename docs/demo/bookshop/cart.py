"""A shopping cart."""

from bookshop.pricing import apply_coupon, line_total


class Cart:
    """Books by title, with their price in cents and the number of copies."""

    def __init__(self):
        self.lines = {}

    def add(self, title, price, copies=1):
        """Put `copies` of a book into the cart, on top of those that are there."""
        _, already = self.lines.get(title, (price, 0))
        self.lines[title] = (price, already + copies)

    def remove(self, title, copies=1):
        """Take `copies` out; the line goes when no copy is left."""
        price, left = self.lines[title]
        if left > copies:
            self.lines[title] = (price, copies)
        else:
            del self.lines[title]

    def total(self, coupon=None):
        """What everything costs."""
        total = sum(line_total(price, copies) for price, copies in self.lines.values())
        return apply_coupon(total, coupon)
