"""The classes and functions of a document, read line by line.

Lenses and hovers are asked for while the user types, on files of any length and in any state of repair. A parser would
need tens of milliseconds for ten thousand lines and gives nothing for a broken file; one regular expression that knows
strings and comments and a stack of indentations need a few and always answer. What lies inside of a string is never
taken for code.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tracemend.analysis.syntax.positions import LineIndex

SEPARATOR = "::"

_TOKENS = re.compile(
    r"""
      \#[^\r\n]*
    | \"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"{3}|\Z)
    | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3}|\Z)
    | "(?:\\.|[^"\\\r\n])*"? | '(?:\\.|[^'\\\r\n])*'?
    | (?:^|(?<=[\r\n]))(?P<indent>[ \t]*)(?:(?:async[ \t]+)?(?P<keyword>def)|class)[ \t]+(?P<name>\w+)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Definition:
    """One `class` or `def`. `line` is 1-based and that of the keyword, not of a decorator."""

    name: str
    kind: Literal["class", "function"]
    line: int
    start: int  # Offsets of the name.
    end: int
    indent: int  # Characters before the keyword.
    parents: tuple[str, ...]  # Names of the definitions around it, the outermost first.
    in_function: bool  # Whether one of those is a function.

    @property
    def qualname(self) -> str:
        """The name with those around it, "Class.method"; inner functions lack the "<locals>" of `__qualname__`."""
        return ".".join((*self.parents, self.name))

    @property
    def test_name(self) -> str:
        """What follows the path in pytest's node ids, "TestClass::test_it"."""
        return SEPARATOR.join((*self.parents, self.name))

    @property
    def looks_like_test(self) -> bool:
        """Say whether pytest's default naming makes this a test function."""
        if self.kind != "function" or self.in_function or not self.name.startswith("test"):
            return False
        return all(parent.startswith("Test") or parent.endswith(("Test", "Tests", "TestCase"))
                   for parent in self.parents)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outline:
    """All definitions of one text, in its order."""

    definitions: tuple[Definition, ...]

    def function_at(self, lines: LineIndex, line: int) -> Definition | None:
        """Return the innermost function around 1-based `line`, the one whose `def` stands there included.

        A blank line belongs to what is above it.
        """
        while line > 1 and not lines.line_text(line).strip():
            line -= 1
        width = _indent_of(lines.line_text(line))
        at = bisect_right([one.line for one in self.definitions], line)
        for one in reversed(self.definitions[:at]):
            if one.line == line or one.indent < width:
                if one.kind == "function":
                    return one
                width = one.indent
        return None

    def function_named(self, qualname: str) -> Definition | None:
        """Return the function that `__qualname__` calls so, the last one of that name as Python would."""
        plain = qualname.replace(".<locals>", "")
        named = [one for one in self.definitions if one.kind == "function" and one.qualname == plain]
        return named[-1] if named else None

    def test_named(self, test: str) -> Definition | None:
        """Return the function of a node id: what stands behind the path, parameters apart."""
        wanted = base_name(test)
        named = [one for one in self.definitions if one.kind == "function" and one.test_name == wanted]
        return named[-1] if named else None


def base_name(test: str) -> str:
    """Return the part of a node id behind the path, without parameters."""
    inner = test.partition(SEPARATOR)[2]
    return inner.partition("[")[0]


@lru_cache(maxsize=32)
def outline_of(text: str) -> Outline:
    """Read the outline of `text`. Texts are remembered, for one version of a document is asked about many times."""
    lines = LineIndex(text)
    found: list[Definition] = []
    around: list[Definition] = []
    for match in _TOKENS.finditer(text):
        if match["name"] is None:
            continue
        indent = len(match["indent"])
        while around and around[-1].indent >= indent:
            around.pop()
        one = Definition(
            name=match["name"],
            kind="function" if match["keyword"] else "class",
            line=lines.line_of(match.start("name")),
            start=match.start("name"),
            end=match.end("name"),
            indent=indent,
            parents=tuple(parent.name for parent in around),
            in_function=any(parent.kind == "function" for parent in around),
        )
        found.append(one)
        around.append(one)
    return Outline(tuple(found))


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
