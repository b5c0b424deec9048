"""Orders of customers."""

from catalog import Catalog, Product

SHOP = Catalog([Product("cup", 250, 600), Product("plate", 300, 750), Product("jug", 900, 1800)])


class Order:
    def __init__(self, catalog=SHOP):
        self.catalog = catalog
        self.lines = {}

    def add(self, code, quantity=1):
        """Put something into the order; unknown codes raise KeyError."""
        if code not in self.catalog:
            raise KeyError(code)
        self.lines[code] = self.lines.get(code, 0) + quantity

    def total(self):
        """What the customer pays."""
        return sum(self.catalog[code].price * quantity for code, quantity in self.lines.items())

    def profit(self):
        return sum(self.catalog[code].margin * quantity for code, quantity in self.lines.items())
