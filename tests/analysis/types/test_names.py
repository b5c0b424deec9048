"""Which names can be used at a place, and what a callee can be called with."""

from __future__ import annotations

import pytest
from oracle_check import check_names, check_signature

from tracemend.analysis.types.forwarding import MAX_FUNCTIONS

NAMES = {
    "locals, parameters, globals and builtins": (
        "import os\ndef f(a, *b, c=1, **d):\n    e = 1\n    print($0e)\n    g = 2\nlast = 3",
        "a b c d e g f os last print int __file__",
        "h Iterable Any",
    ),
    "every way to bind": (
        """
        def f(x):
            for a, *b in x: ...
            with x as c: ...
            try: ...
            except E as d: ...
            if (e := x): ...
            match x:
                case {"k": g, **h}: ...
                case [*i] as j: ...
            import m.n, o as p
            class Q: ...
            print($0x)
        """,
        "a b c d e g h i j m p Q",
        "n o k",
    ),
    "enclosing functions": ("def f(a):\n    def g(b):\n        print($0a)", "a b f g", "c"),
    "a class body sees its own names": ("class A:\n    x = 1\n    y = $0x", "x y A", "z"),
    "a method does not see those of its class": (
        "class A:\n    x = 1\n    def f(self):\n        print($0x)",
        "self A",
        "x f",
    ),
    "a comprehension": ("print([$0a for a, b in c])", "a b", "d"),
    "a lambda": ("print(lambda a, b=1: $0a)", "a b", "d"),
    "global in some function": ("def f():\n    global made\n    made = 1\nprint($0made)", "made", "other"),
    "conditional definitions": (
        "import sys\nif sys.platform == 'win32':\n    a = 1\nelse:\n    b = 1\nprint($0a)",
        "a b",
        "c",
    ),
    "star imports": ("#- a.py\nx = _y = 1\n#- b.py\nfrom a import *\nprint($0x)", "x", "z"),
    "type parameters": ("def first[T](xs: list[T]) -> T:\n    print($0T)", "T xs", "z"),
    "names stored on the module from elsewhere": (
        "#- a.py\nprint($0x)\n#- b.py\nimport a\na.x = 1",
        "x",
        "z",
    ),
    "a blank line": ("def f(a):\n    $0\n    return a", "a f", "z"),
    "an unfinished statement": ("def f(a):\n    return $0", "a f", "z"),
}  # fmt: skip

OPEN_NAMES = {
    "a star import that leads nowhere": ("from no_such_module import *\nprint($0x)", "unknown-import"),
    "globals() written": ("globals().update(x=1)\nprint($0x)", "globals"),
    "exec": ("exec('x = 1')\nprint($0x)", "exec"),
}

SIGNATURES = {
    "a function": ("def f(a, *b, c=1): ...\nf$0(1)", "a, b, c"),
    "a method": ("class A:\n    def f(self, a): ...\nA().f$0(1)", "a"),
    "a method of the class": ("class A:\n    def f(self, a): ...\nA.f$0(1)", "self, a"),
    "a class method": ("class A:\n    @classmethod\n    def f(cls, a): ...\nA.f$0(1)", "a"),
    "a static method": ("class A:\n    @staticmethod\n    def f(a): ...\nA().f$0(1)", "a"),
    "a constructor": ("class A:\n    def __init__(self, a): ...\nA$0(1)", "a"),
    "an inherited constructor": (
        "class A:\n    def __init__(self, a): ...\nclass B(A): ...\nB$0(1)",
        "a",
    ),
    "a class without one": ("class A: ...\nA$0()", ""),
    "an object that can be called": ("class A:\n    def __call__(self, a): ...\nA()$0(1)", "a"),
    "overloads": (
        "from typing import overload\n@overload\ndef f(a: int): ...\n@overload\ndef f(b: str): ...\ndef f(c): ...\nf$0(1)",
        "a | b",
    ),
    "what a subclass of the workspace takes": (
        "class A:\n    def f(self, a): ...\nclass B(A):\n    def f(self, a, b=1): ...\ndef g(x: A):\n    x.f$0(1)",
        "a | a, b",
    ),
    "a context manager": (
        "from contextlib import contextmanager\n@contextmanager\ndef f(a):\n    yield\nf$0(1)",
        "a",
    ),
    "a data class, with the fields of its base": (
        """
        from dataclasses import KW_ONLY, InitVar, dataclass, field
        from typing import ClassVar
        @dataclass
        class Base:
            a: int
            kinds: ClassVar[int] = 1
        @dataclass
        class A(Base):
            b: InitVar[int]
            c: int = field(init=False)
            d: list[int] = field(default_factory=list, kw_only=True)
            _: KW_ONLY
            e: int = 1
        A$0(1)
        """,
        "a, b, d, e",
    ),
    "a data class with a constructor of its own": (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    a: int\n    def __init__(self, x): ...\nA$0(1)",
        "x",
    ),
    "a named tuple": ("from typing import NamedTuple\nclass A(NamedTuple):\n    a: int\n    b: int = 1\nA$0(1)", "a, b"),
    "an enum": (
        "import enum\nclass A(enum.Enum):\n    x = 1\nA$0(1)",
        "value, names, values, module, qualname, type, start, boundary",
    ),
    "a data class that is final": (
        "from dataclasses import dataclass\nfrom typing import final\n@final\n@dataclass\nclass A:\n    a: int\nA$0(1)",
        "a",
    ),
    "a class of a protocol that can be checked": (
        """
        from typing import Protocol, runtime_checkable
        @runtime_checkable
        class P(Protocol): ...
        class A(P):
            def __init__(self, a): ...
        A$0(1)
        """,
        "a",
    ),
    "a class in C, whose stub says that its layout is its own": (
        "from datetime import timedelta\ntimedelta$0(1)",
        "days, seconds, microseconds, milliseconds, minutes, hours, weeks",
    ),
    "keywords that are handed on": (
        """
        class Base:
            def __init__(self, *, a, b=1): ...
        class A(Base):
            def __init__(self, c, **options):
                options.setdefault("a", 1)
                last = options.pop("d", None)
                super().__init__(**options)
        A$0(1)
        """,
        "c, a, b, d",
    ),
    "keywords that are handed on twice": (
        """
        def h(a, b): ...
        def g(a, **options):
            with open(a) as file:
                return h(a, **options)
        def f(**options):
            if options["c"]:
                raise ValueError
            elif "d" in options:
                return g(**options)
            else:
                return h(1, **options)
        f$0(1)
        """,
        "a, b, c, d",
    ),
    "keywords that are handed on to what a mixin overrides": (
        """
        class A:
            def f(self, **options): return self.g(**options)
            def g(self, a=1): ...
        class Mixin:
            def g(self, a=1, b=2): ...
        class B(Mixin, A): ...
        B().f$0()
        """,
        "a, b",
    ),
    "keywords that go to whatever comes next": (
        """
        class Base:
            def __init__(self): ...
        class A(Base):
            def __init__(self, a=1, **options): super().__init__(**options)
        class Mixin(Base):
            def __init__(self, b=1, **options): super().__init__(**options)
        class B(A, Mixin): ...
        B$0()
        """,
        "a, b",
    ),
    "keywords of which none may be left": (
        """
        def f(**options):
            a = options.pop("a", 1)
            if options:
                raise TypeError(options)
            return a
        f$0(1)
        """,
        "a",
    ),
    "an unfinished call": ("def f(a): ...\nx = f$0(", "a"),
}  # fmt: skip

OPEN_SIGNATURES = {
    "an unknown decorator": ("def d(f): ...\n@d\ndef f(a): ...\nf$0(1)", "decorator"),
    "the constructor of a named tuple's base": (
        """
        from typing import NamedTuple
        class A(NamedTuple("B", [("a", int)])):
            def __new__(cls, a):
                return super().__new__$0(cls, a)
        """,
        "synthesized",
    ),
    "a data class of an unknown decorator too": (
        "from dataclasses import dataclass\nfrom no_such_module import mark\n@mark\n@dataclass\nclass A:\n    a: int\nA$0(1)",
        "synthesized",
    ),
    "a data class with a field by other means": (
        "from dataclasses import dataclass\nfrom no_such_module import field\n@dataclass\nclass A:\n    a: int = field()\nA$0(1)",
        "synthesized",
    ),
    "a class that attrs completes with what is computed": (
        "import attr\n@attr.s(these=make())\nclass A:\n    a = attr.ib()\nA$0(1)",
        "synthesized",
    ),
    "a model of pydantic, whose fields have aliases": (
        "from pydantic import BaseModel, Field\nclass A(BaseModel):\n    a: int = Field(alias='b')\nA$0(b=1)",
        "synthesized",
    ),
    "a data class of pydantic": (
        "from pydantic.dataclasses import dataclass\n@dataclass\nclass A:\n    a: int\nA$0(1)",
        "synthesized",
    ),
    "an unknown base": ("from no_such_module import B\nclass A(B): ...\nA$0(1)", "unknown-base"),
    "a metaclass of one's own": (
        "class M(type):\n    def __call__(cls, *a): ...\nclass A(metaclass=M): ...\nA$0(1)",
        "metaclass",
    ),
    "a parameter": ("def f(g):\n    g$0(1)", "untyped-parameter"),
    "a callable": ("from typing import Callable\ndef f(g: Callable[[int], int]):\n    g$0(1)", "callable"),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    snippet, has, lacks = NAMES[name]
    check_names(snippet, has=has, lacks=lacks)


# What a function does with its keywords, called `o`, which makes that it may be given any; `h` takes `a`.
OPEN_KEYWORDS = {
    "nothing": "pass",
    "raises whatever comes": "raise NotImplementedError",
    "hands them on sometimes": "if x: h(**o)",
    "returns before": "if x: return\n    h(**o)",
    "hands them on in one of two cases": "return h(**o) if x else 1",
    "hands them on where a mistake is caught": "try:\n        h(**o)\n    except TypeError:\n        pass",
    "hands them on where a mistake is suppressed": "with suppress(TypeError):\n        h(**o)",
    "hands them on later": "return lambda: h(**o)",
    "hands them on in a loop": "for one in x: h(**o)",
    "reads them": "print(o)\n    h(**o)",
    "takes names out that are not known": "o.pop(x)\n    h(**o)",
    "binds the name again": "o = {}\n    h(**o)",
    "looks at all names": "print(locals())\n    h(**o)",
    "shares them with a function inside": "def g(): o.clear()\n    g()\n    h(**o)",
    "is a generator": "yield h(**o)",
    "hands them to what is not known": "x(**o)",
    "hands them to what takes any": "dict(**o)",
}


@pytest.mark.parametrize("name", OPEN_NAMES)
def test_open_names(name: str) -> None:
    snippet, slug = OPEN_NAMES[name]
    check_names(snippet, opens=slug)


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name: str) -> None:
    snippet, expected = SIGNATURES[name]
    check_signature(snippet, expected)


@pytest.mark.parametrize("name", OPEN_SIGNATURES)
def test_open_signatures(name: str) -> None:
    snippet, slug = OPEN_SIGNATURES[name]
    check_signature(snippet, opens=slug)


LEAVING_CONSTRUCTORS = {
    "writes methods": "cls.__repr__ = show\n    cls.__repr__.short = short\n    return cls",
    "asks the class": "if cls is None or hasattr(cls, 'x'): print(f'{cls} {cls.__name__}')\n    return cls",
    "hands the class to a function inside": "def inner(one):\n        one.x = 1\n        return one\n    return inner(cls)",
    "hands the class to a function of the module": "return other(cls)",
    "is used with and without arguments": (
        "def inner(one): return one\n    return partial(inner, short=short) if cls is None else inner(cls)"
    ),
}
TOUCHING_CONSTRUCTORS = {
    "writes the constructor": "cls.__init__ = show\n    return cls",
    "writes what makes objects": "cls.__new__ = show\n    return cls",
    "writes under a computed name": "setattr(cls, name, show)\n    return cls",
    "writes the constructor in a function inside": (
        "def inner(one):\n        one.__init__ = show\n        return one\n    return inner(cls)"
    ),
    "hands the class to a function that writes it": "return writer(cls)",
    "hands the class to who knows whom": "return unknown(cls)",
    "hands a keyword to who knows whom": "return unknown(it=cls)",
    "makes a class of it": "return type(cls.__name__, (cls,), {})",
    "keeps the class": "kept = cls\n    kept.__init__ = show\n    return cls",
    "keeps the class among others": "for one in (cls,): one.__init__ = show\n    return cls",
    "calls a method of the class": "cls.change()\n    return cls",
    "is decorated": "@unknown\n    def inner(one): return one\n    return inner(cls)",
}
DECORATORS = """
from functools import partial
from typing import TypeVar
T = TypeVar("T")
def show(self): ...
def other(it: type[T]) -> type[T]:
    return it
def writer(it: type[T]) -> type[T]:
    it.__init__ = show
    return it
def mark(cls: type[T], short=False) -> type[T]:
    {body}
@mark
class A:
    def __init__(self, a): ...
A$0(1)
"""


@pytest.mark.parametrize("name", LEAVING_CONSTRUCTORS)
def test_a_class_decorator_that_leaves_the_constructor_alone(name: str) -> None:
    check_signature(DECORATORS.format(body=LEAVING_CONSTRUCTORS[name]), "a")


@pytest.mark.parametrize("name", TOUCHING_CONSTRUCTORS)
def test_a_class_decorator_that_may_change_the_constructor(name: str) -> None:
    check_signature(DECORATORS.format(body=TOUCHING_CONSTRUCTORS[name]), opens="synthesized")


@pytest.mark.parametrize("name", OPEN_KEYWORDS)
def test_keywords_that_may_be_any(name: str) -> None:
    body = OPEN_KEYWORDS[name]
    head = "from contextlib import suppress\ndef h(*, a=1): ..."
    check_signature(f"{head}\ndef f(x, **o):\n    {body}\nf$0(1)", "x, o")


def test_keywords_are_followed_through_a_few_functions_only() -> None:
    """A family of classes whose constructors all hand on to whatever comes next has more ways than can be gone."""
    ways = "".join(
        f"def f{number}(x, **o): return f{number + 1}(x, **o)\n" for number in range(MAX_FUNCTIONS + 1)
    )
    last = f"def f{MAX_FUNCTIONS + 1}(x, a): ...\n"
    check_signature(f"{ways}{last}f0$0(1)", "x, o")
    check_signature(f"{ways}{last}f2$0(1)", "x, a")
