"""What an object has, and when that is all: one snippet for each kind of receiver."""

from __future__ import annotations

import pytest
from oracle_check import check_members

CLOSED = {
    "what pytest puts in, from the module or the folder's conftest": (
        """
        #- conftest.py
        import pytest
        @pytest.fixture(name="cat")
        def make_cat():
            yield Cat()
        class Cat:
            def purr(self): ...
        #- test_cat.py
        import pytest
        @pytest.mark.slow
        def test_cat(cat):
            print(cat$0.purr)
        """,
        "purr",
        "bark",
    ),
    "what pytest itself puts in, beside what parameters fill": (
        """
        #- test_cat.py
        import pytest
        pytestmark = [pytest.mark.slow, pytest.mark.skipif(True)]
        @pytest.mark.parametrize("a, b", [(1, 2)])
        @pytest.mark.parametrize(["c"], [(1,)])
        def test_cat(a, b, c, monkeypatch):
            print(monkeypatch$0.setenv)
        """,
        "setattr setenv",
        "patch",
    ),
    "what the module puts in, whatever pytest would": (
        """
        #- test_cat.py
        import pytest
        @pytest.fixture
        def monkeypatch():
            return [1]
        def test_cat(monkeypatch):
            print(monkeypatch$0.append)
        """,
        "append",
        "setenv",
    ),
    "what an enumeration gives": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\ndef f(cats: list[Cat]):\n    for number, cat in enumerate(cats):\n        print(cat$0.x)",
        "purr",
        "bark",
    ),
    "the next of an iterator": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\ndef f(cats: Iterator[Cat]):\n    print(next(cats)$0.x)",
        "purr",
        "bark",
    ),
    "the next of what iter gives": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\ndef f(cats: set[Cat]):\n    print(next(iter(cats))$0.x)",
        "purr",
        "bark",
    ),
    "the next of a generator": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\ndef f(cats: list[Cat]):\n    print(next(one for one in cats if one)$0.x)",
        "purr",
        "bark",
    ),
    "the next of an object of its own class": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\nclass Cats:\n    def __next__(self) -> Cat: ...\ndef f(cats: Cats):\n    print(next(cats)$0.x)",
        "purr",
        "bark",
    ),
    "an element of a tuple of them": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\ndef f(cats: list[Cat]):\n    print(tuple(cats)[0]$0.x)",
        "purr",
        "bark",
    ),
    "an element of a container that is declared and fresh": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\ndef f():\n    cats: list[Cat] = []\n    print(cats.pop()$0.x)",
        "purr",
        "bark",
    ),
    "an element of a declared container that is emptied": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\ndef f():\n    cats: Dict[str, Cat] = {}\n    while cats:\n        cats = {}\n    print(cats['a']$0.x)",
        "purr",
        "bark",
    ),
    "an element of a fresh container of a more special class": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\nfrom collections import defaultdict\ndef f():\n    cats: dict[str, Cat] = defaultdict(Cat)\n    print(cats['a']$0.x)",
        "purr",
        "bark",
    ),
    "an element of a declared attribute that is emptied": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\nclass Home:\n    def __init__(self):\n        self.cats: list[Cat] = []\n    def clear(self):\n        self.cats = []\n        self.cats = list()\n    def f(self):\n        print(self.cats[0]$0.x)",
        "purr",
        "bark",
    ),
    "an element of a declared container, and what its display holds": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\ndef f():\n    cats: list[Cat] = ['Tom']\n    print(cats[0]$0.x)",
        "purr strip",
        "bark",
    ),
    "the next of an iterator, or a default": (
        "from typing import *\nclass Cat:\n    def purr(self): ...\ndef f(cats: Iterator[Cat]):\n    print(next(cats, 'Tom')$0.x)",
        "purr strip",
        "bark",
    ),
    "self, with attributes set in any method": (
        """
        class Cat:
            lives = 9
            def __init__(self):
                self.name = "Tom"
            def feed(self):
                self$0.name
            def rest(self):
                self.asleep = True
        """,
        "lives name feed rest asleep __class__",
        "bark",
    ),
    "a local made by a constructor": ("class A:\n    def f(self): ...\ndef g():\n    a = A()\n    a$0.f", "f", "g"),
    "a local that is rebound in a straight line": ('def g():\n    x = [1]\n    x = "a"\n    x$0.y', "strip", "append"),
    "a local bound in two branches": (
        'def g(c):\n    if c:\n        x = [1]\n    else:\n        x = "a"\n    x$0.y',
        "strip append",
        "popitem",
    ),
    "a name that depends on itself in a loop": (
        """
        class Node:
            def __init__(self, parent: "Node | None"):
                self.parent = parent
        def root(node: Node):
            while node:
                node = node.parent
            node$0.parent
        """,
        "parent",
        "child",
    ),
    "an annotated parameter, with None as its default": (
        'def f(x: str = None):\n    x$0.y',
        "strip __bool__",
        "append",
    ),
    "old and new spellings of unions": (
        'from typing import Optional, Union\ndef f(x: Optional[Union[str, "list[int]"]]):\n    x$0.y',
        "strip append",
        "popitem",
    ),
    "a module": ("import json\njson$0.loads", "loads decoder __name__", "load_s"),
    "a submodule": ("import os.path\nos.path$0.join", "join", "joinn"),
    "a module of the workspace": ("#- a.py\nx = 1\n#- b.py\nimport a\na$0.x", "x", "y"),
    "a class": ("class A:\n    x = 1\n    def f(self): ...\nA$0.x", "x f mro __name__", "y"),
    "a literal": ('"a"$0.strip', "strip", "append"),
    "an f-string": ('x = 1\nf"{x}"$0.strip', "strip", "append"),
    "the return of an annotated call": ("def f() -> str: ...\nf()$0.strip", "strip", "append"),
    "the inferred return of a call": ("def f():\n    return {}\nf()$0.items", "items", "append"),
    "a method that returns self": (
        "class A:\n    def f(self):\n        return self\nclass B(A):\n    def g(self): ...\nB().f()$0.g",
        "f g",
        "h",
    ),
    "a property": (
        "class A:\n    @property\n    def p(self) -> str: ...\n    @p.setter\n    def p(self, v): ...\nA().p$0.strip",
        "strip",
        "append",
    ),
    "a cached property": (
        "from functools import cached_property\nclass A:\n    @cached_property\n    def p(self):\n        return []\nA().p$0.pop",
        "append",
        "strip",
    ),
    "a class method and a static method": (
        """
        class A:
            @classmethod
            def make(cls):
                return cls()
            @staticmethod
            def text() -> str: ...
        A.make().text()$0.strip
        """,
        "strip",
        "append",
    ),
    "overloads are united": (
        """
        from typing import overload
        @overload
        def f(x: int) -> str: ...
        @overload
        def f(x: str) -> list: ...
        def f(x): ...
        f(y)$0.strip
        """,
        "strip append",
        "popitem",
    ),
    "overloads that the arguments rule out": (
        """
        from typing import overload
        @overload
        def f() -> str: ...
        @overload
        def f(x: int) -> list: ...
        def f(x=0): ...
        f()$0.strip
        """,
        "strip",
        "append",
    ),
    "a context manager gives what __enter__ returns": (
        "class A:\n    def __enter__(self) -> str: ...\n    def __exit__(self, *a): ...\ndef f():\n    with A() as x: x$0.y\n",
        "strip",
        "append",
    ),
    "an element of an annotated list": ("def f(xs: list[str]):\n    xs[0]$0.strip", "strip", "append"),
    "a loop variable": ("def f(xs: dict[str, list[int]]):\n    for k, v in xs.items():\n        v$0.pop", "append", "strip"),
    "a comprehension's variable": ("def f(xs: list[str]):\n    return [x$0.strip() for x in xs]", "strip", "append"),
    "unpacking": ('def f():\n    a, (b, c) = 1, ("x", [2])\n    b$0.strip', "strip", "append"),
    "isinstance adds": (
        "class A:\n    x = 1\nclass B:\n    y = 1\ndef f(a: A):\n    if isinstance(a, B):\n        pass\n    a$0.x",
        "x y",
        "z",
    ),
    "a match pattern adds": (
        "class A:\n    x = 1\nclass B:\n    y = 1\ndef f(a: A):\n    match a:\n        case B():\n            a$0.y",
        "x y",
        "z",
    ),
    "hasattr adds": ('class A: ...\ndef f(a: A):\n    if hasattr(a, "y"):\n        a$0.y', "y", "z"),
    "a test that holds around the place": (
        "def f(x):\n    if isinstance(x, (str, list)) and x:\n        print(x$0.y)",
        "strip append",
        "popitem",
    ),
    "a test that left the function otherwise": (
        "def f(x):\n    if not isinstance(x, str):\n        return\n    print(x$0.y)",
        "strip",
        "append",
    ),
    "an assertion": ("def f(x):\n    assert isinstance(x, str)\n    print(x$0.y)", "strip", "append"),
    "cast": ('from typing import cast\ncast("str", None)$0.strip', "strip", "append"),
    "awaiting": ("async def f() -> str: ...\nasync def g():\n    (await f())$0.strip", "strip", "append"),
    "a generator function": ("def f():\n    yield 1\nf()$0.send", "send close", "append"),
    "an async generator": ("async def f():\n    yield 1\nf()$0.asend", "asend", "send"),
    "a generator's element": ('def f():\n    yield "a"\nfor x in f():\n    pass\n[y$0.z for y in f()]', "strip", "append"),
    "contextmanager": (
        """
        from contextlib import contextmanager
        @contextmanager
        def opened():
            yield "a"
        def g():
            with opened() as x:
                x$0.y
        """,
        "strip",
        "append",
    ),
    "super()": ("class A:\n    x = 1\nclass B(A):\n    def f(self):\n        super()$0.x", "x", "y"),
    "a named tuple of typing": (
        "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\nP(1)$0.x",
        "x _fields _replace count",
        "y",
    ),
    "a named tuple of collections": (
        'from collections import namedtuple\nP = namedtuple("P", "x y")\nP(1, 2)$0.x',
        "x y _asdict index",
        "z",
    ),
    "an enum": (
        "import enum\nclass C(enum.Enum):\n    RED = 1\n    def f(self): ...\nC.RED$0.value",
        "value name RED f",
        "blue",
    ),
    "an enum's class": ("import enum\nclass C(enum.Enum):\n    RED = 1\nC$0.RED", "RED __members__", "BLUE"),
    "a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nP(1)$0.x",
        "x",
        "y",
    ),
    "a protocol": (
        "from typing import Protocol\nclass P(Protocol):\n    def f(self): ...\ndef g(p: P):\n    p$0.f",
        "f",
        "g",
    ),
    "the class of an abstract collection": (
        "import collections.abc\ncollections.abc.MutableMapping$0.register",
        "register update mro",
        "append",
    ),
    "type[X]": ("class A:\n    x = 1\ndef f(a: type[A]):\n    a$0.x", "x mro", "y"),
    "Self": (
        "from typing import Self\nclass A:\n    def f(self) -> Self: ...\nclass B(A):\n    y = 1\nB().f()$0.y",
        "f y",
        "z",
    ),
    "a bound type variable": (
        'from typing import TypeVar\nT = TypeVar("T", bound=str)\ndef f(x: T):\n    x$0.y',
        "strip",
        "append",
    ),
    "a type variable that the argument tells": (
        'from typing import TypeVar\nT = TypeVar("T")\ndef same(x: T) -> T: ...\nsame("a")$0.strip',
        "strip",
        "append",
    ),
    "a generic class of one's own": (
        """
        from typing import Generic, TypeVar
        T = TypeVar("T")
        class Box(Generic[T]):
            def get(self) -> T: ...
        class StrBox(Box[str]): ...
        StrBox().get()$0.strip
        """,
        "strip",
        "append",
    ),
    "a descriptor": (
        "class D:\n    def __get__(self, o, t) -> str: ...\nclass A:\n    d = D()\nA().d$0.strip",
        "strip",
        "append",
    ),
    "lru_cache": (
        "from functools import lru_cache\n@lru_cache\ndef f() -> str: ...\nf$0.cache_clear",
        "cache_clear cache_info",
        "strip",
    ),
    "what a cached function returns": (
        "from functools import cache\n@cache\ndef f() -> str: ...\nf()$0.strip",
        "strip",
        "append",
    ),
    "an exception that is caught": ("import subprocess as s\ndef f():\n    try: ...\n    except s.CalledProcessError as e:\n        e$0.args", "args", "errno"),
    "an exception that is made": ("KeyError('a')$0.args", "args", "errno"),
    "operators": ('def f(n: int):\n    ("a" % n)$0.strip', "strip", "append"),
    "a slice of a string": ('"abc"[1:]$0.strip', "strip", "append"),
    "a name imported with a star": ("#- a.py\nclass A:\n    x = 1\n#- b.py\nfrom a import *\nA()$0.x", "x", "y"),
    "int is welcome where float is declared": ("def f(x: float):\n    x$0.y", "hex bit_length", "strip"),
    "modules that all import each other with stars": (
        "".join(f"#- m{one}.py\n" + "".join(f"from m{other} import *\n" for other in range(16)) for one in range(16))
        + "class A:\n    x = 1\n#- main.py\nfrom m0 import *\nA()$0.x",
        "x",
        "y",
    ),
    "private names that a stub leaves out": ("import threading\nthreading.Thread()$0._target", "_target start", "bark"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED)
def test_closed(name: str) -> None:
    snippet, has, lacks = CLOSED[name]
    check_members(snippet, has=has, lacks=lacks)
