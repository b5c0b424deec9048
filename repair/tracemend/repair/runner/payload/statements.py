"""The text of a loaded file, from which the code of one changed statement can be had without compiling the whole.

If the texts before and after agree outside one top-level statement, and the new statement parses by itself, then the
whole parses and the rest of the code is the same up to line numbers. Of a class only the method that changed is
compiled, below the head of its class: what a method compiles to rests on the name of the class, on its type parameters,
and on nothing else that stands in it.
"""

from __future__ import annotations
import __future__

import ast
import io
import tokenize
from types import CodeType
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple


class ParsedText:
    """The text of a loaded file, with the span of each top-level statement."""

    def __init__(self, data: bytes, shown_filename: str) -> None:
        self.text = normalized(decode_source(data))
        self.filename = shown_filename
        tree = ast.parse(self.text)
        self.flags = _future_flags(tree)
        self._imports = "\n".join(map(ast.unparse, _imports(tree.body)))
        self._offsets = [0]
        for line in self.text.split("\n"):
            self._offsets.append(min(self._offsets[-1] + len(line) + 1, len(self.text)))
        self._statements = _whole_line_spans(tree.body)
        self._methods = [
            (span, *_head_of(node, self.text))
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            for span in _whole_line_spans(node.body, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]
        self._codes: Dict[Tuple[int, str], Optional[CodeType]] = {}  # By first line and head.

    def changed_statements(self, text: str) -> Iterator["Change"]:
        """Yield what `text` changes alone: a method, then the top-level statements (two where a line is added between)."""
        start = _common_prefix(self.text, text)
        end = len(self.text) - _common_suffix(self.text, text, min(len(self.text), len(text)) - start)
        grown = len(text) - len(self.text)
        places = [*self._methods, *((span, "", "") for span in self._statements)]
        for (first, last), head, indentation in places:
            low, high = self._offsets[first - 1], self._offsets[min(last, len(self._offsets) - 1)]
            if low <= start and end <= high:
                before, after = self.text[low:high], text[low : high + grown]
                yield Change(first, last, before, after, head, indentation)

    def code_before(self, change: "Change") -> Optional[CodeType]:
        """Return the code of a statement as it is now."""
        key = change.first, change.head
        if key not in self._codes:
            self._codes[key] = self._compile(change, change.before)
        return self._codes[key]

    def code_after(self, change: "Change") -> Optional[CodeType]:
        """Return the code that a statement becomes; None if that is not whole by itself."""
        return self._compile(change, change.after)

    def _compile(self, change: "Change", text: str) -> Optional[CodeType]:
        """Compile `text` where the changed statement stands.

        The module's imports stand behind it, because from 3.11 on `name.method()` compiles otherwise where the name is
        imported (`is_import_originated` in CPython's compile.c). Behind a method stands a statement of its class: where
        the text has left the class this is an error. Nothing of this is executed. Text is compiled rather than a tree,
        which takes three times as long to make.
        """
        padding = "\n" * (change.first - 1 - change.head.count("\n"))
        rest = "%spass\n%s" % (change.indentation, self._imports) if change.head else self._imports
        source = "%s%s%s\n%s\n" % (change.head, padding, text, rest)
        try:
            code: CodeType = compile(source, self.filename, "exec", self.flags, dont_inherit=True)
        except SyntaxError:
            return None
        return code


class Change(NamedTuple):
    """One statement, by its lines before, with its text before and after."""

    first: int
    last: int
    before: str
    after: str
    head: str  # For a method what stands above the body of its class, see `_head_of`; else empty.
    indentation: str

    @property
    def added_lines(self) -> int:
        """How many lines longer the statement gets."""
        return self.after.count("\n") - self.before.count("\n")


def decode_source(data: bytes) -> str:
    """Decode Python source as the compiler does (PEP 263)."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def normalized(text: str) -> str:
    """Return `text` with the line ends that the compiler sees."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _whole_line_spans(body: List[ast.stmt], kinds: Tuple[type, ...] = (ast.stmt,)) -> List[Tuple[int, int]]:
    """Return the (first, last) lines of the statements of these kinds that share no line with another in `body`."""
    spans = [(_first_line(one), one.end_lineno or one.lineno) for one in body]
    shared = {index for index in range(1, len(spans)) if spans[index][0] <= spans[index - 1][1]}
    return [
        span
        for index, span in enumerate(spans)
        if index not in shared and index + 1 not in shared and isinstance(body[index], kinds)
    ]


def _head_of(node: ast.ClassDef, text: str) -> Tuple[str, str]:
    """Return the lines of `text` up to the body of a class that has methods, and how its body is indented.

    The lines above the class are empty.
    """
    lines = text.split("\n")
    head = lines[node.lineno - 1 : _first_line(node.body[0]) - 1]
    first = lines[node.body[0].lineno - 1]
    return "\n".join([""] * (node.lineno - 1) + head + [""]), first[: len(first) - len(first.lstrip())]


def _first_line(statement: ast.stmt) -> int:
    """Return the line that a statement begins on, with its decorators."""
    decorators: List[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno] + [one.lineno for one in decorators])


def _imports(statements: List[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the imports in the scope of `statements`, those under `if` and `try` too, but for __future__'s."""
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield statement
        elif isinstance(statement, ast.ImportFrom):
            if statement.module != "__future__":
                yield statement
        elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for part in ast.iter_child_nodes(statement):
                if isinstance(part, ast.stmt):
                    yield from _imports([part])
                elif not isinstance(part, ast.expr):  # An `except` or a `case`.
                    yield from _imports(getattr(part, "body", []))


def _future_flags(tree: ast.Module) -> int:
    """Return the compiler flags that the `from __future__` imports of a module switch on."""
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def _common_prefix(one: str, other: str) -> int:
    """Return the length of the common prefix, by bisection over slices (compared at C speed)."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(one: str, other: str, limit: int) -> int:
    """Return the length of the common suffix, at most `limit`."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
