"""None, empty, key, index and division guards."""

from __future__ import annotations

from operator_check import check_proposals

from tracemend.repair.propose.site import Observed


def test_returns_early_for_what_was_seen_to_be_none() -> None:
    check_proposals(
        "guard-leave",
        """
        def name_of(user):
            name = user.name  # <-
            return name.title()
        """,
        offers=['if user is None:\nreturn ""', "if user is None:\nreturn\n"],
        never=["if name"],
        observed={"user": Observed(("NoneType", "User"))},
    )


def test_skips_empty_items_in_a_loop() -> None:
    check_proposals(
        "guard-leave",
        """
        def firsts(words):
            found = []
            for word in words:
                found.append(word.strip()[0])  # <-
            return found
        """,
        offers=["if not word:\ncontinue\n"],
        at_most=150,
    )


def test_raises_what_the_test_waits_for() -> None:
    check_proposals(
        "guard-raise",
        """
        def deposit(amount, balance):
            return balance + amount  # <-
        """,
        offers=["if amount <= 0:\nraise ValueError(", "if amount < 0:\nraise ValueError("],
        never=["raise TypeError"],
        observed={"amount": Observed(("int",))},
        error="Failed: DID NOT RAISE <class 'ValueError'>",
    )


def test_gives_a_parameter_its_default() -> None:
    check_proposals(
        "guard-default",
        '''
        def collect(item, found=None):
            """Collect."""
            found.append(item)  # <-
            return found
        ''',
        offers=["if found is None:\nfound = []"],
        never=['"""Collect."""\nfound = {}'],
    )


def test_wraps_a_statement_and_keeps_its_comment() -> None:
    check_proposals(
        "guard-wrap",
        """
        def mean(total, count):
            share = 0
            # The share of each.
            share = total / count  # <-
            return share
        """,
        offers=["# The share of each.\nif count:\nshare = total / count"],
        never=["if count:\nreturn"],
    )


def test_creates_a_missing_key() -> None:
    snippet = """
        def group(pairs):
            groups = {}
            for key, value in pairs:
                groups[key].append(value)  # <-
            return groups
    """
    check_proposals("guard-key", snippet, offers=["if key not in groups:\ngroups[key] = []"], never=["= 0"])
    check_proposals(
        "guard-get", snippet, offers=["groups.setdefault(key, []).append(value)"], error="KeyError: 1"
    )


def test_reads_a_key_with_a_default_but_leaves_positions_alone() -> None:
    check_proposals(
        "guard-get",
        """
        def count(words, word):
            total = words[word] + len(word[0])  # <-
            return total
        """,
        offers=["words.get(word, 0)"],
        never=["word.get(0"],
        error="KeyError: 'a'",
    )


def test_falls_back_inside_a_return() -> None:
    check_proposals(
        "guard-expression",
        """
        def mean(values):
            return sum(values) / len(values)  # <-
        """,
        offers=["return (sum(values) / len(values)) if values else 0"],
        never=["if len else"],
        error="ZeroDivisionError: division by zero",
    )


def test_a_list_grows_before_the_store() -> None:
    check_proposals(
        "guard-grow",
        """
        def count(values):
            counts = []
            for value in values:
                counts[value] += 1  # <-
            return counts
        """,
        offers=["while len(counts) <= value:\ncounts.append(0)\ncounts[value] += 1"],
        error="IndexError: list index out of range",
    )
    check_proposals("guard-grow", "xs[0] = 1  # <-", at_most=0)


def test_a_descriptor_answers_for_the_class_with_itself() -> None:
    check_proposals(
        "guard-leave",
        """
        class Field:
            def __get__(self, instance, owner=None):
                return instance.__dict__[self.name]  # <-
        """,
        offers=["if instance is None:\nreturn self"],
        error="AttributeError: 'NoneType' object has no attribute '__dict__'",
    )


def test_nothing_is_taken_that_is_not_there() -> None:
    check_proposals(
        "guard-overdraw",
        """
        def pay(bank, payer, cents):
            bank[payer] -= cents  # <-
        """,
        offers=[
            'if bank[payer] < cents:\nraise ValueError("bank[payer] < cents")',
            "if bank[payer] < cents:\nreturn",
        ],
        error="Failed: DID NOT RAISE <class 'ValueError'>",
    )
    check_proposals("guard-overdraw", "def f(x):\n    x += 1  # <-", at_most=0)


def test_both_levels_are_read_with_get() -> None:
    check_proposals(
        "guard-get",
        "def city(user):\n    return user['address']['city']  # <-",
        offers=["user['address'].get('city')", "user.get('address', {}).get('city')"],
        error="KeyError: 'address'",
    )


def test_a_guard_that_leaves_as_the_next_line_does_is_none() -> None:
    check_proposals(
        "missing-early-return",
        """
        def same(first, second):
            return first == second  # <-
        """,
        offers=["if not first:\n    return False"],
        never=["return first == second\n    return first == second"],
    )
