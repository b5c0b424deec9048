"""Simulates the tills of a shop. All times are minutes after opening."""

from __future__ import annotations

import heapq
from dataclasses import dataclass


@dataclass(frozen=True)
class Customer:
    name: str
    arrival: int
    items: int


@dataclass(frozen=True)
class Visit:
    name: str
    waited: int
    left_at: int


MINUTES_TO_PAY = 1
ITEMS_PER_MINUTE = 5


def service_time(items: int) -> int:
    """Minutes at the till: one to pay and one for every five items begun."""
    return MINUTES_TO_PAY + -(-items // ITEMS_PER_MINUTE)


def simulate(customers: list[Customer], tills: int = 1) -> list[Visit]:
    """The visits in order of arrival; everybody takes the till that becomes free first."""
    free_times = [0] * tills
    visits = []
    for customer in sorted(customers, key=lambda customer: customer.arrival):
        free_at = heapq.heappop(free_times)
        start = max(customer.arrival, free_at)
        end = start + service_time(customer.items)
        heapq.heappush(free_times, end)
        visits.append(Visit(customer.name, start - customer.arrival, end))
    return visits


def longest_wait(visits: list[Visit]) -> int:
    return max((visit.waited for visit in visits), default=0)


def tills_needed(customers: list[Customer], patience: int) -> int:
    """The least number of tills with which nobody waits longer than `patience`."""
    tills = 1
    while longest_wait(simulate(customers, tills)) > patience:
        tills += 1
    return tills
