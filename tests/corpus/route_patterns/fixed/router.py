"""Finds who answers a request."""

from __future__ import annotations

from routes import Route


class Router:
    def __init__(self) -> None:
        self._routes: list[Route] = []

    def add(self, pattern: str, handler: str) -> None:
        """Let a handler answer all paths of a pattern; patterns added earlier come first."""
        self._routes.append(Route(pattern, handler))

    def resolve(self, path: str) -> tuple[str, dict[str, str | int]]:
        """The handler for a path and the values found in it, or ("not_found", {})."""
        for route in self._routes:
            values = route.match(path)
            if values is not None:
                return route.handler, values
        return "not_found", {}
