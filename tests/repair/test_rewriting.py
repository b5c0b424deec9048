"""Whatever expression is put in whatever place, the text after it parses as the tree with that one node replaced."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

import pytest

from tracemend.analysis.syntax.edits import apply_edits
from tracemend.analysis.syntax.module import Module, parse_module
from tracemend.repair.propose.rewriting import argument_texts, operand, rewritten, spliced, value_expressions
from tracemend.repair.propose.site import Site

# One expression of each precedence, and those with brackets or line ends of their own.
WRITTEN = [
    "n",
    "7",
    "-1",
    "n.m",
    "f(n)",
    "n[0]",
    "[n]",
    "{n: 1}",
    "(n, m)",
    "n, m",
    "n + m",
    "n * m",
    "n ** m",
    "n << m",
    "n & m",
    "n | m",
    "-n",
    "not n",
    "n < m",
    "n in m",
    "n and m",
    "n or m",
    "n if m else k",
    "lambda: n",
    "(n := m)",
    "(k for k in n)",
    "n +\nm",
    "await_ and (\nn)",
    "'text'",
]

PLACES = [
    "def f(a, b=c + 1, *, d=-e): pass",
    "x = a + b * c ** d - e",
    "y = -(a + b) ** -c",
    "z = not a == b and c or (d or e) and not (a and b)",
    "w = (a if b else c) if d else (e if a else b)",
    "(a + b).c[d:e, -1] = f(a, *b, c=d, **e)",
    "v = sum(a for b in c if d if e)",
    "v = sum((a for b in c), d)",
    "u = {a: b, **c}, {d}, [e, *a]",
    "t = lambda a, b=c: a + b",
    "s = a < b <= c, (d < e) == a",
    "r = (b := c) + (\n    a\n    + b  # a comment\n)",
    'q = f"{a} and {b + c:>{d}} {e!r}"',
    "assert a, b",
    "for a in b, c: pass",
    "del d[e]",
    "while a and (b or c): pass",
    "a += b",
    "with a(b) as c, d: pass",
    "raise a from b",
    "def f(): return a, (b, c)",
]


def _statements() -> list[tuple[Module, ast.stmt]]:
    modules = [parse_module("place.py", place) for place in PLACES]
    return [(module, statement) for module in modules for statement in module.statements]


@pytest.mark.parametrize("text", WRITTEN)
def test_parentheses_are_right_in_every_place(text: str) -> None:
    tried = 0
    for module, statement in _statements():
        for node in value_expressions(Site(module, statement)):
            edit = rewritten(Site(module, statement), node, text)
            if edit is not None:
                tried += 1
                after = apply_edits(module.text, [edit])
                expected = _with_replaced(module, node, ast.parse(f"({text}\n)", mode="eval").body)
                assert _meaning(ast.parse(after)) == expected, f"{text!r} for {ast.unparse(node)!r}:\n{after}"
    assert tried > 80


def test_every_expression_may_be_spliced_with_itself() -> None:
    for module, statement in _statements():
        site = Site(module, statement)
        for node in value_expressions(site):
            children = [one for one in ast.iter_child_nodes(node) if one in value_expressions(site)]
            inner = {one: operand(site, one) for one in children if isinstance(one, ast.expr)}
            if isinstance(node, ast.JoinedStr) or any(isinstance(one, ast.GeneratorExp) for one in inner):
                continue
            assert rewritten(site, node, spliced(site, node, inner)) is None, site.text(node)


def test_what_changes_nothing_or_is_no_expression_is_dropped() -> None:
    module = parse_module("m.py", "x = (a+b)\n")
    site = Site(module, module.statements[0])
    (whole, *_) = value_expressions(site)
    assert rewritten(site, whole, "a  +  b") is None
    assert rewritten(site, whole, "a +") is None
    assert rewritten(site, whole, "*a") is None
    assert rewritten(site, whole, "yield") is not None


def test_arguments_are_read_as_written() -> None:
    module = parse_module("m.py", "f(a, *b, (yield_, c), k=(1), **d)\n")
    site = Site(module, module.statements[0])
    call = next(one for one in value_expressions(site) if isinstance(one, ast.Call))
    assert argument_texts(site, call) == ["a", "*b", "(yield_, c)", "k=(1)", "**d"]


def test_annotations_docstrings_and_patterns_are_left_alone() -> None:
    module = parse_module(
        "m.py",
        textwrap.dedent(
            '''
            def f(a: int = zero) -> str:
                """Text."""
                b: list[int] = one
                match two:
                    case {"k": Point.origin}:
                        pass
            '''
        ),
    )
    found = [
        module.segment(node)
        for statement in module.statements
        for node in value_expressions(Site(module, statement))
    ]
    assert found == ["zero", "one", "two"]


def _with_replaced(module: Module, node: ast.expr, new: ast.expr) -> str:
    """Return the meaning of the tree with `node` replaced; the tree is put back afterwards."""
    parent = module.parents[node]
    for name, value in ast.iter_fields(parent):
        if value is node:
            setattr(parent, name, new)
            meaning = _meaning(module.tree)
            setattr(parent, name, node)
            return meaning
        if isinstance(value, list) and any(one is node for one in value):
            index = next(position for position, one in enumerate(value) if one is node)
            value[index] = new
            meaning = _meaning(module.tree)
            value[index] = node
            return meaning
    raise AssertionError(f"{ast.dump(node)} is not below its parent")


def _meaning(tree: ast.AST) -> str:
    """Dump a tree in which `a and (b and c)` and `a and b and c` are the same."""
    return "\n".join(_lines(tree))


def _lines(node: object) -> Iterator[str]:
    if isinstance(node, ast.BoolOp):
        yield f"{type(node.op).__name__}("
        for value in _clauses(node):
            yield from _lines(value)
        yield ")"
    elif isinstance(node, ast.AST):
        yield f"{type(node).__name__}("
        for name, value in ast.iter_fields(node):
            if name not in ("ctx", "kind", "type_comment"):
                yield name
                yield from _lines(value)
        yield ")"
    elif isinstance(node, list):
        for one in node:
            yield from _lines(one)
    else:
        yield repr(node)


def _clauses(node: ast.BoolOp) -> Iterator[ast.expr]:
    for value in node.values:
        if isinstance(value, ast.BoolOp) and type(value.op) is type(node.op):
            yield from _clauses(value)
        else:
            yield value
