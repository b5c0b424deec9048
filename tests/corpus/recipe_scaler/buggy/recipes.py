"""Scales recipes to another number of portions."""

from fractions import Fraction


def parse_ingredient(line):
    """('flour', 1/2) for the line '1/2 flour'."""
    amount, name = line.split(maxsplit=1)
    return name, Fraction(amount)


class Recipe:
    def __init__(self, portions, lines):
        self.portions = portions
        self.ingredients = (parse_ingredient(line) for line in lines)

    def scaled(self, portions):
        """{ingredient: amount} for so many portions."""
        factor = Fraction(portions, self.portions)
        return {name: amount * factor for name, amount in self.ingredients}

    def shopping_list(self, portions, pantry=()):
        """Lines for the things that are not in the pantry, in order of the recipe."""
        return [f"{amount} {name}" for name, amount in self.scaled(portions).items() if name not in pantry]
