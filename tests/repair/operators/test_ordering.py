"""Second keys, and the other half of a symmetric question."""

from __future__ import annotations

from operator_check import check_proposals


def test_another_field_decides_ties() -> None:
    check_proposals(
        "order-ties",
        """
        class Parcel:
            weight: int
            street: str

        def tour(parcels):
            return sorted(parcels, key=lambda one: one.weight)  # <-
        """,
        offers=["key=lambda one: (one.weight, one.street))", "key=lambda one: (one.street, one.weight))"],
        never=["(one.weight, one.weight)"],
    )
    check_proposals(
        "order-ties",
        'def tour(rows, town):\n    print(town["zip"])\n    return min(rows, key=lambda row: row["km"])  # <-',
        offers=["key=lambda row: (row[\"km\"], row['zip'])"],
    )
    check_proposals("order-ties", "double = lambda x: x.size  # <-", at_most=0)


def test_two_things_meet_when_each_begins_before_the_other_ends() -> None:
    check_proposals(
        "order-both-ways",
        "def collide(left, right):\n    return left[0] <= right[1]  # <-",
        offers=["return left[0] <= right[1] and right[0] <= left[1]"],
        at_most=1,
    )
    check_proposals("order-both-ways", "def f(a, b):\n    return a.x < b.x  # <-", at_most=0)
    check_proposals("order-both-ways", "def f(a, b):\n    return a.x < b.y and b.x < a.y  # <-", at_most=0)


def test_second_fields_count_where_the_first_are_equal() -> None:
    check_proposals(
        "order-lexicographic",
        "def earlier(a, b):\n    return a.day < b.day or a.hour < b.hour  # <-",
        offers=["return (a.day, a.hour) < (b.day, b.hour)"],
        at_most=1,
    )
    check_proposals("order-lexicographic", "def f(a, b):\n    return a < 3 or b > 3  # <-", at_most=0)
