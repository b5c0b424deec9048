"""Missing guards, clauses, branches, corrections, and what a loop leaves behind."""

from __future__ import annotations

from operator_check import check_proposals, proposals

from tracemend.repair.propose.site import Observed

INTEGER = Observed(("int",))


def test_returns_early() -> None:
    check_proposals(
        "missing-early-return",
        """
        def power(base, exponent):
            return base * power(base, exponent - 1)  # <-
        """,
        offers=["if exponent == 0:\nreturn 1", "if exponent <= 0:\nreturn 1"],
        never=["if base.isdigit()"],
        observed={"base": INTEGER, "exponent": INTEGER},
        at_most=150,
    )


def test_a_test_literal_may_be_the_answer() -> None:
    check_proposals(
        "missing-early-return",
        "def name(n):\n    return str(n)  # <-",
        offers=['if n == 0:\nreturn "zero"'],
        observed={"n": INTEGER},
        test_literals=['"zero"'],
    )


def test_skips_items() -> None:
    check_proposals(
        "missing-skip",
        """
        def parse(lines):
            seen = set()
            out = []
            for line in lines:
                out.append(line.strip())  # <-
            return out
        """,
        offers=["if not line:\ncontinue", "if line in seen:\ncontinue\nseen.add(line)"],
        never=["if line in seen:\nreturn"],
    )


def test_adds_branches() -> None:
    check_proposals(
        "missing-branch",
        """
        def sign(x):
            if x > 0:  # <-
                return 1
            return -1
        """,
        offers=["elif x == 0:\nreturn 0"],
        never=["elif x > 0:"],
    )
    check_proposals(
        "missing-branch",
        """
        def depth(text):
            level = 0
            for c in text:
                if c == "(":  # <-
                    level += 1
            return level
        """,
        offers=["else:\nlevel -= 1"],
        never=["else:\nlevel += 1"],
    )


def test_adds_a_clause_before_the_else() -> None:
    check_proposals(
        "missing-else",
        """
        def f(x, low):
            if x > 10:  # <-
                y = 1
            else:
                y = 2
            return y
        """,
        offers=["elif x == 0:\ny = 0\nelse:"],
        never=["else:\nelif"],
    )


def test_adds_the_branch_of_the_other_side() -> None:
    check_proposals(
        "missing-twin-branch",
        """
        def walk(node):
            if node.left:  # <-
                walk(node.left)
            print(node.right)
        """,
        offers=["walk(node.left)\nif node.right:\nwalk(node.right)"],
        at_most=2,
    )


def test_normalises_parameters() -> None:
    check_proposals(
        "missing-normalisation",
        "def gcd(a, b):\n    return a % b  # <-",
        offers=["a = abs(a)\nreturn", "if a < b:\na, b = b, a\nreturn"],
        never=["a = a.strip()"],
    )


def test_corrects_results() -> None:
    check_proposals(
        "missing-correction",
        """
        def digits(n):
            out = []
            while n:
                out.append(n % 10)
                n //= 10
            return out  # <-
        """,
        offers=["return out[::-1]"],
        never=["return out.strip()"],
    )


def test_corrects_a_local_under_a_condition() -> None:
    check_proposals(
        "missing-conditional-value",
        "def f(n, k):\n    n = n - k\n    return n  # <-",
        offers=["if n < 0:\nn = 0\nreturn n"],
        never=["if n < 0:\nk = 0"],
    )


def test_hands_on_the_last_group() -> None:
    check_proposals(
        "flush-after-loop",
        """
        def groups(xs):
            out, group = [], []
            for x in xs:  # <-
                if x == 0:
                    out.append(group)
                    group = []
                else:
                    group.append(x)
            return out
        """,
        offers=["if group:\nout.append(group)\nreturn out", "group.append(x)\nout.append(group)\nreturn"],
        never=["group = []\nreturn out"],
    )


def test_adds_the_rest_of_both_inputs() -> None:
    check_proposals(
        "flush-rest",
        """
        def merge(left, right):
            i, j, out = 0, 0, []
            while i < len(left) and j < len(right):  # <-
                if left[i] < right[j]:
                    out.append(left[i])
                    i += 1
                else:
                    out.append(right[j])
                    j += 1
            return out
        """,
        offers=["out.extend(left[i:])\nout.extend(right[j:])\nreturn out"],
        never=["left.extend"],
    )


def test_settles_the_running_maximum() -> None:
    check_proposals(
        "flush-last-compare",
        """
        def longest(xs):
            best, run = 0, 0
            for x in xs:  # <-
                if x:
                    run += 1
                else:
                    best = max(best, run)
                    run = 0
            return best
        """,
        offers=["run = 0\nbest = max(best, run)\nreturn best"],
        at_most=12,
    )


def test_leaves_at_the_end_of_a_round() -> None:
    check_proposals(
        "missing-loop-exit",
        """
        def balanced(text):
            depth = 0
            for c in text:
                depth += 1 if c == "(" else -1  # <-
            return depth == 0
        """,
        offers=["if depth < 0:\nreturn False\nreturn depth == 0"],
        never=["if text"],
    )


def test_compares_with_the_other_bracket_or_raises() -> None:
    check_proposals(
        "missing-branch",
        """
        def depth(text):
            level = 0
            for c in text:
                if c == "(":  # <-
                    level += 1
            return level
        """,
        offers=['elif c == ")":\nlevel -= 1'],
        never=['elif c == "(":'],
    )
    check_proposals(
        "missing-branch",
        "def area(shape, a):\n    if shape == 1:  # <-\n        return a",
        offers=["else:\nraise ValueError("],
        error="Failed: DID NOT RAISE <class 'ValueError'>",
    )


def test_hands_on_the_last_group_under_the_condition_of_the_loop() -> None:
    check_proposals(
        "flush-after-loop",
        """
        def runs(row):
            result = []
            current, count = None, 0
            for stitch in row:  # <-
                if stitch == current:
                    count += 1
                    continue
                if current is not None:
                    result.append((current, count))
                current, count = stitch, 1
            return result
        """,
        offers=["if current is not None:\nresult.append((current, count))\nreturn result"],
        never=["if stitch == current:\nresult"],
    )


def test_refuses_what_a_loop_has_left() -> None:
    check_proposals(
        "flush-refuse",
        """
        class Cycle(ValueError):
            pass

        def order(needs):
            waiting = dict(needs)
            while True:  # <-
                ready = [task for task in waiting if not waiting[task]]
                if not ready:
                    break
                del waiting[ready[0]]
        """,
        offers=['if waiting:\nraise Cycle(", ".join(map(str, waiting)))'],
        never=["if needs:"],
        error="Failed: DID NOT RAISE <class 'build.Cycle'>",
    )
    check_proposals("flush-refuse", "def f(xs):\n    while xs:  # <-\n        print(xs)", at_most=0)


def test_conditions_know_blanks_lengths_and_types() -> None:
    check_proposals(
        "missing-skip",
        """
        def take(lines, limit):
            found = []
            for line in lines:
                found.append(line.strip())  # <-
            return found
        """,
        offers=["if not line.strip():\ncontinue", "if len(found) >= limit:\nbreak"],
        observed={"limit": INTEGER, "found": Observed(("list",)), "line": Observed(("str",))},
    )
    check_proposals(
        "missing-early-return",
        """
        def kind(value):
            if isinstance(value, int):  # <-
                return "number"
            return "other"
        """,
        offers=["if isinstance(value, bool):\nreturn"],
    )


def test_a_cell_is_no_neighbour_of_itself() -> None:
    check_proposals(
        "missing-skip",
        """
        def around(row, col):
            found = []
            for r in (row - 1, row, row + 1):
                for c in (col - 1, col, col + 1):
                    found.append((r, c))  # <-
            return found
        """,
        offers=["if (r, c) == (row, col):\ncontinue"],
    )


def test_two_names_that_were_bound_together_are_compared_first() -> None:
    def cost(binding: str) -> float:
        snippet = f"""
            def join(self, one, other):
                {binding}
                self.parent[second] = first  # <-
                return True
            """
        found = proposals("missing-early-return", snippet)
        return min(cost for text, _, cost in found if "if first == second:" in text)

    assert cost("first, second = self.top(one), self.top(other)") < cost("first = one; second = other")
