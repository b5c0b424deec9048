"""The bots of a household."""

from bots import Bot, action


class PoliteBot(Bot):
    @action("hello")
    def greet(self, rest):
        return f"Hello, {rest or self.owner}!"


class KitchenBot(PoliteBot):
    def __init__(self, owner):
        super().__init__(owner)
        self.shopping = []

    @action("buy")
    def note(self, rest):
        self.shopping.append(rest)
        return f"{len(self.shopping)} to buy"


class ButlerBot(PoliteBot):
    @action("hello")
    def bow(self, rest):
        return f"Good evening, {rest or self.owner}."
