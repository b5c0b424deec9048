"""Carries, ties, stale values and companions: logic that depends on a second quantity."""

from __future__ import annotations

from operator_check import check_proposals


def test_minutes_are_carried_into_hours() -> None:
    check_proposals(
        "carry-over",
        """
        class Shift:
            def __init__(self, hours, minutes):
                self.hours = hours
                self.minutes = minutes

            def extend(self, minutes):
                self.minutes += minutes  # <-

            def total(self):
                return self.hours * 60 + self.minutes
        """,
        offers=[
            "self.minutes += minutes\nself.hours += self.minutes // 60\nself.minutes %= 60",
            "self.minutes += minutes\nself.minutes %= 60",
        ],
    )
    check_proposals("carry-over", "def f(total, x):\n    total += x  # <-\n    return total", at_most=0)


def test_ties_are_decided_by_another_attribute() -> None:
    check_proposals(
        "check-ties",
        """
        class Runner:
            def __init__(self, time, number):
                self.time = time
                self.number = number

            def __lt__(self, other):
                return self.time < other.time  # <-
        """,
        offers=["return (self.time, self.number) < (other.time, other.number)"],
    )


def test_a_value_is_computed_after_what_it_depends_on() -> None:
    snippet = """
    def settle(self, paid):
        open_sum = self.total - len(self.items)  # <-
        self.items.append(paid)
        print(paid)
        return open_sum
    """
    check_proposals(
        "move-stale",
        snippet,
        offers=[
            "self.items.append(paid)\nprint(paid)\nopen_sum = self.total - len(self.items)\nreturn open_sum"
        ],
    )
    check_proposals("move-stale", snippet.replace("self.items.append(paid)", "print()"), at_most=0)


def test_what_was_bound_together_starts_afresh_together() -> None:
    snippet = """
    def packs(weights, limit):
        found = []
        pack = []
        weight = 0
        for one in weights:
            if weight + one > limit:
                found.append(pack)
                pack = []  # <-
            pack.append(one)
            weight += one
        return [*found, pack]
    """
    check_proposals("reset-beside", snippet, offers=["pack = []\nweight = 0\npack.append"], at_most=1)
    check_proposals("reset-beside", snippet.replace("pack = []  # <-", "pack = [one]  # <-"), at_most=0)


def test_a_filter_asks_what_is_collected() -> None:
    check_proposals(
        "comprehension-same",
        "def words(text):\n    return [one.strip() for one in text.split(',') if one]  # <-",
        offers=["[one.strip() for one in text.split(',') if one.strip()]"],
        at_most=1,
    )


def test_a_mean_divides_by_what_was_added() -> None:
    check_proposals(
        "comprehension-mean",
        "def mean(xs):\n    return sum(x for x in xs if x is not None) / len(xs)  # <-",
        offers=["/ sum(1 for x in xs if x is not None)"],
        at_most=1,
    )


def test_bits_are_cleared_and_not_toggled() -> None:
    check_proposals(
        "augmented-operator",
        "def off(lamp, bit):\n    lamp.bits ^= bit  # <-\n    return lamp.bits & 1",
        offers=["lamp.bits &= ~bit"],
    )
    check_proposals("augmented-operator", "def f(a, b):\n    a -= b  # <-", never=["&= ~"])


def test_the_refined_value_is_used_in_all_that_follows() -> None:
    check_proposals(
        "everywhere-refined",
        """
        def shares(amounts):
            positive = [one for one in amounts if one > 0]  # <-
            if not amounts:
                return []
            return [one / sum(amounts) for one in positive]
        """,
        offers=["if not positive:\nreturn []\nreturn [one / sum(positive) for one in positive]"],
        at_most=1,
    )


def test_an_item_is_normalised_before_it_is_looked_at() -> None:
    check_proposals(
        "missing-item-form",
        """
        def names(rows):
            found = []
            for row in rows:
                if row != "":  # <-
                    found.append(row.strip())
            return found
        """,
        offers=['row = row.strip()\nif row != "":'],
    )
    check_proposals("missing-item-form", "for n in range(3):\n    x = n\n    y = n - x  # <-", at_most=0)


def test_months_are_counted_from_one() -> None:
    check_proposals(
        "carry-over",
        "def later(year, month, count):\n    month += count  # <-\n    return year, month",
        offers=["month += count\nyear += (month - 1) // 12\nmonth = (month - 1) % 12 + 1"],
    )
