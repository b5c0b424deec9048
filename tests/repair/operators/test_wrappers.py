"""Conversions, clamps, copies and defaults around an expression."""

from __future__ import annotations

from operator_check import check_proposals

from tracemend.repair.propose.site import Observed


def test_wrappers_follow_the_kind_of_value() -> None:
    text = {"a": Observed(("str",))}
    check_proposals(
        "wrapper-missing",
        "x = a  # <-",
        observed=text,
        offers=["x = a.strip()", "x = int(a)"],
        never=["abs(a)"],
    )
    numbers = {"a": Observed(("int",))}
    check_proposals(
        "wrapper-missing", "x = a  # <-", observed=numbers, offers=["x = abs(a)"], never=["a.strip()"]
    )
    check_proposals("wrapper-missing", "x = (b for b in a)  # <-", offers=["x = list((b for b in a))"])
    loop = "for b in a:  # <-\n    pass\n"
    check_proposals(
        "wrapper-missing",
        loop,
        offers=["for b in sorted(a):", "for b in a.items():", "for b in enumerate(a):"],
    )


def test_modules_are_used_only_where_imported() -> None:
    real = {"a": Observed(("float",))}
    check_proposals("wrapper-missing", "x = a  # <-", observed=real, never=["math.floor(a)"])
    check_proposals(
        "wrapper-missing", "import math\nx = a  # <-", observed=real, offers=["x = math.floor(a)"]
    )


def test_superfluous_wrappers() -> None:
    check_proposals("wrapper-superfluous", "x = int(a / b) * c  # <-", offers=["x = a / b * c"])
    check_proposals("wrapper-superfluous", "x = a.strip()  # <-", offers=["x = a"])
    check_proposals("wrapper-superfluous", "x = max(a, b)  # <-", offers=["x = a", "x = b"])
    check_proposals("wrapper-superfluous", "f(a)  # <-", at_most=0)


def test_limits_and_brackets() -> None:
    check_proposals(
        "clamp", "def f(a, top):\n    return a  # <-\n", offers=["return max(0, a)", "return min(a, top)"]
    )
    check_proposals("bracketed", "x = a + b  # <-", offers=["x = a + [b]", "x = [a] + b", "x = [a + b]"])
    check_proposals("bracketed", "x = [a]  # <-", offers=["x = a"])
    check_proposals("fallback", "for b in a:  # <-\n    pass\n", offers=["for b in a or []:"])


def test_copies_where_a_value_would_be_shared() -> None:
    check_proposals(
        "copy", "xs.append(a)  # <-", offers=["xs.append(list(a))", "xs.append(a[:])", "xs.append(a.copy())"]
    )
    check_proposals("copy", "x = a + 1  # <-", at_most=0)
    check_proposals("copy", "x = a  # <-", observed={"a": Observed(("int",))}, at_most=0)
    check_proposals("copy", "import copy\nx = a  # <-", offers=["x = copy.deepcopy(a)"])
    check_proposals("shared-rows", "x = [[0] * n] * m  # <-", offers=["x = [[0] * n for _ in range(m)]"])
    check_proposals("shared-rows", "x = [0] * n  # <-", at_most=0)
    check_proposals("shared-rows", "x = dict.fromkeys(a, [])  # <-", offers=["x = {key: [] for key in a}"])


def test_await() -> None:
    check_proposals("awaiting", "async def f():\n    x = g()  # <-\n", offers=["x = await g()"])
    check_proposals("awaiting", "async def f():\n    x = await g()  # <-\n", offers=["x = g()"])
    check_proposals("awaiting", "def f():\n    x = g()  # <-\n", at_most=0)


def test_calls_that_the_file_makes_around_other_values() -> None:
    check_proposals(
        "wrapper-of-file",
        "def clean(a):\n    return a\ndef f(a, b, xs):\n    xs.append(a)\n    y = clean(a)\n    return y + b  # <-\n",
        offers=["return y + clean(b)"],
        never=["return y + xs.append(b)"],
    )


def test_limits_are_known_by_their_names() -> None:
    check_proposals(
        "clamp",
        """
        class Heating:
            def __init__(self, lowest, low, high):
                self.low, self.high = low, high

            def set(self, degrees):
                self.degrees = degrees  # <-
        """,
        offers=["self.degrees = max(self.low, min(degrees, self.high))"],
        never=["max(self.high"],
    )
    check_proposals(
        "clamp", "def f(x, low):\n    return x  # <-", offers=["max(x, low)"], never=["min(x, high)"]
    )


def test_a_missing_parameter_has_a_default_of_its_own() -> None:
    check_proposals(
        "fallback",
        """
        DEFAULT_RETRIES = 3

        class Client:
            def __init__(self, timeout):
                self.timeout = timeout

            def get(self, path, timeout=None, retries=None):
                return fetch(path, timeout, retries)  # <-
        """,
        offers=[
            "fetch(path, self.timeout if timeout is None else timeout, retries)",
            "fetch(path, timeout or self.timeout, retries)",
            "fetch(path, timeout, retries or DEFAULT_RETRIES)",
        ],
        never=["path or self.timeout"],
    )


def test_a_text_is_stripped_before_it_is_read() -> None:
    check_proposals(
        "receiver-normalised",
        "x = line.split(',')  # <-",
        offers=["x = line.strip().split(',')", "x = line.lower().split(',')"],
    )
    check_proposals("receiver-normalised", "x = line.append(',')  # <-", at_most=0)


def test_pieces_of_a_text_are_texts() -> None:
    check_proposals(
        "wrapper-missing",
        "x = [part for part in text.split(',')]  # <-",
        offers=["x = [part.strip() for part in text.split(',')]"],
        never=["[abs(part)"],
    )
    check_proposals("wrapper-missing", "x = [part for part in parts]  # <-", offers=["[abs(part) for"])


def test_one_value_for_a_format() -> None:
    check_proposals("bracketed", 'x = "key %s" % key  # <-', offers=['x = "key %s" % (key,)'])
