"""Patterns of coloured beads in short: `3r12g` means three red beads and twelve green ones.

A colour is a letter; a single bead needs no count.
"""

from itertools import groupby

COLOURS = {"r": "red", "g": "green", "b": "blue", "w": "white"}


class PatternError(ValueError):
    """A pattern that cannot be read."""


def encode(row):
    """The short form of a row of beads."""
    parts = []
    for colour, beads in groupby(row):
        count = len(list(beads))
        parts.append(colour if count == 1 else f"{count}{colour}")
    return "".join(parts)


def decode(pattern):
    """The row of beads that a pattern stands for."""
    row = []
    count = 0
    for character in pattern:
        if character.isdigit():
            count = count * 10 + int(character)
        elif character in COLOURS:
            row.append(character * (count or 1))
            count = 0
        else:
            raise PatternError(f"no colour is called {character!r}")
    if count:
        raise PatternError("a count without a colour at the end")
    return "".join(row)


def shopping_list(patterns):
    """How many beads of each colour some patterns take."""
    beads = "".join(decode(pattern) for pattern in patterns)
    return {name: beads.count(letter) for letter, name in COLOURS.items() if letter in beads}
