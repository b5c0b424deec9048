"""Boxes around the pictures of a game; x grows to the right and y grows downwards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def area(self) -> int:
        return self.width * self.height

    def moved(self, dx: int, dy: int) -> Box:
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def common(self, other: Box) -> Box | None:
        """The part that both boxes cover, or None if they do not overlap."""
        left = min(self.left, other.left)
        top = max(self.top, other.top)
        right = min(self.right, other.right)
        bottom = min(self.bottom, other.bottom)
        if left >= right or top >= bottom:
            return None
        return Box(left, top, right, bottom)

    def around(self, other: Box) -> Box:
        """The smallest box that covers both boxes."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


def collisions(boxes: dict[str, Box]) -> list[tuple[str, str]]:
    """The pairs of names whose boxes overlap."""
    names = sorted(boxes)
    return [
        (one, other)
        for index, one in enumerate(names)
        for other in names[index + 1 :]
        if boxes[one].common(boxes[other]) is not None
    ]
