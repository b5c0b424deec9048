"""Buffers with an unfinished attribute: what is closed, finished and dropped, and that everything parses again."""

from __future__ import annotations

import ast
import inspect
import random
from pathlib import Path
from textwrap import dedent

import pytest

from tracemend.analysis.syntax.positions import LineIndex
from tracemend.analysis.types.engines import lexing, repaired
from tracemend.analysis.types.engines.repaired import repair_buffer


def check(before: str, after: str) -> None:
    """Repair `before` at its `$0`, which stands where the dot goes; `after` marks the place behind the dot likewise."""
    marked = dedent(before).strip("\n")
    offset = marked.index("$0")
    found = repair_buffer(marked.replace("$0", ""), offset)
    assert f"{found.text[: found.offset]}$0{found.text[found.offset :]}" == dedent(after).strip("\n")
    assert found.parses
    ast.parse(found.with_name("name"))


CASES = {
    "a sound buffer only loses the attribute": ("print(x$0.foo(1), y)", "print(x.$0(1), y)"),
    "a dot alone is enough": ("x$0.\ny = 1", "x.$0\ny = 1"),
    "white space before the dot": ("x$0 .foo\n", "x.$0\n"),
    "brackets are closed from the inside out": ("print([a, {b: x$0.", "print([a, {b: x.$0}])"),
    "the rest of a broken line is cut": ("x$0.foo bar baz", "x.$0"),
    "a dict's key needs its value": ("d = {a: b, x$0.", "d = {a: b, x.$0: _}"),
    "a conditional expression needs its other half": ("y = a if x$0.", "y = a if x.$0 else _"),
    "the other half may be missing further out": ("f(a if g(x$0.", "f(a if g(x.$0) else _)"),
    "a parameter behind others with defaults": ("def f(a=1, b: x$0.", "def f(a=1, b: x.$0 = _): pass"),
    "a loop's target needs its iterable": ("for x$0.", "for x.$0 in (): pass"),
    "a comprehension": ("[y for y in x$0.", "[y for y in x.$0]"),
    "a replacement field": ('f(f"{a} {x$0.', 'f(f"{a} {x.$0}")'),
    "a format specification": ('f"{a:>{x$0.', 'f"{a:>{x.$0}}"'),
    "a decorator at the end of the text": ("@x$0.", "@x.$0\ndef _(): pass"),
    "a match subject": ("match x$0.", "match x.$0:\n case _: pass"),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_one_line(before, after):
    check(before, after)


def test_a_cut_header_keeps_its_body():
    check(
        """
        def f(x):
            if x$0.
                return 1
            return 2
        """,
        """
        def f(x):
            if x.$0:
                return 1
            return 2
        """,
    )


def test_a_header_without_body_gets_one():
    check(
        """
        if x:
            y = 1
        elif x$0.
        z = 2
        """,
        """
        if x:
            y = 1
        elif x.$0: pass
        z = 2
        """,
    )


def test_lines_up_to_the_closing_bracket_are_dropped():
    check(
        """
        y = f(x$0.
            a, (b),
        )
        z = 2
        """,
        """
        y = f(x.$0)
        z = 2
        """,
    )


def test_lines_that_the_cut_rest_of_the_line_had_opened_are_dropped():
    check(
        """
        def f(x):
            x$0.
                a,
                b,
            )
            return x
        """,
        """
        def f(x):
            x.$0
            return x
        """,
    )


def test_the_continuation_of_a_header_is_dropped_and_its_body_kept():
    check(
        """
        for y in x$0.
            a,
        ):
            print(y)
        """,
        """
        for y in x.$0:
            print(y)
        """,
    )


def test_an_open_try_is_ended_where_the_text_ends():
    check(
        """
        def f(x):
            try:
                with x:
                    try:
                        x$0.
        """,
        """
        def f(x):
            try:
                with x:
                    try:
                        x.$0
                    finally: pass
            finally: pass
        """,
    )


def test_an_open_bracket_far_above_ends_with_the_next_statement():
    text = "a = (1,\ndef f(x):\n    return [x"
    assert repair_buffer(text, len(text)).text == f"{text}.]"


@pytest.mark.parametrize("text", ["# see x", "'x", '"""x', "f'{{x"])
def test_text_that_is_no_code_stays(text):
    assert repair_buffer(text, len(text)) == repaired.Repaired(f"{text}.", len(text) + 1, parses=False)


@pytest.mark.parametrize("module", [ast, inspect, lexing, repaired, random, pytest])
def test_real_files_parse_again_wherever_they_are_cut(module):
    text = Path(module.__file__).read_text(encoding="utf-8")
    dots = list(_dots(text))
    for offset in random.Random(0).sample(dots, min(25, len(dots))):
        line_end = text.index("\n", offset)
        for cut in (text[:offset] + text[line_end:], text[:offset]):
            assert repair_buffer(cut, offset).parses, f"{module.__name__} cut at {offset}"


def _dots(text):
    """Yield the offset of each attribute's dot, for ASCII text in which it stands before the name."""
    lines = LineIndex(text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            yield lines.offset(node.end_lineno, node.end_col_offset) - len(node.attr) - 1
