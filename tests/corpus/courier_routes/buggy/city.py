"""A city as places with roads between them."""

from __future__ import annotations


class City:
    def __init__(self) -> None:
        self._roads: dict[str, dict[str, int]] = {}

    def add_road(self, one: str, other: str, minutes: int) -> None:
        """Add a road that can be used in both directions."""
        self._roads.setdefault(one, {})[other] = minutes
        self._roads.setdefault(other, {})[one] = minutes

    def neighbours(self, place: str) -> dict[str, int]:
        """The places next to a place, with the minutes it takes to get there."""
        return self._roads.get(place, {})
