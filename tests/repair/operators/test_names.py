"""Names, members and keys."""

from __future__ import annotations

from operator_check import check_proposals, proposals

from tracemend.repair.propose.site import Observed


def test_names_in_scope_and_in_comprehensions() -> None:
    check_proposals(
        "name",
        """
        def f(rows, columns):
            total = 0
            return [row + total for row in columns if row]  # <-
        """,
        offers=["for row in rows if row", "[rows + total", "[total + total", "for row in columns if total]"],
        never=["[f + total", "for rows in"],
    )


def test_names_of_the_same_type_come_first() -> None:
    types = {"a": Observed(("int",)), "b": Observed(("list",)), "c": Observed(("int",))}
    found = proposals("name", "def f(a, b, c):\n    return a  # <-\n", observed=types)
    cost = {after.split("return ")[1].strip(): cost for after, _, cost in found}
    assert cost["c"] < cost["b"]


def test_names_in_f_strings() -> None:
    check_proposals(
        "name", 'def f(first, last):\n    return f"{first} {first}"  # <-\n', offers=['f"{first} {last}"']
    )


def test_targets() -> None:
    check_proposals(
        "assignment-target",
        "def f(a, b):\n    low = 1\n    low = a  # <-\n",
        offers=["b = a"],
        never=["f = a"],
    )
    check_proposals(
        "unpacking-order", "for k, v in d.items():  # <-\n    pass\n", offers=["for v, k in d.items():"]
    )
    check_proposals("unpacking-order", "x = [k for k, v in d]  # <-", offers=["x = [k for v, k in d]"])
    check_proposals("swapped-names", "x = a[b] - b  # <-", offers=["x = b[a] - a"])


def test_attributes() -> None:
    seen = {"a": Observed(("Cart",), ("total", "items", "clear()"))}
    check_proposals("attribute", "x = a.totals  # <-", observed=seen, offers=["x = a.total", "x = a.items"])
    check_proposals(
        "attribute-added", "x = f(a)  # <-", observed=seen, offers=["x = f(a.total)"], never=["a.clear"]
    )
    check_proposals("attribute-dropped", "x = a.b.c  # <-", offers=["x = a.b", "x = a.c"])
    check_proposals("attribute-dropped", "import a\nx = a.b  # <-", at_most=0)


def test_self() -> None:
    klass = "class A:\n    def __init__(self, n):\n        self.n = n\n    def f(self, n):\n        return {}  # <-\n"
    check_proposals("self-qualifier", klass.format("n + 1"), offers=["return self.n + 1"])
    check_proposals("self-qualifier", klass.format("self.n"), offers=["return n"])


def test_keys() -> None:
    file = "d = {'name': 1, 'nom': 2}\n"
    check_proposals("subscript-key", file + "x = d['nam']  # <-", offers=["x = d['name']", "x = d['nom']"])
    check_proposals(
        "lenient-lookup", "x = d[k]  # <-", offers=["x = d.get(k)", "x = d.get(k, 0)", "x = d.get(k, [])"]
    )
    check_proposals("lenient-lookup", "x = d.get(k, 0)  # <-", offers=["x = d[k]"])
    check_proposals("lenient-lookup", "d[k] = x  # <-", at_most=0)


def test_the_attribute_that_the_other_side_takes() -> None:
    check_proposals("attribute-added", "x = a.size < b  # <-", offers=["x = a.size < b.size"])


def test_the_object_itself_is_handed_over() -> None:
    check_proposals(
        "self-as-argument",
        """
        class Node:
            def __init__(self, value, parent):
                parent.children.append(value)  # <-
        """,
        offers=["parent.children.append(self)"],
    )
    check_proposals("self-as-argument", "def f(xs, x):\n    xs.append(x)  # <-", at_most=0)


def test_a_refined_value_comes_before_other_names_and_another_type_last() -> None:
    found = proposals(
        "name",
        """
        def take(shelf, wanted, owner):
            given = min(wanted, shelf.pieces)
            note = owner
            shelf.pieces -= wanted  # <-
            return given, note
        """,
        observed={
            "wanted": Observed(("int",)),
            "given": Observed(("int",)),
            "note": Observed(("str",)),
            "owner": Observed(("str",)),
        },
    )
    cost = {note: cost for _, note, cost in found}
    assert cost["uses `given` instead of `wanted`"] < 1.0
    assert cost["uses `note` instead of `wanted`"] > 2.0


def test_any_method_of_the_class_that_takes_the_arguments_may_have_been_meant() -> None:
    methods = "".join(f"\n    def step_{word}(self): ...\n" for word in "abcdefghij")
    check_proposals(
        "attribute",
        f"""
class Version:{methods}
    def compare(self, other): ...

    def bump(self, part, step, by): ...

    def older(self, other):
        return self.next_one(other)  # <-
""",
        offers=["return self.compare(other)"],
        never=["return self.bump(other)", "return self.step_a(other)"],
    )
