"""Evidence of a test that does not end: the loops on its stack, and what could end them.

Where a hanging test was stopped is chance; which loops it was in is not. A loop ends by its condition or by a jump, so
the statements that matter are its header, those that change what the condition reads, and the branches that jump out.
A `while` that nobody leaves is the usual case; a `for` ends by itself unless its iterable grows.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from tracemend.analysis.syntax.module import FunctionNode, Module, own_expressions
from tracemend.repair.runner.results import Failure

CHANGES_CONDITION, HEADER, JUMP, ENDLESS_FOR = 1.0, 0.7, 0.5, 0.3

Loop = ast.While | ast.For | ast.AsyncFor


def hanging_loops(module: Module, line: int) -> list[Loop]:
    """Return the loops of its function that `line` stands in, the innermost first."""
    owners = module.statements_at(line)[-1:]
    around = [one for owner in owners for one in (owner, *module.ancestors(owner))]
    inside = next((i for i, one in enumerate(around) if isinstance(one, FunctionNode)), len(around))
    return [one for one in around[:inside] if isinstance(one, Loop)]


def loop_scores(module: Module, loop: Loop) -> dict[int, float]:
    """Return {statement line: score} of what decides whether `loop` ends."""
    share = 1.0 if isinstance(loop, ast.While) else ENDLESS_FOR
    scores = {loop.lineno: HEADER * share}
    decisive = _names(loop.test if isinstance(loop, ast.While) else loop.iter)
    for statement in _statements_within(loop):
        if decisive & _names_changed(statement):
            scores[statement.lineno] = CHANGES_CONDITION * share
        elif isinstance(statement, ast.If) and any(map(_leaves, ast.walk(statement))):
            scores.setdefault(statement.lineno, JUMP * share)
    return scores


def project_lines(failure: Failure, test_files: Container[str]) -> Iterator[tuple[str, int]]:
    """Yield the (path, line) of the frames in which the test was, the innermost first."""
    for frame in reversed(failure.frames):
        if frame.in_project and frame.path not in test_files:
            yield frame.path, frame.line


def _statements_within(loop: Loop) -> Iterator[ast.stmt]:
    for statement in loop.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.stmt):
                yield node


def _names(expression: ast.expr) -> set[str]:
    """Return the names and attributes that an expression reads."""
    found = set()
    for node in ast.walk(expression):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


def _names_changed(statement: ast.stmt) -> set[str]:
    """Return what `statement` itself stores to, directly, through a subscript, or by a method of the thing."""
    changed: set[str] = set()
    for node in own_expressions(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                changed.add(name)
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                changed.add(name)
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                changed |= _names(value)
            case ast.Call(func=ast.Attribute(value=receiver)):
                changed |= _names(receiver)
    return changed


def _leaves(node: ast.AST) -> bool:
    return isinstance(node, ast.Break | ast.Return | ast.Raise)
