"""Recursion and assignments."""

from __future__ import annotations

from operator_check import check_proposals

from tracemend.repair.propose.site import Observed


def test_adds_a_base_case() -> None:
    check_proposals(
        "recursion-base",
        """
        def depth(tree):
            return 1 + max(depth(tree.left), depth(tree.right))  # <-
        """,
        offers=["if tree is None:\nreturn 0"],
        never=["if tree <= 0"],
        observed={"tree": Observed(("Node", "NoneType"))},
        error="RecursionError: maximum recursion depth exceeded",
    )


def test_adds_no_base_case_without_recursion() -> None:
    check_proposals("recursion-base", "def f(n):\n    return n  # <-", at_most=0)


def test_changes_the_recursive_argument() -> None:
    check_proposals(
        "recursion-step",
        """
        def total(xs):
            if not xs:
                return 0
            return xs[0] + total(xs)  # <-
        """,
        offers=["total(xs[1:])"],
        never=["total(xs // 2)"],
        observed={"xs": Observed(("list",))},
    )


def test_uses_a_lost_recursive_result() -> None:
    check_proposals(
        "recursion-use",
        """
        def flat(xs):
            out = []
            for x in xs:
                if isinstance(x, list):
                    flat(x)  # <-
            return out
        """,
        offers=["out.extend(flat(x))", "return flat(x)"],
        never=["out.add(flat(x))"],
    )
    check_proposals(
        "recursion-use",
        "def length(xs):\n    if not xs:\n        return 0\n    return length(xs[1:])  # <-",
        offers=["return 1 + length(xs[1:])"],
        never=["return [xs]"],
    )


def test_goes_on_when_a_recursive_search_finds_nothing() -> None:
    check_proposals(
        "recursion-both",
        """
        def find(node, key):
            for child in node.children:
                return find(child, key)  # <-
        """,
        offers=["found = find(child, key)\nif found is not None:\nreturn found"],
        at_most=2,
    )


def test_keeps_the_result_of_pure_methods() -> None:
    check_proposals("assign-result", "def f(s):\n    s.strip()  # <-\n    return s", offers=["s = s.strip()"])
    check_proposals("assign-result", "def f(a):\n    a == 1  # <-\n    return a", offers=["a = 1"], at_most=1)


def test_assigns_to_another_name() -> None:
    check_proposals(
        "assign-target",
        """
        class A:
            def __init__(self):
                self.total = 0

            def set(self, total):
                total = total + 1  # <-
        """,
        offers=["self.total = total + 1"],
        never=["self.set ="],
    )


def test_assigns_at_once() -> None:
    check_proposals(
        "assign-together",
        "def f(a, b):\n    a = b  # <-\n    b = a % b\n    return a",
        offers=["a, b = b, a % b\nreturn a"],
        at_most=1,
    )


def test_changes_the_order_of_a_joint_assignment() -> None:
    check_proposals(
        "assign-order",
        "def f(a, b):\n    a, b = b, a + b  # <-\n    return a",
        offers=["b, a = b, a + b", "a = b\nb = a + b"],
        at_most=3,
    )


def test_recurses_into_nested_items() -> None:
    check_proposals(
        "recursion-nested",
        """
        def flat(xs):
            for x in xs:
                yield x  # <-
        """,
        offers=["if isinstance(x, list):\nyield from flat(x)\nelse:\nyield x"],
        never=["yield from flat(xs)"],
        observed={"x": Observed(("int", "list"))},
    )
