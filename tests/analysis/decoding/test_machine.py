"""What a guide says of text that is written at a hole (`$0`), fed whole and byte by byte.

Each case is a text around the hole, what is written there, and the name that is wrong, "" where nothing certainly is.
"""

from __future__ import annotations

import pytest

from tracemend.analysis.decoding.machine import Guide, Violation
from tracemend.analysis.monitors.tables import SymbolTable, TableType

CART, PRICE, PRICES, FILE, OPEN, SELF, MICRO, NONE, TEXT, DICT = range(10)
TABLE = SymbolTable(
    types=(
        TableType("Cart", frozenset({"total", "prices", "clear"}), False, {"prices": PRICES}, {"total": PRICE}),
        TableType("Price", frozenset({"amount", "_hidden"}), False),
        TableType("list", frozenset({"append"}), False, item=PRICE, is_fixed=True),
        TableType("File", frozenset({"read"}), False, enter=FILE),
        TableType("Any"),
        TableType("Shop", frozenset({"cart", "open", "name"}), False, {"cart": CART}, {"open": FILE}),
        TableType("Units", frozenset({"μ", "metre"}), False),
        TableType("None", frozenset(), False),
        TableType("str", frozenset({"join", "split"}), False, returns={"split": PRICES}, is_fixed=True),
        TableType("dict", frozenset({"items"}), False, is_fixed=True),
    ),
    names={
        "cart": CART, "carts": PRICES, "thing": OPEN, "path": -1, "self": SELF, "units": MICRO, "none": NONE,
        "Cart": -1, "Price": -1, "isinstance": -1, "print": -1, "x": CART,
    },
    returns={"Cart": CART, "Price": PRICE, "open_file": FILE},
    is_open=False,
    literals={"str": TEXT, "list": PRICES, "dict": DICT},
)  # fmt: skip

CASES = {
    "member": ("y = $0", "cart.total()", ""),
    "no member": ("y = $0", "cart.totl()", "totl"),
    "member that is longer": ("y = $0", "cart.totals()", "totals"),
    "hole behind the dot": ("y = cart.$0", "totl()", "totl"),
    "hole in the name": ("y = cart.to$0", "tl()", "totl"),
    "hole in the receiver": ("y = ca$0", "rt.totl()", "totl"),
    "name that the text behind goes on with": ("y = cart.$0al()", "tot", ""),
    "name that the text behind makes wrong": ("y = cart.$0x()", "total", "totalx"),
    "right until the end": ("y = $0", "cart.total", ""),
    "wrong at the end": ("y = $0", "cart.tot", "tot"),
    "chain": ("y = $0", "cart.total().amount", ""),
    "wrong in a chain": ("y = $0", "cart.total().mount ", "mount"),
    "unknown in a chain": ("y = $0", "cart.clear().anything()", ""),
    "attribute of an attribute": ("y = $0", "self.cart.totl ", "totl"),
    "receiver in brackets": ("y = $0", "(cart).totl ", "totl"),
    "two in brackets": ("y = $0", "(cart or thing).totl ", ""),
    "subscript": ("y = $0", "carts[0].anything ", ""),
    "string": ("y = $0", "'cart.totl '.join(x)", ""),
    "comment": ("y = $0", "1  # cart.totl \n", ""),
    "triple quotes": ("y = $0", '"""cart.totl "cart.totl "" """ + cart.totl ', "totl"),
    "empty string": ("y = $0", '"" + cart.totl ', "totl"),
    "escaped quote": ("y = $0", r"'\' cart.totl ' + cart.total()", ""),
    "raw string": ("y = $0", r"r'\' cart.totl ' + cart.total()", ""),
    "bytes": ("y = $0", "Rb'cart.totl {cart.totl }'", ""),
    "string that its line ends": ("y = $0", "'cart.totl \ny = carts.totl ", "totl"),
    "f-string": ("y = $0", "f'cart.totl {cart.totl}'", "totl"),
    "f-string text": ("y = $0", "f'cart.totl {{cart.totl}} {cart.total()}'", ""),
    "conversion and specification": ("y = $0", "f'{cart!r:>{cart.totl}}'", "totl"),
    "text of a specification": ("y = $0", "f'{cart:cart.totl }'", ""),
    "behind a specification": ("y = $0", "f'{path:{cart}.2f} {cart.totl}'", "totl"),
    "quotes nested": ("y = $0", "f'{path['cart.totl ']} {cart.totl}'", "totl"),
    "f-string over lines": ("y = $0", "f'''\n{\ncart.totl}'''", "totl"),
    "named character": ("y = $0", r"f'\N{cart.totl } {cart.totl}'", "totl"),
    "format of an equals sign": ("y = $0", "f'{cart.total()=}'", ""),
    "hole in an f-string": ("y = f'{cart.$0}'", "totl", "totl"),
    "number": ("y = $0", "1.real + 1..anything + 1.e5 + .5.x + 0x1f.y", ""),
    "ellipsis": ("y = $0", "... .x", ""),
    "white space around the dot": ("y = $0", "cart . totl ", "totl"),
    "newline around the dot": ("y = ($0)", "cart\n  .\n  totl ", "totl"),
    "backslash": ("y = $0", "cart.\\\n  totl ", "totl"),
    "comment around the dot": ("y = ($0)", "cart  # a\n  .totl ", "totl"),
    "no receiver on the line before": ("y = $0", "cart\n.totl ", ""),
    "dunder": ("y = $0", "cart.__wrapped__", ""),
    "no dunder": ("y = $0", "cart.__wrapped", "__wrapped"),
    "keyword as receiver's beginning": ("y = $0", "isinstance.y + print.is_", ""),
    "keyword in front": ("y = $0", "not cart.totl ", "totl"),
    "soft keyword": ("$0", "match cart.totl:", "totl"),
    "other script": ("y = $0", "units.\N{MICRO SIGN} + units.\N{GREEK SMALL LETTER MU}", ""),
    "no such name in another script": ("y = $0", "units.ä ", "ä"),
    "string's member": ("y = $0", "'a'.jin ", "jin"),
    "member of a string in triple quotes": ("y = $0", '"""a"""\\\n.jin ', "jin"),
    "member of two strings": ("y = $0", "'a' \"b\".jin ", "jin"),
    "member of a string with fields": ("y = $0", "f'{cart.total():{path}}'.jin ", "jin"),
    "template": ("y = $0", "t'{cart}'.strings + b'x'.jin", ""),
    "chain behind a string": ("y = $0", "' '.split().push ", "push"),
    "hole behind a string": ("y = ', '.$0", "jin(path)", "jin"),
    "display": ("y = $0", "[1, 2].push ", "push"),
    "list of a comprehension": ("y = $0", "[cart for cart in path].push ", "push"),
    "item of a display": ("y = $0", "[1, 2][0].push ", ""),
    "empty braces": ("y = $0", "{}.item ", "item"),
    "dictionary": ("y = $0", "{path: [1], **cart}.item ", "item"),
    "set": ("y = $0", "{1, 2}.push + {path}.push + {*path}.push", ""),
    "set of what has a colon": ("y = $0", "{lambda: 1}.push + {path[1:2]}.push", ""),
    "bound to a display": ("$0", "new = []\nnew.push(1)", "push"),
    "bound to a placeholder": ("$0", "new = ''\nnew.push(1)", ""),
    "store where none is kept": ("$0", "carts.owner = 1", "owner"),
    "store in an item": ("$0", "carts[0].owner = 1", ""),
    "store": ("$0", "cart.owner = 1", ""),
    "augmented": ("$0", "cart.owner += 1", ""),
    "annotated": ("$0", "cart.owner: Price = 1", ""),
    "call at the beginning of a line": ("$0", "cart.totl()", "totl"),
    "load in front of a store": ("$0", "self.crat.owner = 1", "crat"),
    "statement of its own": ("$0", "cart.totl\n", "totl"),
    "several targets": ("$0", "cart.a, (self.b, *cart.c) = path", ""),
    "second target": ("$0", "self.a = self.b = 1", ""),
    "read behind a store": ("$0", "self.a = self.b()", "b"),
    "read behind a name": ("$0", "y = self.b ", "b"),
    "loop over attributes": ("$0", "for self.i, cart.j in path:", ""),
    "as": ("$0", "with path as self.file:", ""),
    "deleted": ("$0", "del cart.owner", ""),
    "stored before": ("$0", "cart.owner = 1\ny = cart.owner.x", ""),
    "import": ("$0", "import cart.totl\nfrom .cart.totl import x", ""),
    "raised from": ("$0", "raise path from cart.totl ", "totl"),
    "decorator": ("$0", "@cart.totl\n", "totl"),
    "bound anew": ("$0", "cart = path\ncart.totl()", ""),
    "bound to what is known": ("$0", "new = Cart()\ny = new.totl ", "totl"),
    "lambda": ("y = $0", "sorted(path, key=lambda cart: cart.totl)", ""),
    "behind a lambda": ("y = $0", "sorted(path, key=lambda z: z.totl, x=cart.totl)", "totl"),
    "comprehension": ("y = $0", "[cart.totl for cart in path]", "totl"),
    "name that loops bind": ("for cart in path: pass\ny = $0", "[cart.totl for cart in path]", ""),
    "one letter": ("y = $0", "sum(x.price for x in path)", ""),
    "second argument": ("y = $0", "sum(path, x.price)", "price"),
    "bound by the comprehension": ("y = $0", "[1 for cart in path if cart.totl]", ""),
    "walrus": ("$0", "if (cart := path) and cart.totl:", ""),
    "semicolon": ("$0", "cart = path; cart.totl()", ""),
    "block on one line": ("$0", "for cart in path: cart.totl()", ""),
    "asked about": ("$0", "if isinstance(cart, path) and cart.totl():", ""),
    "asked about before": ("$0", "if isinstance(self.cart, path):\n    y = self.cart.totl()", ""),
    "asked for": ("$0", "if hasattr(cart, 'totl'):\n    cart.totl()", ""),
    "try": ("$0", "try:\n    cart.totl()\nexcept AttributeError:\n    pass\n", ""),
    "behind a try": ("$0", "try:\n    cart.total()\nfinally:\n    cart.totl()\n", "totl"),
    "expected failure": ("$0", "with pytest.raises(AttributeError):\n    cart.totl()\n", ""),
    "placeholder": ("y = $0", "none.anything()", ""),
    "open type": ("y = $0", "thing.anything()", ""),
    "method": ("$0", "def f(self, cart):\n    self.x.y(cart.totl)", ""),
    "bare name": ("y = $0", "crat + 1", "crat"),
    "bare name bound here": ("$0", "crat = 1\ny = crat + 1", ""),
    "bare name as a target": ("y = $0", "crat = 1", ""),
    "bare name in a bracket": ("y = $0", "[crat for crat in path]", ""),
    "bare name in a function": ("$0", "def f():\n    return crat\n", ""),
    "bare name in a loop": ("for z in path:\n    $0", "if crat:\n        pass", ""),
    "builtin": ("y = $0", "len + __file__ + 1", ""),
    "keyword argument": ("y = $0", "print(end=cart.totl)", "totl"),
}  # fmt: skip


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize("case", CASES)
def test_text_at_a_hole(case: str, step: int) -> None:
    text, written, expected = CASES[case]
    found = violation(text, written, step)
    assert (found.name if found else "") == expected, found


def violation(text: str, written: str, step: int, *, fenced: bool = False) -> Violation | None:
    """Return what is wrong with `written` at the hole in `text`, fed in pieces of `step` bytes."""
    before, _, after = text.partition("$0")
    guide = Guide(TABLE, before=before, after=after, fenced=fenced)
    data = written.encode()
    for start in range(0, len(data), step):
        found = guide.feed(data[start : start + step])
        if found is not None:
            return found
    return guide.finish()


def test_a_violation_says_where_to_cut_and_what_was_meant() -> None:
    found = violation("y = $0", "'é' + cart.totl()", 1000)
    assert found is not None
    assert (found.start, found.end) == (11, 15)
    assert (found.receiver, found.name, found.nearest) == ("Cart", "totl", ("total",))
    assert found.why == "`Cart` has no member `totl`"
    begun = violation("y = cart.to$0", "tl()", 1)
    assert begun is not None and (begun.start, begun.end) == (0, 2)


def test_a_guide_is_silent_behind_its_first_violation() -> None:
    guide = Guide(TABLE, before="y = ")
    assert guide.feed(b"cart.totl() + ") is not None
    assert guide.feed(b"cart.totl() + ") is None
    assert guide.finish() is None
    assert not guide.active()


def test_a_fork_goes_its_own_way() -> None:
    guide = Guide(TABLE, before="y = ")
    guide.feed(b"cart.to")
    fork = guide.fork()
    assert fork.key == guide.key
    assert fork.feed(b"tl ") is not None
    assert guide.feed(b"tal ") is None


def test_legal_names_behind_a_dot() -> None:
    guide = Guide(TABLE, before="y = cart")
    assert guide.legal is None
    guide.feed(b".")
    assert guide.legal == {"total", "prices", "clear"}
    guide.feed(b"total().")
    assert guide.legal == {"amount", "_hidden"}


FENCED = {
    "prose": ("`cart.totl ` is wrong: cart.totl ", ""),
    "python": ("So:\n```python\ny = cart.totl \n```\n", "totl"),
    "other language": ("```js\ny = cart.totl ;\n```\n", ""),
    "behind a block": ("```py\ny = cart.total()\n```\ny = cart.totl ", ""),
    "second block": ("```py\ny = cart\n```\nAnd\n~~~~ {.python}\ny = cart.totl \n~~~~\n", "totl"),
    "fence of three in one of four": ("````python\n```\ny = cart.totl \n````\n", "totl"),
    "whole method": ("```python\ndef f(self, cart):\n    return cart.totl\n```", ""),
    "bare": ("\ndef f():\n    return cart.totl \n", "totl"),
    "bare, further down": (
        "import os\n@wraps(os)\ndef f():\n\n    pass\nclass A:\n    x = cart.totl \n",
        "totl",
    ),
    "bare, a head of many lines": ("def f(\n    a,\n):\n    return cart.totl \n", "totl"),
    "bare, in the head": ("def f(a=cart.totl ):\n    return a\n", "totl"),
    "bare, a name of its own": ("def f(cart):\n    return cart.totl \n", ""),
    "bare, a name that it imports": ("from a import b as cart\ndef f():\n    return cart.totl \n", ""),
    "prose behind bare code": ("def f():\n    pass\ncart.totl is wrong.\n    cart.totl \n", ""),
    "bare, behind what may bind": ("def f():\n    pass\ncart = 1\ndef g():\n    return cart.totl \n", ""),
    "prose that speaks of code": ("def f() is wrong:\nit asks cart.totl of it\n    cart.totl \n", ""),
    "a fence behind bare code": ("def f():\n    pass\nOr:\n```python\ncart.totl \n```", "totl"),
    "indented": ("1. x\n   ```python\n   y = cart.totl \n   ```\n", "totl"),
}


@pytest.mark.parametrize("step", [1, 4, 1000])
@pytest.mark.parametrize("case", FENCED)
def test_an_answer_in_markdown(case: str, step: int) -> None:
    written, expected = FENCED[case]
    found = violation("y = $0", written, step, fenced=True)
    assert (found.name if found else "") == expected, found
