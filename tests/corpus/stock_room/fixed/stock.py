"""A stock room that delivers what it has and remembers what it owes."""


class StockRoom:
    def __init__(self, levels):
        self.levels = dict(levels)
        self.back_orders = []

    def restock(self, item, quantity):
        self.levels[item] = self.levels.get(item, 0) + quantity

    def deliver(self, item, quantity):
        """Hand out up to `quantity` pieces; the rest becomes a back order.

        Returns the number of pieces that were handed out. The stock never
        falls below zero.
        """
        available = self.levels.get(item, 0)
        delivered = min(quantity, available)
        self.levels[item] = available - delivered
        if delivered < quantity:
            self.back_orders.append((item, quantity - delivered))
        return delivered

    def serve_back_orders(self):
        """Try the back orders again, oldest first."""
        waiting, self.back_orders = self.back_orders, []
        return [(item, self.deliver(item, quantity)) for item, quantity in waiting]
