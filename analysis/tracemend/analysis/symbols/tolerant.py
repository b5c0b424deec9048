"""Any text to an `ast` tree: what parses as it is, what only a newer Python parses, and what is broken.

`ast` speaks the grammar of the Python that runs tracemend and gives up at the first mistake. So text that it refuses is
first freed of newer syntax (PEP 695 type parameters and aliases, PEP 701 f-strings) with tree-sitter's help, and then,
round by round, of the stretches that do not parse. A stretch becomes `pass`, or `if 1:` where an indented block follows
it, because indentation is what tells the structure of Python even when a header is lost. Line numbers are kept.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter_python
from tree_sitter import Language, Node, Parser

MAX_ROUNDS = 20
_LANGUAGE = Language(tree_sitter_python.language())
_FILE_NAME = "<tracemend source>"
_BODILESS = re.compile(r"expected an indented block after .* on line (\d+)")
# Invalid escapes in other people's strings are not ours to report.
warnings.filterwarnings("ignore", module=re.escape(_FILE_NAME))


@dataclass(frozen=True, slots=True)
class TolerantTree:
    """The tree of `text`, which has as many lines as the text given, and the 1-based line ranges that were lost."""

    text: str
    tree: ast.Module
    lost: tuple[tuple[int, int], ...] = ()


def parse_tolerantly(text: str) -> TolerantTree:
    """Parse `text`, whose line ends must be "\\n"; never raises."""
    tree, _ = _parse(text)
    if tree is not None:
        return TolerantTree(text, tree)
    text = _without_newer_syntax(text.replace("\0", " "))
    tree, _ = _parse(text)
    return TolerantTree(text, tree) if tree is not None else _without_broken_stretches(text)


def _parse(text: str) -> tuple[ast.Module | None, SyntaxError | None]:
    """Return the tree, or what the parser complained of where it says so."""
    try:
        return ast.parse(text, _FILE_NAME), None
    except SyntaxError as error:
        return None, error
    except (ValueError, RecursionError, MemoryError):
        return None, None


def _without_newer_syntax(text: str) -> str:
    """Return `text` in the grammar of Python 3.11: type parameters, type aliases and nested f-strings rewritten."""
    data = text.encode("utf-8", "replace")
    root = Parser(_LANGUAGE).parse(data).root_node
    pieces: list[bytes] = []
    done = 0
    for start, end, replacement in _rewrites(root):
        pieces += [data[done:start], replacement]
        done = end
    return b"".join([*pieces, data[done:]]).decode("utf-8", "replace")


def _rewrites(root: Node) -> Iterator[tuple[int, int, bytes]]:
    """Yield (start, end, replacement) in the order of the text; line ends inside are kept."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type == "type_parameter" and node.parent and node.parent.type.endswith("_definition"):
            yield node.start_byte, node.end_byte, b" " * (node.end_byte - node.start_byte)
        elif node.type == "type_alias_statement" and node.child_count == 4:
            yield from _alias_rewrites(node)
        elif node.type == "string" and any(child.type == "interpolation" for child in node.children):
            newlines = (node.text or b"").count(b"\n")
            yield node.start_byte, node.end_byte, b'""' + b"\\\n" * newlines
        else:
            stack.extend(reversed(node.children))


def _alias_rewrites(node: Node) -> Iterator[tuple[int, int, bytes]]:
    """Turn `type Name[T] = value` into `Name = value`."""
    keyword, left = node.children[0], node.children[1]
    yield keyword.start_byte, left.start_byte, b""
    name = left.children[0] if left.children else left
    while name.type in ("generic_type", "type") and name.children:
        name = name.children[0]
    yield name.end_byte, left.end_byte, b""


def _without_broken_stretches(text: str) -> TolerantTree:
    """Blank what does not parse until the rest does; what is left may be nothing.

    The parser's own complaints name single lines, which loses least. Where they lead nowhere, the stretches that
    tree-sitter could not read are blanked first.
    """
    line_count = text.count("\n") + 1
    for stretches in ([], sorted(set(_broken_stretches(text, line_count)))):
        mended = _mended(text.split("\n"), stretches)
        if mended is not None:
            return mended
    return TolerantTree("\n" * (line_count - 1), ast.Module([], []), ((1, line_count),))


def _mended(lines: list[str], lost: list[tuple[int, int]]) -> TolerantTree | None:
    """Blank the `lost` lines and then, round by round, the line that the parser complains of."""
    for first, last in lost:
        _blank(lines, first, last)
    for _ in range(MAX_ROUNDS):
        tree, error = _parse("\n".join(lines))
        if tree is not None:
            return TolerantTree("\n".join(lines), tree, tuple(lost))
        if error is None or not _mend(lines, error, lost):
            return None
    return None


def _mend(lines: list[str], error: SyntaxError, lost: list[tuple[int, int]]) -> bool:
    """Change the line that `error` names, or the header that lacks a body; False where that changes nothing."""
    bodiless = _BODILESS.match(error.msg)
    line = int(bodiless[1]) if bodiless else error.lineno or 0
    if not 0 < line <= len(lines):
        return False
    text = lines[line - 1]
    if bodiless and text.rstrip().endswith(":"):
        lines[line - 1] = f"{text.rstrip()} pass"  # Nothing is lost: its body is still to be typed.
        return True
    if isinstance(error, IndentationError) and not bodiless:
        before = next((one for one in reversed(lines[: line - 1]) if one.strip()), "")
        lines[line - 1] = _indentation(before) + text.lstrip()
    # Quotes that are no longer in pairs may have turned any code around into text.
    lost.append((1, len(lines)) if '"""' in text or "'''" in text else (line, line))
    _blank(lines, line, line)
    return lines[line - 1] != text


def _broken_stretches(text: str, line_count: int) -> Iterator[tuple[int, int]]:
    """Yield the lines of the innermost statements that tree-sitter could not read."""
    stack = [Parser(_LANGUAGE).parse(text.encode("utf-8", "replace")).root_node]
    while stack:
        node = stack.pop()
        if not node.has_error:
            continue
        compound = any(
            child.type in ("block", "module") or child.type.endswith("_clause") for child in node.children
        )
        if node.is_error or not (compound or node.type in ("module", "block", "decorated_definition")):
            last = node.end_point[0] + (node.end_point[1] > 0)
            yield node.start_point[0] + 1, max(node.start_point[0] + 1, min(last, line_count))
        else:
            stack.extend(node.children)


def _blank(lines: list[str], first: int, last: int) -> None:
    """Replace 1-based `lines` by a statement that keeps the structure around them."""
    indent = _indentation(lines[first - 1])
    following = next((line for line in lines[last:] if line.strip()), "")
    deeper = len(_indentation(following)) > len(indent)
    lines[first - 1] = f"{indent}if 1:" if deeper else f"{indent}pass"
    lines[first:last] = [""] * (last - first)


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
