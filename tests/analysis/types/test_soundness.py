"""Each rule of soundness: where nothing may be forbidden, and what must be added before anything is."""

from __future__ import annotations

import pytest
from oracle_check import check_members

OPEN = {
    "an untyped parameter": ("def f(x):\n    x$0.y", "untyped-parameter"),
    "Any": ("from typing import Any\ndef f(x: Any):\n    x$0.y", "any"),
    "object": ("def f(x: object):\n    x$0.y", "object"),
    "an unknown import": ("import no_such_module\nno_such_module$0.y", "unknown-import"),
    "a fallback for a package that is not installed here": (
        "try:\n    from no_such_module import A\nexcept ImportError:\n    A = object\nclass B(A): ...\nB()$0.y",
        "unknown-base",
    ),
    "a module with __getattr__": (
        "#- a.py\ndef __getattr__(name): ...\n#- b.py\nimport a\na$0.y",
        "getattr",
    ),
    "a star import that leads nowhere": (
        "#- a.py\nfrom no_such_module import *\n#- b.py\nimport a\na$0.y",
        "unknown-import",
    ),
    "__getattr__": ("class A:\n    def __getattr__(self, n): ...\nA()$0.y", "getattr"),
    "a model of pydantic, which may hold what it was not told of": (
        "from pydantic import BaseModel\nclass A(BaseModel):\n    x: int\nA(x=1)$0.y",
        "getattr",
    ),
    "__getattribute__": ("class A:\n    def __getattribute__(self, n): ...\nA()$0.y", "getattribute"),
    "__getattr__ of a base": ("class A:\n    def __getattr__(self, n): ...\nclass B(A): ...\nB()$0.y", "getattr"),
    "__getattr__ of the metaclass": (
        "class M(type):\n    def __getattr__(cls, n): ...\nclass A(metaclass=M): ...\nA$0.y",
        "metaclass",
    ),
    "setattr with a computed name": (
        "class A:\n    def f(self, n):\n        setattr(self, n, 1)\nA()$0.y",
        "dynamic-class",
    ),
    "writing the dictionary of self": (
        "class A:\n    def f(self, d):\n        self.__dict__.update(d)\nA()$0.y",
        "dynamic-class",
    ),
    "an unknown base": ("from no_such_module import B\nclass A(B): ...\nA()$0.y", "unknown-base"),
    "a computed base": ("def make(): ...\nclass A(make()): ...\nA()$0.y", "unknown-base"),
    "an unknown class decorator": ("def d(c): ...\n@d\nclass A: ...\nA()$0.y", "class-decorator"),
    "a metaclass of one's own": (
        "class M(type):\n    def __new__(m, *a): ...\nclass A(metaclass=M): ...\ndef f(a: A):\n    a$0.y",
        "metaclass",
    ),
    "a store": ("class A: ...\na = A()\na$0.y = 1", "store"),
    "a store in a target list": ("class A: ...\na = A()\na$0.y, b = 1, 2", "store"),
    "an augmented store": ("class A: ...\na = A()\na$0.y += 1", "store"),
    "a loop that stores": ("class A: ...\na = A()\nfor a$0.y in []: ...", "store"),
    "a deletion": ("class A: ...\na = A()\ndel a$0.y", "delete"),
    "a line that begins with the receiver": ("class A: ...\na = A()\na$0.", "possible-store"),
    "type: ignore on the line": ("class A: ...\nprint(A()$0.y)  # type: ignore[attr-defined]", "type-ignore"),
    "try and except AttributeError": (
        "class A: ...\ntry:\n    print(A()$0.y)\nexcept AttributeError: ...",
        "expected-failure",
    ),
    "pytest.raises(AttributeError)": (
        "import pytest\nclass A: ...\nwith pytest.raises(AttributeError):\n    print(A()$0.y)",
        "expected-failure",
    ),
    "a mock": ("from unittest.mock import Mock\nMock()$0.y", "getattr"),
    "argparse.Namespace": ("import argparse\nargparse.ArgumentParser().parse_args()$0.y", "getattr"),
    "types.SimpleNamespace": ("import types\ntypes.SimpleNamespace(a=1)$0.y", "getattribute"),
    "threading.local": ("import threading\nthreading.local()$0.y", "getattribute"),
    "ctypes": ("import ctypes\nctypes.CDLL('x')$0.y", "getattr"),
    "an unknown decorator": ("def d(f): ...\n@d\ndef f() -> str: ...\nf()$0.y", "decorator"),
    "a function without a known return": ("def f(x):\n    return x\nf(1)$0.y", "untyped-call"),
    "a method that subclasses define": (
        "class A:\n    def f(self):\n        raise NotImplementedError\nA().f()$0.y",
        "abstract",
    ),
    "an unknown descriptor": (
        "class D:\n    def __get__(self, o, t): ...\nclass A:\n    d = D()\nA().d$0.y",
        "descriptor",
    ),
    "only ever None": ("class A:\n    x = None\nA().x$0.y", "only-none"),
    "an attribute stored from outside": (
        "class A:\n    x = 1\ndef f(a):\n    a.x = object()\nA().x$0.y",
        "stored-outside",
    ),
    "a name rebound by an inner function": (
        'def f():\n    x = ""\n    def g():\n        nonlocal x\n        x = 1\n    x$0.y',
        "nonlocal",
    ),
    "a test that does not hold at the place": (
        "def f(x):\n    if isinstance(x, str):\n        pass\n    print(x$0.y)",
        "untyped-parameter",
    ),
    "a tested name that is bound again": (
        "def f(x, z):\n    if isinstance(x, str):\n        x = z\n        print(x$0.y)",
        "untyped-parameter",
    ),
    "a tested name that is bound again in the loop": (
        "def f(x, z):\n    while isinstance(x, str):\n        for x in z:\n            print(x$0.y)\n        x = z",
        "untyped-parameter",
    ),
    "a test for an abstract class": (
        "from collections.abc import Mapping\ndef f(x):\n    if isinstance(x, Mapping):\n        print(x$0.y)",
        "untyped-parameter",
    ),
    "an annotation that the assigned value belies": (
        "class P:\n    def __getattr__(self, n): ...\nclass A: ...\na: A = P()\nprint(a$0.y)",
        "getattr",
    ),
    "an object of a metaclass": ("class M(type):\n    def f(cls):\n        print(cls$0.y)", "any-class"),
    "setattr on the receiver": ('class A: ...\ndef f(a: A, n):\n    setattr(a, n, 1)\n    a$0.y', "setattr"),
    "an unknown part of a union": (
        "from no_such_module import B\ndef f(x: str | B):\n    x$0.y",
        "unknown-import",
    ),
    "a free type variable": (
        'from typing import TypeVar\nT = TypeVar("T")\ndef f(x: T):\n    x$0.y',
        "typevar",
    ),
    "a bound that no argument tells more of": (
        'from typing import TypeVar\nT = TypeVar("T", bound=str)\ndef make(*a) -> T: ...\nmake()$0.y',
        "typevar",
    ),
    "a callable": ("from typing import Callable\ndef f(x: Callable[[], int]):\n    x$0.y", "callable"),
    "a builtin exception that is caught": (
        "def f():\n    try: ...\n    except KeyError as e:\n        e$0.y",
        "builtin-exception",
    ),
    "a builtin exception that a test expects": (
        ("import unittest\nclass T(unittest.TestCase):\n    def f(self):\n"
        "        with self.assertRaises(KeyError) as caught: ...\n        print(caught.exception$0.y)"),
        "builtin-exception",
    ),
    "an object that is given another class": (
        "class A: ...\ndef make(other):\n    new = A()\n    new.__class__ = other\n    return new\nmake(1)$0.y",
        "class-assignment",
    ),
    "a subclass whose metaclass adds names": (
        ("class M(type):\n    def __new__(m, *a): ...\nclass A:\n    def f(self):\n        print(self$0.y)\n"
        "class B(A, metaclass=M): ..."),
        "subclass-metaclass",
    ),
    "a class made by a call from a base that is passed in": (
        ("class A: ...\nclass B(A):\n    def f(self):\n        print(self$0.y)\n"
        "def make(base=A, **names):\n    return type('C', (base,), names)"),
        "subclass-type-call-parameter",
    ),
    "Exception says little": ("def f():\n    try: ...\n    except Exception as e:\n        e$0.y", "broad-except"),
    "a class factory": ('A = type("A", (), {})\nA()$0.y', "class-factory"),
    "a computed named tuple": (
        "from collections import namedtuple\ndef f(names):\n    P = namedtuple('P', names)\n    P()$0.y",
        "namedtuple",
    ),
    "a subclass of the workspace with an unknown base": (
        "from no_such_module import X\nclass A:\n    def f(self):\n        self$0.y\nclass B(A, X): ...",
        "subclass-unknown-base",
    ),
    "a mixin whose users are not known": ("class LogMixin:\n    def f(self):\n        self$0.y", "mixin"),
    "a computed attribute stored on the class": (
        "#- a.py\nclass A: ...\n#- b.py\nimport a\ndef patch(n):\n    setattr(a.A, n, 1)\n#- c.py\nfrom a import A\nA()$0.y",
        "store-any",
    ),
    "a class that the text breaks off in": ("class A:\n    def f(self):\n        return self$0.", "unfinished"),
    "a class that one inside a function derives from": (
        "class A:\n    def f(self):\n        print(self$0.y)\ndef make(base):\n    class B(A, base): ...\n    return B",
        "subclass-unknown-base",
    ),
    "a computed attribute of what was just made": (
        "class A: ...\ndef f(n):\n    a = A()\n    setattr(a, n, 1)\n    return a\nf('x')$0.y",
        "store-any",
    ),
    "a value that a base in a library declares": (
        "import socketserver\nclass H(socketserver.BaseRequestHandler):\n    def f(self):\n        print(self.server$0.y)",
        "library-attribute",
    ),
    "an annotated value in its own class body": (
        "from no_such_module import field\nclass A:\n    x: int = field()\n    print(x$0.y)",
        "unknown-import",
    ),
    "a fixture that parameters replace": (
        """
        #- test_cat.py
        import pytest
        @pytest.fixture
        def cat():
            return ""
        @pytest.mark.parametrize("cat", [1])
        def test_cat(cat):
            print(cat$0.y)
        """,
        "untyped-parameter",
    ),
    "a fixture that computed parameters may replace": (
        "#- test_a.py\nimport pytest\n@pytest.mark.parametrize(NAMES, [1])\ndef test_a(tmp_path):\n    print(tmp_path$0.y)",
        "untyped-parameter",
    ),
    "a fixture that the module's marks may replace": (
        ("#- test_a.py\nimport pytest\npytestmark = [pytest.mark.parametrize('tmp_path', [1])]\n"
        "def test_a(tmp_path):\n    print(tmp_path$0.y)"),
        "untyped-parameter",
    ),
    "a fixture that a plugin of the tests may have": (
        "#- conftest.py\npytest_plugins = ['x']\n#- test_a.py\ndef test_a(tmp_path):\n    print(tmp_path$0.y)",
        "untyped-parameter",
    ),
    "a class that is mapped to a table": (
        "from sqlalchemy.orm import mapper\nclass A: ...\nmapper(A, table)\nA()$0.y",
        "store-any",
    ),
    "an enumeration of what is not known": (
        "def f(x):\n    for n, one in enumerate(x):\n        print(one$0.y)",
        "typevar",
    ),
    "an enumeration of one of two things, of which one is not known to be iterated over": (
        ("class A:\n    def __getitem__(self, n): ...\ndef f(x: list[str] | A):\n"
        "    for n, one in enumerate(x):\n        print(one$0.y)"),
        "typevar",
    ),
    "the next of what is not known": ("def f(x):\n    print(next(x)$0.y)", "untyped-parameter"),
    "an element of a fresh container that nothing declares": ("def f():\n    x = []\n    print(x.pop()$0.y)", "typevar"),
    "an element of a container whose declaration tells none": (
        "def f():\n    x: list = []\n    print(x.pop()$0.y)",
        "typevar",
    ),
    "an element of a container of a class that is not the declared one": (
        "def f():\n    x: dict[str, str] = []\n    print(x[0]$0.y)",
        "typevar",
    ),
    "an element of a container that belies its declaration": (
        "class P:\n    def __getattr__(self, n): ...\ndef f():\n    x: list[str] = [P()]\n    print(x[0]$0.y)",
        "getattr",
    ),
    "a fixture of a plugin": ("#- test_a.py\ndef test_a(benchmark):\n    print(benchmark$0.y)", "untyped-parameter"),
    "what is in a string": ('"a$0.b"', "unparsed"),
}  # fmt: skip

ADDED = {
    "attributes that a subclass of the workspace sets": (
        "#- a.py\nclass A:\n    def f(self):\n        self$0.y\n#- b.py\nfrom a import A as Base\nclass B(Base):\n    def g(self):\n        self.y = 1",
        "y f g",
    ),
    "what the users of a mixin bring": (
        "class Mixin:\n    def f(self):\n        return self$0.name\nclass Named:\n    name = 1\nclass User(Mixin, Named): ...",
        "name",
    ),
    "stores from outside, by class": (
        "#- a.py\nclass A: ...\n#- b.py\nimport a\na.A.extra = 1\n#- c.py\nfrom a import A\nA()$0.extra",
        "extra",
    ),
    "stores from outside, by monkeypatch": (
        '#- a.py\nx = 1\n#- test_a.py\nimport a\ndef test(monkeypatch):\n    monkeypatch.setattr(a, "extra", 1)\n#- c.py\nimport a\na$0.extra',
        "extra",
    ),
    "stores on objects of unknown type": (
        "#- a.py\nclass A: ...\n#- b.py\ndef f(a):\n    a.extra = 1\n#- c.py\nfrom a import A\nA()$0.extra",
        "extra",
    ),
    "stores on a function": ("def f(): ...\nf.calls = 0\nf$0.calls", "calls"),
    "literal setattr on self": ('class A:\n    def f(self):\n        setattr(self, "y", 1)\nA()$0.y', "y"),
    "every branch of a conditional definition": (
        "import sys\nif sys.platform == 'win32':\n    class A:\n        x = 1\nelse:\n    class A:\n        y = 1\nA()$0.x",
        "x y",
    ),
    "every branch of a class body": (
        "import sys\nclass A:\n    if sys.version_info > (3, 99):\n        x = 1\n    else:\n        def y(self): ...\nA()$0.x",
        "x y",
    ),
    "members defined below the cursor": ("class A:\n    def f(self):\n        x = self$0.later\n    def later(self): ...", "later"),
    "both of two classes with one name": (
        "def f(c):\n    class A:\n        x = 1\n    a = A()\n    class A:\n        y = 1\n    print(a$0.x, A().y)",
        "x",
    ),
    "a builtin that is bound to its own name": (
        "#- a.py\nstr = str\n#- b.py\nfrom a import str\ndef f(x: str | bytes):\n    x$0.encode",
        "encode decode",
    ),
    "what a class iterates over, whatever its bases say": (
        ("from collections.abc import Iterator, Mapping\nclass Crumb:\n    age = 1\nclass Jar(Mapping[str, str]):\n"
        "    def __iter__(self) -> Iterator[Crumb]: ...\nlist(Jar())[0]$0.age"),
        "age strip",
    ),
    "what a stub leaves out of a class that the source imports": (
        ("#- pkg/__init__.pyi\nclass A:\n    x: int\n#- pkg/__init__.py\nfrom ._impl import A\n"
        "#- pkg/_impl.py\nclass A:\n    x = 1\n    def _y(self): ...\n#- c.py\nimport pkg\npkg.A()$0._y"),
        "x _y",
    ),
    "what any kind of file has, of one that is declared": (
        "from typing import IO\ndef f(x: IO[bytes] | None):\n    x$0.getvalue",
        "getvalue read buffer raw",
    ),
    "slots": ('class A:\n    __slots__ = ("x", "y")\nA()$0.x', "x y"),
    "what the default of a parameter is": ("class A:\n    x = 1\ndef f(a: A = None):\n    a$0.x", "x"),
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN)
def test_open(name: str) -> None:
    snippet, slug = OPEN[name]
    check_members(snippet, opens=slug)


@pytest.mark.parametrize("name", ADDED)
def test_added(name: str) -> None:
    snippet, names = ADDED[name]
    check_members(snippet, has=names, lacks="no_such_name")
