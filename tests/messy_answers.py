"""Answers as models really write them: kinds of edit, each written with every kind of mess.

An `Intended` edit says what is in the answer and what the file must hold afterwards. A mess is a function that writes an
edit as an answer, or None where it makes no sense for it. The kinds are those of aider's and our own collections:
fences of all makes, prose, chat tokens, wrong indentation, quoted old code, forgotten parts, whole files.
"""

from __future__ import annotations

import html
import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

PATH = "shop/cart.py"
FILE = '''\
"""A cart.

    cart = Cart()
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

RATE = 0.2  # VAT.


def gross(net):
    """Return the price with tax."""
    # The rate is per cent of one.
    return net + RATE


def discount(total, coupons):
    """Apply the coupons.

    ```python
    discount(10, [1])
    ```
    """
    for coupon in coupons:
        total += coupon  # Each one is an amount.
    return total


async def fetch(client, name):
    reply = await client.get(name)
    return reply


@functools.lru_cache(maxsize=None)
def fib(n):
    if n < 1:
        return n
    return fib(n - 1) + fib(n - 2)


def make_counter():
    count = 0

    def step():
        count += 1
        return count

    return step


@dataclass
class Line:
    name: str
    price: float = 0.0


class Cart:
    """Lines and their sum."""

    limit = 10

    def __init__(self, lines=None):
        self.lines = lines

    @property
    def total(self):
        """The sum."""
        return sum(one.price for one in self.lines[1:])

    @total.setter
    def total(self, value):
        self.lines = [Line("total")]

    @staticmethod
    def parse(text):
        name, price = text.split(",")
        return Line(name, price)

    def report(self):
        head = """
  name | price
"""
        return head + "\\n".join(one.name for one in self.lines)


def add(cart, line):
    cart.lines.append(line)
    return cart
'''


@dataclass(frozen=True)
class Intended:
    """One edit: the definitions that change, as (old, new) pieces of the file, and what is added beside them."""

    name: str
    pieces: tuple[tuple[str, str], ...]
    in_class: bool = False  # The pieces are members of `Cart`.
    helper: str = ""  # A new function, which stands before the first changed one.
    imported: str = ""  # A new import.

    @property
    def result(self) -> str:
        """The whole file after the edit."""
        text = FILE
        for old, new in self.pieces:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        if self.helper:
            first = self.pieces[0][1]
            text = text.replace(first, f"{self.helper}\n\n\n{first}")
        if self.imported:
            text = text.replace("import dataclass\n", f"import dataclass\n{self.imported}\n")
        return text

    @property
    def code(self) -> str:
        """What a tidy answer holds."""
        body = "\n\n".join(new for _, new in self.pieces)
        if self.in_class:
            body = f"class Cart:\n{body}"
        parts = [self.imported, self.helper, body]
        return "\n\n".join(filter(None, parts))

    @property
    def bare_code(self) -> str:
        """The same without the class around its methods."""
        return textwrap.dedent("\n\n".join(new for _, new in self.pieces)) if self.in_class else self.code

    @property
    def old_code(self) -> str:
        body = "\n\n".join(old for old, _ in self.pieces)
        return f"class Cart:\n{body}" if self.in_class else body


def _between(start: str, end: str) -> str:
    at = FILE.index(start)
    return FILE[at : FILE.index(end, at) + len(end)]


_GROSS = _between("def gross", "return net + RATE")
_DISCOUNT = _between("def discount", "return total")
_FETCH = _between("async def fetch", "return reply")
_FIB = _between("@functools", "fib(n - 2)")
_COUNTER = _between("def make_counter", "    return step")
_INIT = _between("    def __init__", "self.lines = lines")
_TOTAL = _between("    @property", "self.lines[1:])")
_SETTER = _between("    @total.setter", 'Line("total")]')
_PARSE = _between("    @staticmethod", "Line(name, price)")
_REPORT = _between("    def report", "in self.lines)")
_ADD = _between("def add", "return cart")

EDITS = (
    Intended("function", ((_GROSS, _GROSS.replace("net + RATE", "net * (1 + RATE)")),)),
    Intended("fence in docstring", ((_DISCOUNT, _DISCOUNT.replace("total += coupon", "total -= coupon")),)),
    Intended("async", ((_FETCH, _FETCH.replace("return reply", "return reply.json()")),)),
    Intended("decorated", ((_FIB, _FIB.replace("n < 1", "n < 2")),)),
    Intended("closure", ((_COUNTER, _COUNTER.replace("def step():\n", "def step():\n        nonlocal count\n")),)),
    Intended("constructor", ((_INIT, _INIT.replace("= lines", "= list(lines or [])", 1).replace("lines=list(lines or [])", "lines=None")),), in_class=True),
    Intended("property", ((_TOTAL, _TOTAL.replace("self.lines[1:]", "self.lines")),), in_class=True),
    Intended("setter", ((_SETTER, _SETTER.replace('Line("total")', 'Line("total", value)')),), in_class=True),
    Intended("static method", ((_PARSE, _PARSE.replace("price)", "float(price))")),), in_class=True),
    Intended("text in a method", ((_REPORT, _REPORT.replace("one.name for", "f'{one.name} | {one.price}' for")),), in_class=True),
    Intended("two functions", ((_GROSS, _GROSS.replace("net + RATE", "net * (1 + RATE)")), (_ADD, _ADD.replace("cart.lines.append(line)", "cart.lines = [*cart.lines, line]")))),
    Intended("two methods", ((_TOTAL, _TOTAL.replace("self.lines[1:]", "self.lines")), (_SETTER, _SETTER.replace('Line("total")', 'Line("total", value)'))), in_class=True),
    Intended("new helper", ((_GROSS, _GROSS.replace("net + RATE", "with_rate(net)")),), helper="def with_rate(net):\n    return net * (1 + RATE)"),
    Intended("new import", ((_GROSS, _GROSS.replace("net + RATE", "math.fsum([net, net * RATE])")),), imported="import math"),
    Intended("rewritten", ((_DISCOUNT, _DISCOUNT[: _DISCOUNT.index("    for coupon")] + "    left = total - sum(coupons)\n    if left < 0:\n        return 0\n    return left"),)),
)  # fmt: skip

Mess = Callable[[Intended], str | None]


def _fence(code: str, info: str = "python", mark: str = "```") -> str:
    return f"{mark}{info}\n{code}\n{mark}"


def _without_docstring(code: str) -> str:
    return re.sub(r'\n +"""[^"]*"""(?=\n)', "", code, count=1)


def _old_and_new(edit: Intended) -> list[tuple[str, str]]:
    """The smallest runs of whole lines that differ, with one line before them."""
    found = []
    for old, new in edit.pieces:
        olds, news = old.split("\n"), new.split("\n")
        start = next(at for at, (a, b) in enumerate(zip(olds, news, strict=False)) if a != b)
        first = max(0, start - 1)
        end = 0
        while end < min(len(olds), len(news)) - start - 1 and olds[-1 - end] == news[-1 - end]:
            end += 1
        found.append(("\n".join(olds[first : len(olds) - end]), "\n".join(news[first : len(news) - end])))
    return found


def _blocks(edit: Intended, search: str, replace: str, *, head: str = PATH, shift: str = "") -> str | None:
    if edit.helper or edit.imported:
        return None
    written = []
    for old, new in _old_and_new(edit):
        old, new = (textwrap.indent(one, shift) for one in (old, new)) if shift else (old, new)
        written.append(f"{head}\n{search}\n{old}\n=======\n{new}\n{replace}")
    return "\n\n".join(written)


def _diff(edit: Intended) -> str | None:
    if edit.helper or edit.imported:
        return None
    hunks = []
    for old, new in _old_and_new(edit):
        context, *olds = old.split("\n")
        news = new.split("\n")[1:]
        lines = [f" {context}", *(f"-{one}" for one in olds), *(f"+{one}" for one in news)]
        hunks.append("\n".join(["@@ -7,3 +99,4 @@", *lines]))
    return _fence("\n".join([f"--- a/{PATH}", f"+++ b/{PATH}", *hunks]), "diff")


def _numbered(edit: Intended) -> str | None:
    if '"""\n  name' in edit.code:
        return None  # A number at the margin of a text is part of it.
    return _fence("\n".join(f"{at:>3} | {line}" for at, line in enumerate(edit.code.split("\n"), 1)))


def _first_line_outside(edit: Intended) -> str | None:
    if len(edit.pieces) > 1 or '"""\n  name' in edit.code or not edit.in_class:
        return None
    return _fence(edit.pieces[0][1].lstrip())


def _undecorated(edit: Intended) -> str | None:
    if "@" not in edit.code or any("setter" in new for _, new in edit.pieces):
        return None  # Without its decorator a setter is another property.
    return _fence(re.sub(r"^ *@.*\n", "", edit.code, flags=re.MULTILINE))


def _tabs(edit: Intended) -> str | None:
    if '"""' in edit.code:
        return None
    return _fence(re.sub(r"^(?: {4})+", lambda one: "\t" * (len(one[0]) // 4), edit.code, flags=re.MULTILINE))


def _indented(edit: Intended) -> str | None:
    return None if '"""\n  name' in edit.code else _fence(textwrap.indent(edit.code, "      "))


def _in_list(edit: Intended) -> str | None:
    if '"""\n  name' in edit.code:
        return None
    return "1. The cause.\n2. The code:\n\n" + textwrap.indent(_fence(edit.code), "   ") + "\n\n3. Done."


def _quoted(edit: Intended) -> str:
    return "As I said:\n\n" + "\n".join(f"> {line}" for line in _fence(edit.code).split("\n"))


MESSES: dict[str, Mess] = {
    "tidy": lambda edit: _fence(edit.code),
    "prose around": lambda edit: f"The cause is `x`: it's wrong.\n\n{_fence(edit.code)}\n\nThis works because it's right.",
    "no language": lambda edit: _fence(edit.code, ""),
    "language in capitals": lambda edit: _fence(edit.code, "Python3"),
    "python3 repl": lambda edit: _fence(edit.code, "py"),
    "tildes": lambda edit: _fence(edit.code, mark="~~~"),
    "four backticks": lambda edit: _fence(edit.code, mark="````"),
    "fence never closed": lambda edit: f"Here:\n```python\n{edit.code}",
    "fence never closed, prose behind": lambda edit: f"```python\n{edit.code}\n\nThis makes the test pass, as it's now right.",
    "fence never opened": lambda edit: f"{edit.code}\n```",
    "fences in a list": _in_list,
    "quoted": _quoted,
    "chat tokens": lambda edit: f"<|im_start|>assistant\nSure.\n{_fence(edit.code)}<|im_end|>\n<|im_start|>user\nThanks",
    "llama tokens": lambda edit: f"<|start_header_id|>assistant<|end_header_id|>\n\n{_fence(edit.code)}<|eot_id|>",
    "end of text in code": lambda edit: f"```python\n{edit.code}\n<|endoftext|>def other(): pass",
    "thinking": lambda edit: f"<think>\nMaybe\n```python\ndef gross(net):\n    return 0\n```\n</think>\n{_fence(edit.code)}",
    "no fences": lambda edit: edit.code,
    "no fences, prose around": lambda edit: f"The loop is wrong. Corrected version:\n\n{edit.code}\n\nNow it's fine, isn't it?",
    "code tags": lambda edit: f"[PYTHON]\n{edit.code}\n[/PYTHON]",
    "CRLF": lambda edit: f"Here:\n{_fence(edit.code)}\n".replace("\n", "\r\n"),
    "byte order mark": lambda edit: f"\ufeff{_fence(edit.code)}",
    "zero-width spaces": lambda edit: f"Fixed:\u200b\n{_fence(edit.code)}",
    "all indented": _indented,
    "without class": lambda edit: _fence(edit.bare_code) if "name | price" not in edit.code else None,
    "methods as they stand": lambda edit: _fence("\n\n".join(new for _, new in edit.pieces)) if edit.in_class else None,
    "first line outside": _first_line_outside,
    "without decorators": _undecorated,
    "without docstring": lambda edit: _fence(_without_docstring(edit.code)) if edit.name != "rewritten" else None,
    "tabs": _tabs,
    "line numbers": _numbered,
    "whole file": lambda edit: f"{PATH}:\n{_fence(edit.result)}",
    "whole file, no fences": lambda edit: edit.result,
    "old code first": lambda edit: f"The old code:\n{_fence(edit.old_code)}\nThe new code:\n{_fence(edit.code)}",
    "old code in the same block": lambda edit: _fence(f"{edit.old_code}\n\n\n{edit.code}"),
    "a block each": lambda edit: "\nand\n".join(_fence(new) for _, new in edit.pieces) if not edit.helper and not edit.imported else None,
    "usage behind": lambda edit: f"{_fence(edit.code)}\nUsage:\n```python\nprint(gross(3))\nassert add(Cart(), 1)\n```",
    "usage in the block": lambda edit: _fence(f"{edit.code}\n\n\nif __name__ == '__main__':\n    print(gross(3))"),
    "test in the block": lambda edit: _fence(f"{edit.code}\n\n\ndef test_gross():\n    assert gross(1) == 1.2"),
    "shell behind": lambda edit: f"{_fence(edit.code)}\nRun it:\n```bash\npython -m pytest; rm -rf build\n```",
    "output before": lambda edit: f"It fails with\n```\nTraceback (most recent call last):\n  File \"x.py\"\n```\nso\n{_fence(edit.code)}",
    "own import": lambda edit: _fence(f"from cart import Line\n\n{edit.code}"),
    "path on the fence": lambda edit: _fence(edit.code, f"python {PATH}"),
    "path behind a colon": lambda edit: _fence(edit.code, f"python:{PATH}"),
    "path as heading": lambda edit: f"### `{PATH}`\n{_fence(edit.code)}",
    "path as comment": lambda edit: _fence(f"# {PATH}\n{edit.code}"),
    "another path": lambda edit: _fence(edit.code, "python solution.py"),
    "path that leaves": lambda edit: _fence(edit.code, "python ../../etc/cron.py"),
    "code on the fence": lambda edit: f"```python {edit.code}\n```" if edit.code.startswith("def ") else None,
    "JSON": lambda edit: json.dumps({"explanation": "x", "code": edit.code}),
    "HTML entities": lambda edit: _fence(html.escape(edit.code)),
    "typographic quotes": lambda edit: _fence(edit.code.replace('"""', "\u201c\u201c\u201c")),
    "trailing blanks": lambda edit: _fence("\n".join(f"{line}  " for line in edit.code.split("\n"))) if '"""\n' not in edit.code else None,
    "search and replace": lambda edit: _blocks(edit, "<<<<<<< SEARCH", ">>>>>>> REPLACE"),
    "search in a fence": lambda edit: (blocks := _blocks(edit, "<<<<<<< SEARCH", ">>>>>>> REPLACE")) and _fence(blocks),
    "search, short marks": lambda edit: _blocks(edit, "<<<<< ORIGINAL", ">>>>> UPDATED"),
    "search without path": lambda edit: _blocks(edit, "<<<<<<< SEARCH", ">>>>>>> REPLACE", head="Change this:"),
    "search, path in a fence": lambda edit: _blocks(edit, "<<<<<<< SEARCH", ">>>>>>> REPLACE", head=f"**{PATH}**"),
    "search, indented": lambda edit: _blocks(edit, "<<<<<<< SEARCH", ">>>>>>> REPLACE", shift="    "),
    "search, end forgotten": lambda edit: (blocks := _blocks(edit, "<<<<<<< SEARCH", "```")) and f"```\n{blocks}" if len(edit.pieces) == 1 else None,
    "search, CRLF": lambda edit: (blocks := _blocks(edit, "<<<<<<< SEARCH", ">>>>>>> REPLACE")) and blocks.replace("\n", "\r\n"),
    "diff with wrong line numbers": _diff,
}  # fmt: skip


def edits_for(mess: str) -> tuple[Intended, ...]:
    """Return every other edit: half of them suffices for each mess, and neighbours among the messes take turns."""
    return EDITS[list(MESSES).index(mess) % 2 :: 2]


def answers_with(mess: str) -> list[tuple[Intended, str]]:
    """Return (edit, answer) for each of the edits with which the mess makes sense."""
    written = [(edit, MESSES[mess](edit)) for edit in edits_for(mess)]
    return [(edit, answer) for edit, answer in written if answer is not None]
