"""Operators, operands, their order, grouping and signs."""

from __future__ import annotations

from operator_check import check_proposals

from tracemend.repair.propose.site import Observed


def test_operator_swaps_keep_the_grouping() -> None:
    check_proposals(
        "arithmetic-operator",
        "x = (a + b) * c  # <-",
        offers=["x = (a - b) * c", "x = a + b + c", "x = (a + b) // c", "x = (a + b) ** c"],
    )
    check_proposals("arithmetic-operator", "x = a // b  # <-", offers=["x = a / b", "x = a % b", "x = a * b"])
    check_proposals("arithmetic-operator", "x = a << b  # <-", offers=["x = a >> b"])
    check_proposals("arithmetic-operator", "x = a & b  # <-", offers=["x = a | b", "x = a ^ b", "x = a - b"])


def test_text_is_not_subtracted() -> None:
    check_proposals("arithmetic-operator", "x = a + 'b'  # <-", offers=["x = a * 'b'"], never=["x = a - 'b'"])
    check_proposals("arithmetic-operator", "x = 'a %s' % b  # <-", at_most=0)


def test_augmented_operators() -> None:
    check_proposals("augmented-operator", "x += y  # <-", offers=["x -= y", "x *= y"], never=["x = y"])
    check_proposals("augmented-operator", "x[i] //= y  # <-", offers=["x[i] /= y", "x[i] %= y"])
    check_proposals("augmented-operator", "x = y  # <-", at_most=0)


def test_operand_order() -> None:
    check_proposals("operand-order", "x = a - b * c  # <-", offers=["x = b * c - a"], never=["c * b"])
    check_proposals("operand-order", "x = a ** -b  # <-", offers=["x = (-b) ** a"])
    check_proposals("operand-order", "x = a + 'b'  # <-", offers=["x = 'b' + a"])


def test_association() -> None:
    check_proposals("association", "x = a + b * c  # <-", offers=["x = (a + b) * c"])
    check_proposals("association", "x = (a + b) / 2  # <-", offers=["x = a + (b / 2)"])
    check_proposals("association", "x = a + b + c / 3  # <-", offers=["x = (a + b + c) / 3"])
    check_proposals("association", "x = a - b - c  # <-", offers=["x = a - (b - c)"])
    check_proposals("association", "x = -a // b  # <-", offers=["x = -(a // b)"])
    check_proposals("association", "x = a + b + c  # <-", at_most=0)


def test_signs() -> None:
    check_proposals("sign", "x = -a  # <-", offers=["x = a", "x = ~a"])
    check_proposals("sign", "x = f(a)  # <-", offers=["x = -f(a)", "x = f(-a)"])
    check_proposals("sign", "x = a & b  # <-", offers=["x = a & ~b"])
    check_proposals("sign", "x = a  # <-", observed={"a": Observed(("list",))}, at_most=0)


def test_operands_dropped_and_added() -> None:
    check_proposals("dropped-operand", "x = (a + b) * c  # <-", offers=["x = a + b", "x = c", "x = a * c"])
    check_proposals(
        "added-operand",
        """
        def f(a, b):
            return max(a, 0)  # <-
        """,
        offers=[
            "return max(a, 0) + 1",
            "return max(a, 0) - 1",
            "return max(a, 0) + b",
            "return max(a, 0) % b",
        ],
        never=["return max(a, 0) + f"],
    )
    check_proposals("added-operand", "x = a  # <-", observed={"a": Observed(("dict",))}, at_most=0)


def test_rounding_of_divisions() -> None:
    check_proposals("rounding-of-division", "x = int(a / b)  # <-", offers=["x = a // b"])
    check_proposals(
        "rounding-of-division", "x = a // b  # <-", offers=["x = -(-a // b)", "x = (a + b - 1) // b"]
    )
    check_proposals("rounding-of-division", "x = sum(a)  # <-", offers=["x = sum(a) / len(a)"])
    check_proposals("rounding-of-division", "x = int(a)  # <-", at_most=0)


def test_what_is_compared_may_be_subtracted() -> None:
    check_proposals(
        "added-operand",
        """
        def take(self, title, copies):
            price, left = self.lines[title]
            if copies > left:
                raise ValueError(title)
            self.lines[title] = (price, copies)  # <-
        """,
        offers=["(price, left - copies)", "(price, copies - left)", "(price, copies + left)"],
        never=["(price, title - copies)"],
        observed={"title": Observed(("str",))},
    )


def test_wraps_around_as_elsewhere_in_the_file() -> None:
    check_proposals(
        "added-operand",
        """
        def opposite(course):
            return (course + 180) % 360

        def label(course):
            return "%s degrees" % course

        def turn(course, degrees):
            return course + degrees  # <-
        """,
        offers=["return (course + degrees) % 360"],
        never=["(course + degrees) % course"],
    )


def test_what_was_taken_off_is_put_back() -> None:
    check_proposals(
        "added-operand",
        "def shift(c, by):\n    return chr((ord(c) - 97 + by) % 26)  # <-",
        offers=["return chr((ord(c) - 97 + by) % 26 + 97)"],
    )
    check_proposals(
        "added-operand",
        "def scale(x, low, high):\n    return x * (high - low)  # <-",
        offers=["return x * (high - low) + low"],
    )


def test_the_operand_in_the_middle_is_dropped() -> None:
    check_proposals(
        "dropped-operand",
        "x = (-1) ** 2 * len(xs)  # <-",
        offers=["x = (-1) ** len(xs)", "x = -1 * len(xs)"],
    )
