"""A piece of code as a syntax tree, however a model has indented or decorated it.

Each remedy below mends one thing that models do to code; they are tried in turn, the harmless ones first, and the first
text that parses is taken. Nothing is guessed about names or logic.
"""

from __future__ import annotations

import ast
import html
import re
import textwrap
from collections.abc import Callable

from tracemend.analysis.syntax.module import Module, parse_module
from tracemend.repair.propose.answers.blocks import longest_python

_NUMBERED = re.compile(r"^[ \t]*\d+[ \t]*[|:][ \t]?")
_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.)(?: |$)")
_QUOTES = {0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'", 0xA0: " "}
_INDENT = re.compile(r"^[ \t]*")


def parse_piece(code: str) -> Module | None:
    """Return `code` as a module, after the first remedy with which it parses; None where none helps."""
    for remedy in _REMEDIES:
        text = remedy(code)
        try:
            module = parse_module("answer.py", text.rstrip() + "\n")
        except (SyntaxError, RecursionError, MemoryError):
            continue
        if module.tree.body:
            return module
    return None


def syntax_problem(code: str) -> str:
    """Say why `code` does not parse, by quoting the line: models cannot count lines."""
    text = textwrap.dedent(code)
    try:
        ast.parse(text)
    except SyntaxError as error:
        lines = text.splitlines()
        line = lines[error.lineno - 1].strip() if error.lineno and error.lineno <= len(lines) else ""
        return f"{error.msg}{f', at the line `{line}`' if line else ''}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return ""


def _as_it_is(code: str) -> str:
    return code


def _first_line_outside(code: str) -> str:
    """Indent the first line as the second part of a method is, of which only the first lost its indentation."""
    first, _, rest = code.strip("\n").partition("\n")
    return f"{first.lstrip()}\n{textwrap.dedent(rest)}"


def _without_margins(code: str) -> str:
    """Take away line numbers or the prompts of a console."""
    lines = code.split("\n")
    full = [line for line in lines if line.strip()]
    for margin in (_NUMBERED, _PROMPT):
        if full and all(margin.match(line) for line in full):
            return textwrap.dedent("\n".join(margin.sub("", line) for line in lines))
    return code


def _spaces_for_tabs(code: str) -> str:
    lines = code.split("\n")
    return textwrap.dedent(
        "\n".join(_INDENT.sub(lambda one: one.group().expandtabs(4), line) for line in lines)
    )


def _unescaped(code: str) -> str:
    return textwrap.dedent(html.unescape(code))


def _plain_quotes(code: str) -> str:
    return textwrap.dedent(code.translate(_QUOTES))


def _without_fences(code: str) -> str:
    return "\n".join(
        line for line in textwrap.dedent(code).split("\n") if not line.strip().startswith(("```", "~~~"))
    )


def _prose_cut_off(code: str) -> str:
    """Drop leading lines until code begins, and trailing ones until it parses."""
    lines = textwrap.dedent(code).split("\n")
    start = next(
        (at for at, line in enumerate(lines) if re.match(r"\s*(?:@|async def|def|class)\b|\s*@", line)), 0
    )
    return longest_python(textwrap.dedent("\n".join(lines[start:])).split("\n"))


_REMEDIES: tuple[Callable[[str], str], ...] = (
    _as_it_is,
    textwrap.dedent,
    _first_line_outside,
    _without_margins,
    _spaces_for_tabs,
    _without_fences,
    _plain_quotes,
    _unescaped,
    _prose_cut_off,
)
