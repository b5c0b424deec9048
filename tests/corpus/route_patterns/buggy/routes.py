"""Matches the paths of addresses with patterns such as `/users/<name>/posts/<int:number>`."""

from __future__ import annotations

from dataclasses import dataclass


def segments(path: str) -> list[str]:
    """The parts of a path between its slashes; slashes at both ends do not matter."""
    stripped = path.strip("/")
    return stripped.split("/") if stripped else []


@dataclass(frozen=True)
class Route:
    pattern: str
    handler: str

    def match(self, path: str) -> dict[str, str | int] | None:
        """The values of the pattern's variables, or None if the path does not match."""
        expected = segments(self.pattern)
        actual = segments(path)
        values: dict[str, str | int] = {}
        for want, have in zip(expected, actual):
            if want.startswith("<int:"):
                if not have.isdigit():
                    return None
                values[want[5:-1]] = int(have)
            elif want.startswith("<"):
                values[want[1:-1]] = have
            elif want != have:
                return None
        return values
