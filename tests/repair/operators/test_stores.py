"""What is stored under a key, and the checks that come last."""

from __future__ import annotations

from operator_check import check_proposals


def test_counts_and_collects_under_a_key() -> None:
    snippet = """
        def gather(words):
            found = {{}}
            for word in words:
                found[word[0]] = {}  # <-
            return found
        """
    for value, wanted in (
        ("1", "found[word[0]] = found.get(word[0], 0) + 1"),
        ("[word]", "found.setdefault(word[0], []).append(word)"),
        ("{word}", "found.setdefault(word[0], set()).add(word)"),
        ("len(word)", "found[word[0]] = max(found[word[0]], len(word))"),
    ):
        check_proposals("store-collect", snippet.format(value), offers=[wanted])
    check_proposals("store-collect", "xs[1:] = [1]  # <-", at_most=0)


def test_positions_wrap_around() -> None:
    check_proposals(
        "store-wrap",
        """
        class Ring:
            def __init__(self, size):
                self.size = size
                self.place = 0

            def step(self, by):
                self.place += by  # <-
        """,
        offers=["self.place = (self.place + by) % self.size"],
        never=["% self.place"],
    )
    check_proposals("store-wrap", "def f(x):\n    x += 1  # <-\n    return x", at_most=0)


def test_an_emptied_entry_goes() -> None:
    check_proposals(
        "store-prune",
        """
        def remove(index, word, page):
            pages = index[word]
            pages.discard(page)  # <-
        """,
        offers=["if not pages:\ndel index[word]"],
    )
    check_proposals("store-prune", "def f(xs, x):\n    xs.remove(x)  # <-", at_most=0)


def test_nested_dictionaries_are_merged() -> None:
    check_proposals(
        "store-deep",
        """
        def merge(base, extra):
            result = dict(base)
            for key, value in extra.items():
                result[key] = value  # <-
            return result
        """,
        offers=[
            "if isinstance(value, dict) and isinstance(result.get(key), dict):\n"
            + "result[key] = merge(result[key], value)\nelse:\nresult[key] = value"
        ],
    )


def test_a_key_gets_all_that_the_value_depends_on() -> None:
    check_proposals(
        "store-key",
        """
        def ways(rows, columns, memo):
            if rows not in memo:  # <-
                memo[rows] = rows * columns
            return memo[rows]
        """,
        offers=[
            "if (rows, columns) not in memo:\nmemo[(rows, columns)] = rows * columns\nreturn memo[(rows, columns)]"
        ],
        never=["memo[(rows, rows)]"],
    )


def test_asks_before_saying_yes() -> None:
    check_proposals(
        "check-at-end",
        """
        def balanced(text):
            stack = []
            for c in text:
                stack.append(c)
            return True  # <-
        """,
        offers=["return not stack"],
    )
    check_proposals("check-at-end", "def f():\n    return True  # <-", at_most=0)


def test_raises_what_was_put_aside() -> None:
    check_proposals(
        "check-error",
        """
        def call(work):
            error = None
            try:
                return work()
            except OSError as problem:
                error = problem
            return None  # <-
        """,
        offers=["raise error"],
        at_most=1,
    )


def test_compares_all_attributes() -> None:
    check_proposals(
        "check-attributes",
        """
        class Point:
            def __init__(self, x, y):
                self.x, self.y = x, y

            def __eq__(self, other):
                return self.x == other.x  # <-
        """,
        offers=["return self.x == other.x and self.y == other.y"],
        never=["self.x == other.x and self.x == other.x"],
    )
    check_proposals(
        "check-type-too",
        "def f(x):\n    if isinstance(x, int):  # <-\n        return 1",
        offers=["if isinstance(x, int) and not isinstance(x, bool):"],
    )


def test_what_no_branch_knows_is_refused() -> None:
    snippet = """
        def apply(a, op, b):
            if op == "+":
                return a + b
            {}  # <-
        """
    wanted = 'raise ValueError(f"unknown op: {op!r}")'
    waited = "Failed: DID NOT RAISE <class 'ValueError'>"
    check_proposals("check-unknown", snippet.format("return None"), offers=[wanted], error=waited)
    last = (
        snippet.format("return None")
        .replace("            return None  # <-\n", "")
        .replace('"+":', '"+":  # <-')
    )
    check_proposals("check-unknown", last, offers=[f"return a + b\n{wanted}"], error=waited)


def test_asks_what_was_just_bound() -> None:
    check_proposals(
        "check-bound",
        """
        def join(self, one, other):
            first, second = self.top(one), self.top(other)  # <-
            self.parent[second] = first
            return True
        """,
        offers=["if first == second:\nreturn False\nself.parent"],
        never=["if first is None"],
    )
    check_proposals(
        "check-bound",
        """
        def names(rows):
            for row in rows:
                name = row.get("name")  # <-
                yield name.strip()
        """,
        offers=["if name is None:\ncontinue", "if not name:\ncontinue"],
    )
    check_proposals("check-bound", "x = f(1)  # <-", at_most=0)


def test_a_position_that_is_assigned_wraps_around() -> None:
    check_proposals(
        "store-wrap",
        """
        class Cycler:
            def __init__(self, items):
                self.items = items
                self.pos = 0

            def current(self):
                return self.items[self.pos]

            def next(self):
                self.pos = self.pos + 1  # <-
        """,
        offers=["self.pos = (self.pos + 1) % len(self.items)"],
    )
