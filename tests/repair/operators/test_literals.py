"""Literals and displays."""

from __future__ import annotations

from operator_check import check_proposals, proposals


def test_integers() -> None:
    check_proposals("integer", "x = a + 1  # <-", offers=[f"x = a + {one}" for one in (0, 2, -1)])
    check_proposals("integer", "x = a * 60  # <-", offers=["x = a * 3600", "x = a * 24", "x = a * 59"])
    check_proposals("integer", "x = 0x0f  # <-", offers=["x = 0x10"])
    check_proposals("integer", "x = -1  # <-", offers=["x = -2"], never=["x = --1"])
    check_proposals("integer", "x = True  # <-", at_most=0)


def test_reals_truth_and_empty_containers() -> None:
    check_proposals("real-number", "x = 0.1  # <-", offers=["x = 0.01", "x = 1", "x = -0.1", "x = 0.9"])
    check_proposals("real-number", "x = float('inf')  # <-", offers=['x = float("-inf")', "x = 0"])
    check_proposals("truth-value", "x = True  # <-", offers=["x = False"])
    check_proposals("truth-value", "x = None  # <-", offers=["x = []", "x = 0", "x = False"])
    check_proposals("empty-container", "x = []  # <-", offers=["x = {}", "x = set()"], never=["x = []  # <-"])
    check_proposals("empty-container", "x = defaultdict(int)  # <-", offers=["x = defaultdict(list)"])


def test_defaults_of_parameters_are_literals_too() -> None:
    check_proposals("truth-value", "def f(a, b=True):  # <-\n    pass\n", offers=["def f(a, b=False):"])


def test_literals_of_the_file_and_of_the_tests() -> None:
    check_proposals("literal-of-file", "y = 77\nx = 5  # <-", offers=["x = 77"])
    check_proposals(
        "literal-of-test", "x = 'a'  # <-", test_literals=["'b'", "3"], offers=["x = 'b'"], never=["x = 3"]
    )
    check_proposals("literal-and-name", "def f(n):\n    return 0  # <-\n", offers=["return n"])
    check_proposals("literal-and-name", "def f(n):\n    return n  # <-\n", offers=["return 0", "return None"])


def test_elements() -> None:
    check_proposals("element-order", "x = (a, b)  # <-", offers=["x = (b, a)"])
    check_proposals("element-order", "return_ = a, b  # <-", offers=["return_ = b, a"])
    check_proposals("element-dropped", "x = [a, b, c]  # <-", offers=["x = [a, c]"])
    check_proposals("element-dropped", "x = (a, b)  # <-", offers=["x = (a,)", "x = b"])
    check_proposals("element-added", "x = ['a']  # <-", test_literals=["'b'"], offers=["x = ['a', 'b']"])
    check_proposals("element-added", "return n in (11, 12)  # <-", offers=["return n in (11, 12, 13)"])
    check_proposals("element-added", "return n in (1, 3)  # <-", never=["return n in (1, 3, 4)"])
    check_proposals("missing-comma", "x = ['a' 'b', 'c']  # <-", offers=["x = ['a', 'b', 'c']"])
    check_proposals("missing-comma", "x = ['a', 'b']  # <-", at_most=0)


def test_dicts() -> None:
    check_proposals(
        "dict-items", "x = {'a': b, 'c': d}  # <-", offers=["x = {'a': d, 'c': b}", "x = {'c': d}"]
    )
    check_proposals("dict-items", "x = {**a, **b}  # <-", offers=["x = {**b, **a}"])


def test_the_docstring_tells_the_order_of_a_pair() -> None:
    snippet = """
        def turnover(a, b):
            \"\"\"Return {0}.\"\"\"
            return a, b  # <-
        """
    swapped, silent, documented = (
        proposals("element-order", snippet.format(words))[0][2] for words in ("(b, a)", "both", "(a, b)")
    )
    assert swapped < silent < documented


def test_ties_are_broken_by_a_counter() -> None:
    check_proposals(
        "element-added",
        """
        class Queue:
            def __init__(self):
                self.pushed = 0

            def push(self, priority, item):
                self.heap.append((priority, item))  # <-
                self.pushed += 1
        """,
        offers=["self.heap.append((priority, self.pushed, item))"],
    )


def test_the_negative_of_an_element() -> None:
    check_proposals("element-added", "x = (1,)  # <-", offers=["x = (-1, 1)", "x = (1, -1)"])
