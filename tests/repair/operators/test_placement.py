"""Statements moved, removed, doubled and inserted from donors."""

from __future__ import annotations

from operator_check import check_proposals, proposals


def test_swaps_neighbours() -> None:
    check_proposals(
        "move-swap",
        """
        def fib(n):
            a, b = 0, 1
            for _ in range(n):
                a = b  # <-
                b = a + b
            return a
        """,
        offers=["b = a + b\na = b"],
        at_most=1,
    )


def test_moves_the_last_statement_of_a_loop_behind_it() -> None:
    check_proposals(
        "move-out",
        """
        def f(xs):
            out = []
            for x in xs:
                out.append(x)
                out.sort()  # <-
            return out
        """,
        offers=["out.append(x)\nout.sort()\nreturn out"],
        at_most=1,
    )


def test_moves_a_statement_into_the_loop_above() -> None:
    snippet = """
        def f(xs):
            total = 0
            for x in xs:
                y = x * 2
            total += y  # <-
            return total
    """
    check_proposals("move-in", snippet, offers=["    y = x * 2\n    total += y\nreturn"], at_most=1)


def test_moves_within_a_block_but_not_behind_its_return() -> None:
    check_proposals(
        "move-far",
        """
        def f(x):
            x += 1  # <-
            y = x * 2
            z = y + x
            return z
        """,
        offers=["z = y + x\nx += 1\nreturn z"],
        never=["return z\nx += 1"],
    )


def test_puts_what_follows_a_loop_into_its_else() -> None:
    check_proposals(
        "move-rest",
        """
        def has(xs, y):
            for x in xs:  # <-
                if x == y:
                    found = True
                    break
            found = False
            return found
        """,
        offers=["break\nelse:\nfound = False\nreturn found"],
        at_most=1,
    )


def test_takes_code_out_of_else() -> None:
    check_proposals(
        "move-else",
        """
        def f(xs):
            for x in xs:
                print(x)
            else:
                return 1  # <-
        """,
        offers=["print(x)\nreturn 1"],
        at_most=1,
    )


def test_unwraps_a_condition_and_keeps_comments() -> None:
    check_proposals(
        "move-unwrap",
        """
        def f(x):
            if x > 1:  # <-
                # Grow.
                x += 1
                x *= 2
            return x
        """,
        offers=["def f(x):\n    x += 1\n    x *= 2\n    return x"],
        at_most=1,
    )


def test_removes_a_statement_but_leaves_no_empty_block() -> None:
    check_proposals(
        "remove-statement",
        "def f(x):\n    if x:\n        x += 1  # <-\n    return x",
        offers=["if x:\npass\nreturn"],
    )
    check_proposals(
        "remove-statement", "def f(x):\n    x += 1  # <-\n    return x", offers=["def f(x):\nreturn x"]
    )


def test_removes_an_else() -> None:
    check_proposals(
        "remove-else",
        """
        def f(x):
            if x:  # <-
                x = 1
            else:
                x = 2
            return x
        """,
        offers=["x = 1\nreturn x"],
        at_most=1,
    )


def test_does_a_call_twice() -> None:
    check_proposals(
        "duplicate-statement", "def f(x):\n    x.pop()  # <-", offers=["x.pop()\nx.pop()"], at_most=1
    )


def test_inserts_a_donor_of_the_same_function() -> None:
    check_proposals(
        "insert-donor",
        """
        def f(xs, seen):
            for x in xs:
                if x > 1:
                    seen.add(x)
                else:
                    print(x)  # <-
        """,
        offers=["else:\nseen.add(x)\nprint(x)", "print(x)\nseen.add(x)"],
        never=["print(x)\nprint(x)"],
    )


def test_replaces_the_unknown_name_of_a_donor() -> None:
    check_proposals(
        "insert-donor",
        """
        def g(item, log):
            log.append(item)

        def f(value, log):
            print(value)  # <-
        """,
        offers=["log.append(value)\nprint(value)"],
        never=["log.append(item)\nprint"],
    )


def test_inserts_the_twin() -> None:
    check_proposals(
        "insert-twin",
        """
        class Box:
            def __init__(self, left, right):
                self.left = left  # <-

            def width(self):
                return self.right - self.left
        """,
        offers=["self.left = left\nself.right = right"],
        at_most=2,
    )


def test_a_branch_changes_places_with_the_next() -> None:
    check_proposals(
        "move-branch",
        """
        if a:  # <-
            x = 1
        elif b:
            x = 2
        else:
            x = 3
        """,
        offers=["if b:\nx = 2\nelif a:\nx = 1\nelse:", "if a:\nx = 2\nelif b:\nx = 1\nelse:"],
    )


def test_neighbouring_statements_go_together() -> None:
    check_proposals(
        "remove-run",
        """
        def f(x):
            a = x + 1
            b = a  # <-
            a = 2
            return a
        """,
        offers=["a = x + 1\nreturn a"],
        at_most=1,
    )


def test_a_statement_that_overwrites_what_nothing_has_read_goes_first() -> None:
    snippet = """
    def f(xs):
        low = min(xs)
        {between}
        low = max(xs)  # <-
        return low
    """
    (dead,) = proposals("remove-statement", snippet.format(between="high = max(xs)"))
    (read,) = proposals("remove-statement", snippet.format(between="high = low"))
    assert dead[2] < read[2]


def test_a_run_may_read_what_it_overwrites() -> None:
    snippet = """
    def f(xs):
        low = [x for x in xs if x < 0]
        high = [x for x in xs if x > 0]
        high = [x for x in low if x > 0]  # <-
        low = [x for x in {source} if x < 0]
        return low, high
    """
    assert proposals("remove-run", snippet.format(source="high"))[0][2] < 2
    assert proposals("remove-run", snippet.format(source="low"))[0][2] > 2
