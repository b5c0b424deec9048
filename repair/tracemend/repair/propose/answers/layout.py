"""How a definition of an answer is written into a file: its indentation, line ends, docstring and comments.

Models reflow what they repeat. Whatever does not change the program is taken from the file, so that the diff that a
person reads, and the statements that the judge counts as edited, are those that really changed.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit, apply_edits
from tracemend.analysis.syntax.module import FunctionNode, Module, first_line, parse_module

_COMPOUND = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.For, ast.AsyncFor, ast.While, ast.With,
    ast.AsyncWith, ast.Try, ast.TryStar, ast.Match,
)  # fmt: skip
_INDENT = re.compile(r"[ \t]*")


def fitted(module: Module, place: ast.stmt, answer: Module, definition: ast.stmt) -> str:
    """Return the text of `definition`, from its first decorator on, indented and ended as lines at `place` are.

    The first line comes without indentation, for that stands in the file already. Lines inside of strings stay.
    """
    first = first_line(definition)
    last = definition.end_lineno or definition.lineno
    frozen = _lines_inside_strings(definition)
    old_indent = _INDENT.match(answer.lines.line_text(first)).group()  # type: ignore[union-attr]
    new_indent = module.indentation(place)
    has_tabs = "\t" in module.text and module.indent_unit == "\t"
    lines = []
    for number in range(first, last + 1):
        line = answer.lines.line_text(number).rstrip("\r\n")
        if number not in frozen:
            line = _reindented(line, old_indent, new_indent, answer.indent_unit if has_tabs else "\t")
        lines.append(line)
    lines[-1] = lines[-1][: _end_column(answer, definition, lines[-1])]
    newline = "\r\n" if "\r\n" in module.text else "\n"
    return newline.join(lines).lstrip(" \t")


def with_docstring(module: Module, old: FunctionNode, new: FunctionNode, text: str) -> str:
    """Put the docstring of `old` into `text`, the fitted text of `new`, where the answer left it out."""
    if ast.get_docstring(old) is None or ast.get_docstring(new) is not None or len(old.body) < 2:
        return text
    on_one_line = old.body[0].lineno <= old.lineno or new.body[0].lineno <= new.lineno
    if on_one_line:
        return text
    header = first_line(new.body[0]) - first_line(new)
    newline = "\r\n" if "\r\n" in module.text else "\n"
    lines = text.split(newline)
    docstring = module.indentation(old.body[0]) + module.segment(old.body[0])
    return newline.join([*lines[:header], docstring, *lines[header:]])


def keep_comments(old: str, new: str, indent: str) -> str:
    """Return `new` with the comments and blank lines of `old` around the lines that both have.

    Both are definitions whose first line stands behind `indent`. If that would change the program, which a comment inside a bracket or a string could, `new` stays as it is.
    """
    olds, news = _split(indent + old), _split(indent + new)
    bare_olds, bare_news = _bare_lines(olds), _bare_lines(news)
    if bare_olds is None or bare_news is None:
        return new
    merged: list[str] = []
    matcher = difflib.SequenceMatcher(None, bare_olds, bare_news, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        unsaid = [not bare.strip() for bare in bare_olds[i1:i2]]
        if tag == "equal":
            merged += olds[i1:i2]
        elif tag == "delete":
            merged += [line for line, kept in zip(olds[i1:i2], unsaid, strict=True) if kept]
        else:
            spoken = any(
                not bare.strip() for bare in bare_news[j1:j2]
            )  # The answer has comments of its own here.
            merged += [] if spoken else olds[i1 : i1 + _leading(unsaid)]
            merged += news[j1:j2]
    text = "".join(merged)
    return text.removeprefix(indent) if _same_program(text, indent + new, indent) else new


def keep_wording(old: str, new: str, indent: str) -> str:
    """Return `new` with the statements of `old` that it only words otherwise: in other quotes, brackets or line breaks.

    Both are definitions whose first line stands behind `indent`.
    """
    opening = "if 1:\n" if indent else ""
    before, after = (parse_module("", f"{opening}{indent}{text}") for text in (old, new))
    known = {ast.dump(one): one for one in _simple_statements(before)}
    edits = []
    for statement in _simple_statements(after):
        twin = known.get(ast.dump(statement))
        text = before.segment(twin) if twin is not None else ""
        if twin is None or text == after.segment(statement):
            continue
        if "\n" not in text or before.indentation(twin) == after.indentation(statement):
            edits.append(TextEdit(*after.span(statement), text))
    text = apply_edits(after.text, edits).removeprefix(opening)
    return text.removeprefix(indent) if _same_program(text, indent + new, indent) else new


def _simple_statements(module: Module) -> Iterator[ast.stmt]:
    """Yield the statements that hold no others."""
    for one in ast.walk(module.tree):
        if isinstance(one, ast.stmt) and not isinstance(one, _COMPOUND):
            yield one


def _lines_inside_strings(definition: ast.stmt) -> set[int]:
    """Return the lines that begin inside of a string other than a docstring."""
    docstrings = {
        id(one.body[0].value)
        for one in ast.walk(definition)
        if isinstance(one, FunctionNode | ast.ClassDef) and isinstance(one.body[0], ast.Expr)
    }
    return {
        line
        for one in ast.walk(definition)
        if isinstance(one, ast.JoinedStr | ast.Constant) and id(one) not in docstrings
        if isinstance(one, ast.JoinedStr) or isinstance(one.value, str | bytes)
        for line in range(one.lineno + 1, (one.end_lineno or one.lineno) + 1)
    }


def _reindented(line: str, old: str, new: str, unit: str) -> str:
    """Shift a line from `old` to `new`; each further `unit` of indentation becomes a tab, as the file has it."""
    if not line.strip():
        return ""
    rest = line[len(old) :] if line.startswith(old) else line.lstrip()
    if unit != "\t":
        inner = len(rest) - len(rest.lstrip(" "))
        levels, left = divmod(inner, len(unit))
        rest = "\t" * levels + " " * left + rest[inner:]
    return new + rest


def _end_column(answer: Module, definition: ast.stmt, line: str) -> int:
    """Return where `definition` ends on its last, perhaps shifted, line; a comment behind it stays."""
    raw = answer.lines.line_text(definition.end_lineno or definition.lineno)
    raw = raw.rstrip("\r\n")
    _, end = answer.span(definition)
    line_start = answer.lines.offset(definition.end_lineno or definition.lineno, 0)
    behind = raw[end - line_start :]
    return len(line) if not behind.strip() or behind.strip().startswith("#") else len(line) - len(behind)


def _leading(flags: list[bool]) -> int:
    """Return how many of `flags` are true before the first that is not."""
    return next((at for at, flag in enumerate(flags) if not flag), len(flags))


def _split(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _bare_lines(lines: list[str]) -> list[str] | None:
    """Return the lines without comments and trailing blanks, by which they are compared; None for broken code."""
    bare = [line.rstrip("\r\n") for line in lines]
    try:
        for row, column in _comments("".join(lines)):
            bare[row - 1] = bare[row - 1][:column].rstrip()
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return bare


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield (line, column) of each comment."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start


def _same_program(first: str, second: str, indent: str) -> bool:
    opening = "if 1:\n" if indent else ""
    try:
        return ast.dump(ast.parse(opening + first)) == ast.dump(ast.parse(opening + second))
    except (SyntaxError, ValueError):
        return False
