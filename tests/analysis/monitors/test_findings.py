"""What `check` reports, and what it leaves alone, told by annotated snippets."""

from __future__ import annotations

from pathlib import Path

import pytest
from monitor_check import check_findings, make_reviewer

SNIPPETS = {
    "members": """
        import json
        class Cart:
            limit = 3
            def __init__(self) -> None:
                self.prices: list[int] = []
            def total(self) -> int:
                return sum(self.prics) + self.limit
                #               ^^^^^ unknown-member: `snippet.Cart` has no member `prics` -> prices
        cart = Cart()
        cart.total().bit_length()
        cart.prices.append(cart.totl())
        #                       ^^^^ unknown-member: `snippet.Cart` has no member `totl` -> total
        json.laods("1")
        #    ^^^^^ unknown-member: module `json` has no member `laods` -> loads
        (
            "a"
            .uper()  # A dot. And another.
            #^^^^ unknown-member: `str` has no member `uper` -> upper
        )
        cart.new = 1
        def generic(unknown): max(unknown).anything; sorted(unknown)[0].anything
        Cart.__subclasses__(); cart.__custom__; cart._Cart__hidden
    """,
    "names": """
        from __future__ import annotations
        def f(x: Undefined1) -> None:
            #    ^^^^^^^^^^ undefined-name: name `Undefined1` is not defined
            print(y, [z for z in x], lambda q: q, later)
            #     ^ undefined-name: name `y` is not defined
            if (n := len(x)) > 1: print(n, w)
            #                              ^ undefined-name: name `w` is not defined
            for i in x: pass
            return i
        class C:
            attribute = 1
            other = attribute
            def method(self):
                return __class__, attribute_
                #                 ^^^^^^^^^^ undefined-name: name `attribute_` is not defined
        later = __file__, __name__, _("translated"), WindowsError
        def g():
            global made
            made = 1
        print(made, pritn)
        #           ^^^^^ undefined-name: name `pritn` is not defined -> print
        match later:
            case [a, *b] | {"k": a, **b}: print(a, b)
    """,
    "imports": """
        #- pack/__init__.py
        from .inner import value
        from .innner import value
        #     ^^^^^^ unknown-module: package `pack` has no module `innner` -> pack.inner
        from . import inner, outer
        #                    ^^^^^ unknown-import: module `pack` has no name `outer`
        #- pack/inner.py
        import os.path, os.pth
        #               ^^^^^^ unknown-module: package `os` has no module `pth` -> os.path
        import aragparse
        #      ^^^^^^^^^ unknown-module: there is no module `aragparse` -> argparse
        import not_installed_at_all, ujson
        import pydot
        import pydot.core
        def optional():
            import jsonn
        from collections import (
            OrderedDict as O,
            OrderdDict as P,
        #   ^^^^^^^^^^ unknown-import: module `collections` has no name `OrderdDict` -> OrderedDict
        )
        from json import *
        value = 1
        #- pack/user.py
        from pack.inner import value, O, dumps, valeu
        #                                       ^^^^^ unknown-import: module `pack.inner` has no name `valeu` -> value
        from pack import inner, value
        from .....far import away
    """,
    "open modules": """
        #- lazy.py
        def __getattr__(name): return 1
        #- written.py
        globals().update(a=1)
        #- starred.py
        from not_installed import *
        #- user.py
        from lazy import anything
        from written import anything
        from starred import anything
    """,
    "arguments": """
        import textwrap
        class Shop:
            def __init__(self, name, /, size=1, *, open=True): ...
            def sell(self, what): ...
            def anything(self, *args, **options): ...
        def price(amount, *, tax=0.2): return amount * tax
        print(price(1, tax=2), price(*[1], **{}), Shop("x", 2, open=False))
        print(price(1, taxx=2))
        #              ^^^^ unknown-keyword: `price` takes no keyword argument `taxx` -> tax
        print(price())
        #     ^^^^^ wrong-arguments: `price` misses the argument `amount`
        print(price(1, 2))
        #     ^^^^^ wrong-arguments: `price` takes at most 1 positional argument, 2 given
        shop = Shop("x")
        shop.anything(1, 2, three=3)
        assert shop.sell(1, 2)
        #      ^^^^^^^^^ wrong-arguments: `shop.sell` takes at most 1 positional argument, 2 given
        textwrap.shorten("x", 3, placeholder="..")
        textwrap.shorten("x", widht=3)
        #                     ^^^^^ unknown-keyword: `textwrap.shorten` takes no keyword argument `widht` -> width
    """,
    "subclasses elsewhere": """
        #- base.py
        class Mixin:
            def place(self): return self.position
        class Plain:
            def run(self): return self.local_only, self.missing
            #                                           ^^^^^^^ unknown-member: `base.Plain` has no member `missing`
        #- user.py
        from base import Mixin, Plain
        def make(library):
            class Positioned(Mixin, library.Text): pass
            class Special(Plain):
                local_only = 1
            return Positioned, Special
    """,
    "literals": """
        import enum
        from typing import Literal, TypedDict
        class Colour(enum.Enum):
            RED = 1
        class Film(TypedDict):
            title: str
        def paint(how: Literal["thin", "thick"] | None = None): ...
        def show(film: Film, other: dict[str, str]):
            Colour["RED"], film["title"], other["any"]
            Colour["REDD"], film['titel']
            #      ^^^^^^ unknown-key: `Colour` has no key `REDD` -> "RED"
            #                    ^^^^^^^ unknown-key: `film` has no key `titel` -> 'title'
            if "year" in film: film["year"]
        paint("thin"), paint(), paint(how="thick"), paint(None)
        paint("thik")
        #     ^^^^^^ unknown-literal: `thik` is none of 'thick', 'thin' -> "thick", "thin"
    """,
    "misuse": """
        import abc, asyncio
        class Shape(abc.ABC):
            @abc.abstractmethod
            def area(self): ...
            @classmethod
            def default(cls): return cls()
        class Square(Shape):
            def area(self): return 1
        class Named(Shape):
            name = "x"
        print(Square(), Named.default())
        print(Named())
        #     ^^^^^ abstract-class: `Named` is abstract: nothing defines `area`
        def count() -> int: return 1
        def later(): return asyncio.sleep(1)
        async def main(self):
            await asyncio.sleep(1)
            await later()
            await count()
            #     ^^^^^^^ not-awaitable: `int` cannot be awaited
            await self.close()
    """,
    "fields of attrs": """
        #- attrs.py
        def define(cls=None, *, init=True, kw_only=False): ...
        def field(*, default=None, factory=None, init=True, alias=None, kw_only=False): ...
        #- attr.py
        def s(maybe_cls=None, these=None, kw_only=False): ...
        def ib(**options): ...
        #- snippet.py
        import attr
        from attrs import define, field
        @define
        class Cart:
            owner: str
            _limit: int = 3
            prices: list = field(factory=list, kw_only=True)
            total: int = field(init=False, default=0)
        Cart("me", 2), Cart(owner="me", limit=2, prices=[])
        print(Cart())
        #     ^^^^ wrong-arguments: `Cart` misses the argument `owner`
        print(Cart("me", 1, []), Cart("me", _limit=1), Cart("me", total=1))
        #     ^^^^ wrong-arguments: `Cart` takes at most 2 positional arguments, 3 given
        #                                   ^^^^^^ unknown-keyword: `Cart` takes no keyword argument `_limit` -> limit
        #                                                         ^^^^^ unknown-keyword: `Cart` takes no keyword argument `total`
        @define
        class Gift(Cart):
            owner: str = field(alias="to")
        Gift(1, "me"), Gift(to="me")
        print(Gift(owner="me"))
        #          ^^^^^ unknown-keyword: `Gift` takes no keyword argument `owner`
        @attr.s
        class Old:
            first = attr.ib()
            second = attr.ib()
            annotated: int = 1
            @second.default
            def _second(self): ...
        Old(1), Old(1, 2)
        print(Old(1, 2, 3), Old(1, annotated=1))
        #     ^^^ wrong-arguments: `Old` takes at most 2 positional arguments, 3 given
        #                          ^^^^^^^^^ unknown-keyword: `Old` takes no keyword argument `annotated`
        @attr.s(these={})
        class Computed: ...
        Computed(1, 2, 3)
    """,
    "stubs that lag behind": """
        #- lib.pyi
        def f(a): ...
        class Made: ...
        class Plain: ...
        #- lib.py
        def f(a, b=1): ...
        class Made:
            def __init__(self, a): ...
        class Plain: ...
        #- snippet.py
        from lib import Made, Plain, f
        f(1, 2), f(1, b=2), Made(1)
        print(f(1, 2, 3), f(1, c=2), Plain(1))
        #     ^ wrong-arguments: `f` takes at most 1 positional argument, 3 given
        #                      ^ unknown-keyword: `f` takes no keyword argument `c`
        #                            ^^^^^ wrong-arguments: `Plain` takes no positional arguments, 1 given
    """,
    "functions in C": """
        import math, sqlite3
        sqlite3.adapt(1)  # The stub demands `proto`, the function does not.
        print(math.sqrt())
        #     ^^^^^^^^^ wrong-arguments: `math.sqrt` misses the argument `x`
    """,
    "guards": """
        import json, sys
        try:
            json.laods; import jsson; undefined1
        except Exception:
            pass
        if sys.version_info < (3,):
            unicode("x"); json.laods
        json.laods  # type: ignore
        if hasattr(json, "laods"): json.laods
        getattr(json, "dmups", None); json.dmups
        def test():
            import pytest
            with pytest.raises(AttributeError):
                json.looads
    """,
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_findings(name: str, tmp_path: Path) -> None:
    check_findings(tmp_path, SNIPPETS[name])


def test_silence_is_counted_by_reason(tmp_path: Path) -> None:
    review = check_findings(
        tmp_path,
        """
        import json
        def f(x):
            x.anything
            json.laods  # noqa
        """,
    )
    assert review.silent["members/untyped-parameter"] == 1
    assert review.silent["members/suppressed"] == 1
    assert review.judged["members"] == 2


def test_a_review_can_be_cancelled_and_is_not_kept(tmp_path: Path) -> None:
    reviewer, texts = make_reviewer(tmp_path, "print(undefined)\n")
    ((path, text),) = texts.items()
    assert not reviewer.review(path, text, cancelled=lambda: True).complete
    assert [one.rule for one in reviewer.review(path, text).findings] == ["undefined-name"]


def test_what_one_file_defines_decides_about_the_others(tmp_path: Path) -> None:
    snippet = """
        #- one.py
        value = 1
        #- two.py
        from one import other
    """
    reviewer, texts = make_reviewer(tmp_path, snippet)
    two = tmp_path / "two.py"
    assert len(reviewer.review(two, texts[two]).findings) == 1
    reviewer.update(tmp_path / "one.py", "other = 1\n")
    assert reviewer.review(two, texts[two]).findings == ()
    reviewer.update(tmp_path / "one.py", None)
    assert len(reviewer.review(two, texts[two]).findings) == 1
