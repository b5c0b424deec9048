"""Loops and accumulators."""

from __future__ import annotations

from operator_check import check_proposals

from tracemend.repair.propose.site import Observed


def test_exchanges_if_and_while() -> None:
    check_proposals(
        "loop-keyword",
        "def f(n):\n    if n > 1:  # <-\n        n -= 1\n    return n",
        offers=["while n > 1:"],
    )
    check_proposals(
        "loop-keyword",
        "def f(n):\n    while n > 1:  # <-\n        n -= 1\n    return n",
        offers=["if n > 1:", "while True:"],
    )


def test_advances_the_index() -> None:
    check_proposals(
        "loop-advance",
        """
        def find(xs, x):
            i = 0
            while i < len(xs):  # <-
                if xs[i] == x:
                    return i
            return -1
        """,
        offers=["return i\ni += 1\nreturn -1"],
        never=["xs = xs[1:]\nreturn i"],
    )


def test_follows_the_links_that_the_file_follows() -> None:
    check_proposals(
        "loop-advance",
        """
        def length(node):
            count = 0
            while node is not None:  # <-
                count += 1
            return count

        def last(node):
            return node.next
        """,
        offers=["count += 1\nnode = node.next"],
        never=["node = node.parent"],
    )


def test_changes_the_step() -> None:
    check_proposals(
        "loop-step",
        "def f(i):\n    while i:\n        i += 1  # <-\n    return i",
        offers=["i -= 1", "i += 2"],
        never=["i /= 1"],
    )


def test_swaps_and_counts_targets() -> None:
    check_proposals("loop-target", "for k, v in d:  # <-\n    print(k)", offers=["for v, k in d:"], at_most=1)
    check_proposals(
        "loop-target",
        "for x in [1]:  # <-\n    print(i, x)",
        offers=["for i, x in enumerate([1]):"],
        at_most=1,
    )


def test_iterates_over_a_copy_of_what_the_loop_changes() -> None:
    snippet = """
        def f(xs):
            for x in xs:  # <-
                if x:
                    xs.remove(x)
    """
    check_proposals("loop-iterable", snippet, offers=["for x in list(xs):"], never=["for x in xs.remove"])


def test_counts_from_one() -> None:
    check_proposals(
        "loop-iterable", "for i, x in enumerate(xs):  # <-\n    pass", offers=["enumerate(xs, 1)"]
    )


def test_starts_afresh_in_each_round() -> None:
    check_proposals(
        "loop-reset",
        """
        def sums(rows):
            out = []
            total = 0
            for row in rows:  # <-
                for x in row:
                    total += x
                out.append(total)
            return out
        """,
        offers=["for row in rows:\ntotal = 0\nfor x in row"],
        never=["for row in rows:\nrows"],
    )


def test_starts_once_before_the_loop() -> None:
    snippet = """
        def total(xs):
            for x in xs:
                result = 0  # <-
                result += x
            return result
    """
    check_proposals("loop-reset", snippet, offers=["result = 0\nfor x in xs:"], at_most=1)
    check_proposals("loop-drop-reset", snippet, offers=["for x in xs:\nresult += x"], at_most=1)


def test_repeats_a_statement_while_a_condition_holds() -> None:
    check_proposals(
        "loop-limit",
        "def f(n, m):\n    n = n - m  # <-\n    return n",
        offers=["while n > 0:\nn = n - m"],
        never=["while m > 0:"],
        observed={"n": Observed(("int",)), "m": Observed(("int",))},
    )


def test_starts_a_running_maximum_low_enough() -> None:
    check_proposals(
        "accumulate-start",
        """
        def top(xs):
            best = 0  # <-
            for x in xs:
                if x > best:
                    best = x
            return best
        """,
        offers=['best = float("-inf")', "best = xs[0]"],
        never=["best = []"],
    )


def test_accumulates_instead_of_overwriting() -> None:
    check_proposals(
        "accumulate-update",
        "def f(xs):\n    t = 0\n    for x in xs:\n        t = x  # <-\n    return t",
        offers=["t += x", "t = max(t, x)"],
        never=["t.append(x)"],
    )


def test_extends_instead_of_appending() -> None:
    check_proposals(
        "accumulate-update",
        "def f(out, x):\n    out.append(x)  # <-",
        offers=["out.extend(x)"],
        never=["out += x"],
    )


def test_updates_what_is_never_updated() -> None:
    check_proposals(
        "accumulate-missing",
        """
        def count(xs):
            n = 0
            for x in xs:  # <-
                if x > 1:
                    print(x)
            return n
        """,
        offers=["print(x)\nn += 1"],
        never=["x += 1"],
    )


def test_remembers_the_previous_item() -> None:
    check_proposals(
        "accumulate-previous",
        """
        def steps(xs):
            previous = 0
            for x in xs:
                yield x - previous  # <-
        """,
        offers=["yield x - previous\nprevious = x"],
        never=["xs = x"],
    )


def test_marks_as_seen() -> None:
    check_proposals(
        "accumulate-mark",
        """
        def unique(xs):
            seen = set()
            out = []
            for x in xs:
                if x not in seen:
                    out.append(x)  # <-
            return out
        """,
        offers=["out.append(x)\nseen.add(x)"],
    )


def test_stores_in_the_memo() -> None:
    check_proposals(
        "accumulate-mark",
        """
        def fib(n, memo):
            if n in memo:
                return memo[n]
            return fib(n - 1, memo) + 1  # <-
        """,
        never=["memo[n] = n"],
        offers=["memo[n] = fib(n - 1, memo) + 1\nreturn memo[n]"],
    )


def test_remembers_the_previous_node() -> None:
    check_proposals(
        "accumulate-previous",
        """
        def reverse(node):
            before = None
            while node:
                following = node.next
                node.next = before
                node = following  # <-
            return before
        """,
        offers=["before = node\nnode = following"],
        never=["node = before"],
    )


def test_updates_an_attribute_that_nobody_updates() -> None:
    check_proposals(
        "accumulate-attribute",
        """
        class Mean:
            def __init__(self):
                self.count = 0
                self.total = 0

            def add(self, x):
                self.total += x  # <-
        """,
        offers=["self.total += x\nself.count += 1"],
        never=["self.total += 1"],
    )
