"""State that must start afresh."""

from __future__ import annotations

from operator_check import check_proposals


def test_a_group_starts_afresh_after_it_was_handed_on() -> None:
    check_proposals(
        "reset-after-handover",
        """
        def groups(lines):
            result = []
            group, size = [], 0
            for line in lines:
                if line:
                    group.append(line)
                else:
                    result.append((group, size))  # <-
            return result
        """,
        offers=["result.append((group, size))\ngroup = []", "result.append((group, size))\nsize = 0"],
        never=["line = "],
    )
    check_proposals(
        "reset-after-handover", "def f(xs):\n    total = 0\n    print(total)  # <-\n    return xs", at_most=0
    )


def test_an_attribute_goes_back_to_its_first_value() -> None:
    check_proposals(
        "reset-attribute",
        """
        class Watch:
            def __init__(self, name):
                self.name = name
                self.laps = []
                self.total = 0

            def reset(self):
                self.laps = []  # <-
        """,
        offers=["self.laps = []\nself.total = 0"],
        never=["self.laps = []\nself.laps = []", "self.name = name\nself.laps = []\nself.name"],
    )


def test_success_resets_what_failures_count() -> None:
    check_proposals(
        "reset-attribute",
        """
        class Door:
            def __init__(self):
                self.failures = 0

            def enter(self, code):
                if code != 1234:
                    self.failures += 1
                    return False
                return True  # <-
        """,
        offers=["self.failures = 0\nreturn True"],
    )


def test_a_new_action_empties_the_other_book() -> None:
    check_proposals(
        "reset-book",
        """
        class History:
            def __init__(self):
                self.done = []
                self.undone = []

            def do(self, action):
                self.done.append(action)  # <-
        """,
        offers=["self.done.append(action)\nself.undone.clear()"],
        never=["self.done.clear()"],
    )
