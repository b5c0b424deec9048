"""Fastest ways through a city, by Dijkstra's algorithm."""

from __future__ import annotations

import heapq

from city import City


def fastest(city: City, start: str, end: str) -> tuple[int, list[str]] | None:
    """The minutes that the fastest way takes and the places along it, or None if no way leads there."""
    minutes = {start: 0}
    came_from: dict[str, str] = {}
    heap = [(0, start)]
    while heap:
        so_far, place = heapq.heappop(heap)
        if place == end:
            return so_far, path_to(end, came_from)
        if so_far > minutes[place]:
            continue
        for neighbour, duration in city.neighbours(place).items():
            arrival = so_far + duration
            if neighbour not in minutes or arrival < minutes[neighbour]:
                minutes[neighbour] = arrival
                came_from[neighbour] = place
                heapq.heappush(heap, (arrival, neighbour))
    return None


def path_to(place: str, came_from: dict[str, str]) -> list[str]:
    path = [place]
    while path[-1] in came_from:
        path.append(came_from[path[-1]])
    return path[::-1]


def describe(city: City, start: str, end: str) -> str:
    """The fastest way as text for a courier."""
    found = fastest(city, start, end)
    if found is None:
        return f"no way from {start} to {end}"
    minutes, path = found
    return f"{' - '.join(path)} ({minutes} min)"
