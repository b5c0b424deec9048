"""Shared values, scopes, signatures, classes, generators, imports, and the same change everywhere."""

from __future__ import annotations

from operator_check import check_proposals

from tracemend.repair.propose.site import Observed


def test_makes_a_mutable_default_fresh() -> None:
    check_proposals(
        "alias-default",
        '''
        def add(x, acc=[]):
            """Add."""
            acc.append(x)  # <-
            return acc
        ''',
        offers=['def add(x, acc=None):\n"""Add."""\nif acc is None:\nacc = []\nacc.append(x)'],
        at_most=1,
    )


def test_makes_a_class_attribute_per_instance() -> None:
    check_proposals(
        "alias-class-attribute",
        """
        class Basket:
            items = []
            SIZES = [1]

            def __init__(self, owner):
                self.owner = owner

            def add(self, item):
                self.items.append(item)  # <-
        """,
        offers=["class Basket:\nSIZES = [1]", "self.items = []\nself.owner = owner"],
        never=["self.SIZES"],
        at_most=1,
    )


def test_copies_what_is_shared() -> None:
    check_proposals(
        "alias-copy",
        "import copy\ndef f(path, out):\n    out.append(path)  # <-",
        offers=["out.append(list(path))", "out.append(copy.deepcopy(path))"],
        never=["list(out).append"],
        observed={"path": Observed(("list",))},
    )


def test_gives_each_row_a_list_of_its_own() -> None:
    check_proposals(
        "alias-rows", "grid = [[0] * 3] * 4  # <-", offers=["[[0] * 3 for _ in range(4)]"], never=["[0 for _"]
    )
    check_proposals("alias-rows", "row = [0] * 4  # <-", at_most=0)


def test_binds_a_loop_variable_early() -> None:
    check_proposals(
        "alias-late-binding",
        "def f(out):\n    for i in range(3):\n        out.append(lambda x: x * i)  # <-",
        offers=["lambda x, i=i: x * i"],
        at_most=1,
    )
    check_proposals(
        "alias-late-binding",
        "def f():\n    return [lambda: i for i in range(3)]  # <-",
        offers=["lambda i=i: i"],
    )


def test_declares_outer_names() -> None:
    check_proposals(
        "scope-declare",
        """
        count = 0
        def f():
            count += 1  # <-
        """,
        offers=["def f():\nglobal count\ncount += 1"],
        at_most=1,
    )
    check_proposals(
        "scope-declare",
        """
        def counter():
            n = 0
            def step():
                n += 1  # <-
                return n
            return step
        """,
        offers=["nonlocal n\nn += 1"],
        at_most=1,
    )


def test_reaches_members_through_self() -> None:
    check_proposals(
        "scope-self",
        """
        class A:
            def __init__(self):
                self.size = 0

            def helper(self):
                return 1

            def f(self, x):
                return helper() + x  # <-
        """,
        offers=["return self.helper() + x"],
        never=["self.x"],
    )


def test_calls_the_base_class() -> None:
    check_proposals(
        "scope-super",
        """
        class A:
            def __init__(self, name):
                self.name = name

        class B(A):
            def __init__(self, name, size):
                self.size = size  # <-
        """,
        offers=["super().__init__(name)\nself.size = size"],
        never=["super().__init__(size)"],
    )


def test_renames_a_shadowing_target() -> None:
    check_proposals(
        "scope-shadow",
        """
        def f(n):
            for i in range(n):
                for i in range(2):  # <-
                    print(i)
        """,
        offers=["for j in range(2):\nprint(j)"],
        at_most=1,
    )


def test_adds_self_and_decorators() -> None:
    check_proposals(
        "signature-self",
        "class A:\n    def f(x):  # <-\n        return x",
        offers=["def f(self, x):", "@staticmethod\ndef f(x):"],
        never=["def f(cls"],
    )
    check_proposals(
        "signature-decorator",
        "class A:\n    def size(self):\n        return 1  # <-",
        offers=["@property\ndef size(self):"],
        error="TypeError: unsupported operand type(s) for +: 'method' and 'int'",
        at_most=1,
    )
    check_proposals(
        "signature-decorator",
        "class A:\n    @property\n    def size(self):\n        return 1  # <-",
        offers=["class A:\ndef size(self):"],
        at_most=1,
    )


def test_gives_defaults_and_caches() -> None:
    check_proposals(
        "signature-default",
        "def f(a, b, c=1):  # <-\n    return a",
        offers=["def f(a, b=None, c=1):"],
        never=["a=None"],
    )
    check_proposals(
        "signature-cache",
        "def fib(n):  # <-\n    return n if n < 2 else fib(n - 1) + fib(n - 2)",
        offers=["import functools", "@functools.lru_cache(maxsize=None)\ndef fib(n):"],
        at_most=1,
    )


def test_creates_field_defaults_afresh() -> None:
    check_proposals(
        "class-field-factory",
        """
        from dataclasses import dataclass

        @dataclass
        class A:
            items: list = []  # <-
        """,
        offers=["items: list = field(default_factory=list)", "from dataclasses import field"],
        at_most=1,
    )


def test_changes_data_class_flags() -> None:
    check_proposals(
        "class-flags",
        """
        from dataclasses import dataclass

        @dataclass(eq=True)
        class A:  # <-
            x: int
        """,
        offers=["@dataclass(eq=True, frozen=True)", "@dataclass(eq=False)"],
        never=["frozen=False"],
    )


def test_stores_parameters() -> None:
    check_proposals(
        "class-store-parameter",
        """
        class A:
            def __init__(self, name, size):
                self.size = size  # <-

            def title(self):
                return self._name.title()
        """,
        offers=["self.size = size\nself._name = name"],
        never=["self.size = name"],
    )


def test_adds_special_methods() -> None:
    check_proposals(
        "class-special-method",
        """
        class P:
            def __init__(self, x):
                self.x = x

            def __eq__(self, other):
                return self.x == other.x  # <-
        """,
        offers=["def __hash__(self):\nreturn hash((self.x,))"],
        never=["return (self.x,) == (other.x,)"],
    )


def test_answers_for_other_types() -> None:
    check_proposals(
        "class-other-type",
        "class P:\n    def __eq__(self, other):\n        return self.x == other.x  # <-",
        offers=["if not isinstance(other, P):\nreturn NotImplemented"],
        at_most=2,
    )


def test_returns_what_the_protocol_wants() -> None:
    check_proposals(
        "class-protocol-return",
        "class A:\n    def __iter__(self):\n        return self.items  # <-",
        offers=["return iter(self.items)"],
        never=["return len"],
    )


def test_makes_enum_values_differ() -> None:
    check_proposals(
        "class-enum-value",
        """
        from enum import Enum
        class Colour(Enum):
            RED = 1
            BLUE = 1  # <-
        """,
        offers=["BLUE = 2"],
        never=["BLUE = 1\nBLUE"],
    )


def test_materialises_iterators() -> None:
    check_proposals(
        "generator-materialise",
        "def f(xs):\n    ys = map(int, xs)  # <-\n    return sum(ys) / len(list(ys))",
        offers=["ys = list(map(int, xs))"],
        never=["list(xs)"],
    )
    check_proposals(
        "generator-materialise",
        "def f(xs):\n    return (x for x in xs)  # <-",
        offers=["return [x for x in xs]"],
    )


def test_takes_the_next_item() -> None:
    check_proposals("generator-next", "x = next(it)  # <-", offers=["next(it, None)"], never=["next(next"])


def test_waits() -> None:
    check_proposals(
        "generator-await",
        "async def g():\n    return 1\nasync def f():\n    return g() + 1  # <-",
        offers=["return (await g()) + 1"],
        at_most=1,
    )
    check_proposals(
        "generator-async",
        "def g():  # <-\n    return 1\nasync def f():\n    return await g()",
        offers=["async def g():"],
        at_most=1,
    )


def test_adds_imports() -> None:
    check_proposals(
        "import-missing",
        '"""Doc."""\nfrom __future__ import annotations\nx = Counter("aab")  # <-',
        offers=["annotations\nfrom collections import Counter\nx ="],
        never=["import Counter\nfrom __future__"],
        at_most=1,
    )
    check_proposals("import-missing", "y = math.pi  # <-", offers=["import math\ny ="], at_most=1)


def test_qualifies_names_as_imported() -> None:
    check_proposals(
        "import-qualified",
        "import datetime\nnow = datetime.now()  # <-",
        offers=["now = datetime.datetime.now()"],
        at_most=1,
    )
    check_proposals(
        "import-qualified", "import math\ny = sqrt(2)  # <-", offers=["y = math.sqrt(2)"], at_most=1
    )


def test_imports_in_the_other_form() -> None:
    check_proposals(
        "import-form", "import datetime  # <-", offers=["from datetime import datetime"], at_most=1
    )
    check_proposals(
        "import-form", "from functools import chain  # <-", offers=["from itertools import chain"]
    )


def test_changes_everywhere() -> None:
    snippet = """
        def f(xs, ys, lo, hi):
            a = lo < xs and lo + 1  # <-
            return a < hi or lo + 1
    """
    check_proposals("everywhere-name", snippet, offers=["a = hi < xs and hi + 1\nreturn a < hi or hi + 1"])
    check_proposals("everywhere-comparator", snippet, offers=["lo <= xs and lo + 1\nreturn a <= hi"])
    check_proposals("everywhere-operator", snippet, offers=["lo - 1\nreturn a < hi or lo - 1"], at_most=1)
    check_proposals("everywhere-constant", snippet, offers=["lo + 2\nreturn a < hi or lo + 2"])
    check_proposals("everywhere-exchange", snippet, offers=["xs < lo and xs + 1"], never=["xs < xs"])


def test_changes_both_ends_of_a_chain_and_attributes() -> None:
    check_proposals(
        "everywhere-comparator",
        "def f(a, b, c):\n    return a < b < c  # <-",
        offers=["a <= b <= c"],
        at_most=1,
    )
    check_proposals(
        "everywhere-attribute",
        "def f(n):\n    if n.left:  # <-\n        return n.left\n    return n.right",
        offers=["if n.right:\nreturn n.right\nreturn n.right"],
        never=["n.n"],
    )


def test_all_updates_go_the_other_way() -> None:
    check_proposals(
        "everywhere-update",
        """
        def balance(result, payer, cents, others):
            result[payer] -= cents  # <-
            for other in others:
                result[other] += cents
        """,
        offers=["result[payer] += cents\nfor other in others:\nresult[other] -= cents"],
        at_most=1,
    )
    check_proposals("everywhere-update", "def f(x):\n    x += 1  # <-\n    return x", at_most=0)


def test_an_iterator_ends() -> None:
    check_proposals(
        "generator-end",
        """
        class Countdown:
            def __init__(self, start):
                self.value = start

            def __next__(self):
                self.value -= 1  # <-
                return self.value
        """,
        offers=["if self.value == 0:\nraise StopIteration\nself.value -= 1"],
    )
    check_proposals("generator-end", "def f(x):\n    return x  # <-", at_most=0)


def test_pieces_of_a_text_are_converted() -> None:
    check_proposals(
        "assign-converted",
        "hours, minutes = text.split(':')  # <-",
        offers=["hours, minutes = map(int, text.split(':'))"],
        never=["list("],
    )
