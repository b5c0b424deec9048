"""Finds the menus that can be put together for a price."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dish:
    name: str
    price: int
    course: str


COURSES = ("starter", "main", "dessert")


def menus(dishes: list[Dish], budget: int) -> list[list[Dish]]:
    """All menus with one dish of every course that cost no more than the budget.

    Dishes are tried in the order given, course after course, and a branch is left as soon as it gets too
    expensive.
    """
    found: list[list[Dish]] = []
    chosen: list[Dish] = []

    def choose(course_number: int, left: int) -> None:
        if course_number == len(COURSES):
            found.append(list(chosen))
            return
        for dish in dishes:
            if dish.course == COURSES[course_number] and dish.price <= left:
                chosen.append(dish)
                choose(course_number + 1, left - dish.price)
                chosen.pop()

    choose(0, budget)
    return found


def price(menu: list[Dish]) -> int:
    return sum(dish.price for dish in menu)


def best_menu(dishes: list[Dish], budget: int) -> list[str]:
    """The names of the dearest menu within the budget; the first one of several, or [] if there is none."""
    candidates = menus(dishes, budget)
    if not candidates:
        return []
    return [dish.name for dish in max(candidates, key=price)]
