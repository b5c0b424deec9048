"""Indices, slices and ranges that are off by one or run the wrong way."""

from __future__ import annotations

from operator_check import check_proposals

from tracemend.repair.propose.site import Observed


def test_indices() -> None:
    check_proposals("index-offset", "x = a[i]  # <-", offers=["x = a[i - 1]", "x = a[i + 1]", "x = a[-i]"])
    check_proposals("index-offset", "x = a[i + 1]  # <-", offers=["x = a[i]", "x = a[i + 2]"])
    check_proposals("index-offset", "x = a[0]  # <-", offers=["x = a[-1]", "x = a[1]"])
    check_proposals("index-offset", "a[i] = x  # <-", offers=["a[i - 1] = x"])
    check_proposals("index-offset", "x = a['k']  # <-", at_most=0)


def test_elements_and_slices() -> None:
    check_proposals("index-or-slice", "x = a[i]  # <-", offers=["x = a[i:]", "x = a[:i]", "x = a[i + 1:]"])
    check_proposals("index-or-slice", "x = a[i:]  # <-", offers=["x = a[i]"])


def test_slice_bounds() -> None:
    check_proposals(
        "slice-bound",
        "x = a[:n]  # <-",
        offers=[
            "x = a[:n + 1]",
            "x = a[:n - 1]",
            "x = a[n:]",
            "x = a[:]",
            "x = a[1:n]",
            "x = a[:-n]",
            "x = a[:n:-1]",
        ],
    )
    check_proposals("slice-bound", "x = a[::-1]  # <-", offers=["x = a[:]", "x = a[::1]", "x = a[1::-1]"])
    check_proposals(
        "slice-bound", "x = a[1:]  # <-", offers=["x = a[0:]", "x = a[2:]", "x = a[:1]", "x = a[1:-1]"]
    )
    check_proposals("slice-bound", "a[i:j] = b  # <-", offers=["a[i:j + 1] = b"])


def test_a_part_of_a_sequence() -> None:
    check_proposals(
        "sequence-slice", "x = f(a)  # <-", offers=["x = f(a[1:])", "x = f(a[:-1])", "x = f(a)[::-1]"]
    )
    check_proposals("sequence-slice", "x = a  # <-", observed={"a": Observed(("int",))}, at_most=0)


def test_ranges() -> None:
    check_proposals(
        "range-bound",
        """
        def f(n, start):
            for i in range(n):  # <-
                pass
        """,
        offers=[
            f"for i in range({one}):"
            for one in ("n + 1", "n - 1", "1, n", "1, n + 1", "n - 1, -1, -1", "start, n", "start + 1, n")
        ],
    )
    check_proposals(
        "range-bound",
        "for i in range(1, len(a) - 1):  # <-\n    pass\n",
        offers=[
            "for i in range(1, len(a)):",
            "for i in range(0, len(a) - 1):",
            "for i in range(2, len(a) - 1):",
        ],
    )
    check_proposals(
        "range-bound",
        "for i in range(n, 0, -1):  # <-\n    pass\n",
        offers=["for i in range(n, -1, -1):", "for i in range(n - 1, 0, -1):", "for i in range(n, 0):"],
        never=["for i in range(n, 0, 0):"],
    )
    check_proposals("range-of-length", "x = range(n)  # <-", offers=["x = range(len(n))"])
    check_proposals("range-of-length", "x = range(len(n))  # <-", offers=["x = n"])


def test_subscripts_in_the_wrong_order() -> None:
    check_proposals("subscript-order", "x = a[i][j]  # <-", offers=["x = a[j][i]", "x = a[j]", "x = a[i]"])
    check_proposals("subscript-order", "a[i, j] = x  # <-", offers=["a[j, i] = x"])


def test_an_element_of_a_container() -> None:
    check_proposals(
        "subscript-missing", "def f(xs, i):\n    return g(xs)  # <-\n", offers=["return g(xs[i])"]
    )
    check_proposals(
        "subscript-missing",
        "def f(n, i):\n    return n  # <-\n",
        observed={"n": Observed(("int",))},
        at_most=0,
    )


def test_room_is_left_for_the_mark_behind_a_slice() -> None:
    check_proposals("slice-bound", "x = text[:limit] + '...'  # <-", offers=["x = text[:limit - 3] + '...'"])
    check_proposals("slice-bound", "x = text[:limit]  # <-", never=["limit - 3"])
