"""A silent auction: everybody hands in bids, the highest one wins."""


class Auction:
    def __init__(self, reserve=0):
        self.reserve = reserve
        self.bids = {}

    def bid(self, bidder, amount):
        """Only the highest bid of each bidder counts."""
        self.bids[bidder] = max(amount, self.bids.get(bidder, 0))

    def winner(self):
        """Name of the highest bidder, or None below the reserve price.

        Among equal bids the one that was handed in first wins.
        """
        valid = {bidder: amount for bidder, amount in self.bids.items() if amount >= self.reserve}
        if not valid:
            return None
        return max(valid, key=valid.get)

    def ranking(self):
        return sorted(self.bids, key=lambda bidder: -self.bids[bidder])
