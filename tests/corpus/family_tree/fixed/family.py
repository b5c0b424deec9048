"""Family trees: each person may have a known mother and father."""

from dataclasses import dataclass
from typing import Optional


@dataclass
class Person:
    name: str
    born: int
    mother: Optional["Person"] = None
    father: Optional["Person"] = None


def generations(person):
    """Number of known generations; nobody (None) has none."""
    if person is None:
        return 0
    return 1 + max(generations(person.mother), generations(person.father))


def ancestors(person):
    """Names of all known ancestors, mother's side first."""
    names = []
    for parent in (person.mother, person.father):
        if parent is not None:
            names.append(parent.name)
            names.extend(ancestors(parent))
    return names


def oldest(person):
    """The earliest year of birth in the tree."""
    parents = [parent for parent in (person.mother, person.father) if parent]
    return min([person.born, *(oldest(parent) for parent in parents)])
