"""Anti-patterns: shapes of patches that satisfy tests without mending anything.

After Tan, Yoshida, Prasad and Roychoudhury, "Anti-patterns in search-based program repair" (FSE 2016), with the two
that Python tests invite: special-casing a value of the test, and catching everything. A patch that shows one is not
rejected for all of them, since some real fixes look like that, but it ranks behind, and when the pattern is severe it is
never offered with high confidence. What is built from the values of the failing test, or decides nothing, is fatal.

A constant that neither the file nor a failing test knows is a shape of its own: some number always fits a handful of
assertions. It ranks as if nothing were wrong, for units and sizes are such constants too, but it is a doubt. So is a word
of the failing test that a table now enumerates: it may be what was forgotten, and nothing but that test says so.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from tracemend.analysis.syntax.module import FunctionNode
from tracemend.analysis.syntax.scopes import all_arguments
from tracemend.repair.patch import Patch

Severity = Literal["mild", "doubtful", "severe", "fatal"]

PLAIN_VALUES = frozenset({"0", "1", "-1", "2", "None", "True", "False", "''", "[]", "()", "{}", "0.0", "1.0"})


@dataclass(frozen=True, slots=True)
class AntiPattern:
    """A suspicious shape. Severe ones rank behind all others, fatal ones are not shown at all.

    Doubtful ones, and all that are worse, forbid high confidence.
    """

    name: str
    severity: Severity
    sentence: str

    @property
    def fatal(self) -> bool:
        """True when the patch must not be shown, whatever it passes."""
        return self.severity == "fatal"

    @property
    def severe(self) -> bool:
        """True when every patch without such a shape goes first."""
        return self.severity in ("severe", "fatal")

    @property
    def doubtful(self) -> bool:
        """True unless the shape only lowers the rank."""
        return self.severity != "mild"


def find_antipatterns(patch: Patch, test_literals: Collection[str]) -> tuple[AntiPattern, ...]:
    """Return the anti-patterns that `patch` introduces; `test_literals` are source texts from the failing tests."""
    found: list[AntiPattern] = []
    for change in patch.changes:
        try:
            old, new = ast.parse(change.old), ast.parse(change.new)
        except (SyntaxError, ValueError):
            continue
        found += _compare(old, new, _normalised(test_literals))
    return tuple({one.name: one for one in found}.values())


def _compare(old: ast.Module, new: ast.Module, literals: Collection[str]) -> Iterator[AntiPattern]:
    before, after = _Shape(old), _Shape(new)
    if (lost := before.counts_beyond(after)) and not after.counts_beyond(before):
        logic = lost & {"If", "Raise", "Return", "For", "While", "Try", "With", "Assert"}
        yield AntiPattern("deletes-logic", "severe" if logic else "mild", "it only deletes code")
    for condition in after.new_conditions(before):
        if _is_constant_condition(condition):
            yield AntiPattern(
                "constant-condition", "fatal", f"the condition `{ast.unparse(condition)}` never changes"
            )
        if value := _special_case(condition, literals):
            yield AntiPattern("special-case", "fatal", f"it singles out {value}, a value of the failing test")
    for value in after.new_returns(before):
        if value in literals and value not in PLAIN_VALUES:
            yield AntiPattern(
                "returns-expected", "fatal", f"it returns {value}, the very value that the test expects"
            )
    if after.broad_handlers > before.broad_handlers:
        yield AntiPattern("catches-everything", "severe", "it catches every exception")
    if after.silent_handlers > before.silent_handlers:
        yield AntiPattern("silences", "severe", "it swallows an exception without a trace")
    for name in sorted(before.used_parameters & after.parameters - after.used_parameters):
        yield AntiPattern(
            "drops-parameter", "mild", f"the parameter `{name[1]}` of `{name[0]}` has no effect any more"
        )
    for constant in after.invented(before, literals):
        yield AntiPattern(
            "invents-constant",
            "doubtful",
            f"{constant!r} stands neither in the file nor in the failing tests",
        )
    for text in sorted(after.enumerated - before.enumerated):
        is_word = any(map(str.isalnum, text))
        if is_word and text not in before.constants and _is_known(text, (), literals):
            sentence = f"{text!r}, which the table now enumerates, stands in the failing test alone"
            yield AntiPattern("enumerates-test", "doubtful", sentence)
    if after.unreachable > before.unreachable:
        yield AntiPattern("dead-code", "severe", "it makes existing code unreachable")


class _Shape:
    """What the comparison needs to know of one tree."""

    def __init__(self, tree: ast.Module) -> None:
        self.statements: dict[str, int] = {}
        self.texts: dict[str, int] = {}
        self.conditions: dict[str, ast.expr] = {}
        self.returns: set[str] = set()
        self.constants = _constants_of(tree)
        self.enumerated: set[str] = set()  # Texts that are elements of displays, or keys of dicts.
        self.broad_handlers = 0
        self.silent_handlers = 0
        self.unreachable = 0
        self.parameters: set[tuple[str, str]] = set()  # (function, parameter)
        self.used_parameters: set[tuple[str, str]] = set()
        for node in ast.walk(tree):
            self._take(node)

    def counts_beyond(self, other: _Shape) -> set[str]:
        """Return the kinds of statements that this tree has more of."""
        return {kind for kind, count in self.statements.items() if count > other.statements.get(kind, 0)}

    def new_conditions(self, other: _Shape) -> list[ast.expr]:
        return [node for text, node in self.conditions.items() if text not in other.conditions]

    def new_returns(self, other: _Shape) -> set[str]:
        return self.returns - other.returns

    def invented(self, other: _Shape, literals: Collection[str]) -> list[int | float | str]:
        """Return the constants of this tree that neither `other` nor the literals know, nor a step of one leads to."""
        gone = [one for one in other.constants - self.constants if isinstance(one, int | float)]
        return [
            one
            for one in self.constants - other.constants
            if repr(one) not in PLAIN_VALUES
            and not any(isinstance(one, int | float) and abs(one - old) <= 1 for old in gone)
            and not _is_known(one, other.constants, literals)
        ]

    def _take(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt) and not isinstance(node, ast.Pass):
            kind = type(node).__name__
            self.statements[kind] = self.statements.get(kind, 0) + 1
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
            self.conditions.setdefault(ast.unparse(node.test), node.test)
        elif isinstance(node, ast.comprehension):
            for condition in node.ifs:
                self.conditions.setdefault(ast.unparse(condition), condition)
        elif isinstance(node, ast.Return) and node.value is not None:
            self.returns.add(ast.unparse(node.value))
        elif isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            entries = node.keys if isinstance(node, ast.Dict) else node.elts
            texts = [one.value for one in entries if isinstance(one, ast.Constant)]
            self.enumerated.update(one for one in texts if isinstance(one, str))
        elif isinstance(node, ast.ExceptHandler):
            self._take_handler(node)
        elif isinstance(node, FunctionNode):
            self._take_function(node)
        for _, block in ast.iter_fields(node):
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                self._take_block(block)

    def _take_function(self, node: FunctionNode) -> None:
        loaded = {
            one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
        }
        for argument in all_arguments(node.args):
            self.parameters.add((node.name, argument.arg))
            if argument.arg in loaded:
                self.used_parameters.add((node.name, argument.arg))

    def _take_handler(self, node: ast.ExceptHandler) -> None:
        names = (
            {one.id for one in ast.walk(node.type) if isinstance(one, ast.Name)}
            if node.type
            else {"Exception"}
        )
        self.broad_handlers += bool(names & {"Exception", "BaseException"})
        self.silent_handlers += all(isinstance(one, ast.Pass) for one in node.body)

    def _take_block(self, block: list[ast.stmt]) -> None:
        leaving = next(
            (
                i
                for i, one in enumerate(block)
                if isinstance(one, ast.Return | ast.Raise | ast.Break | ast.Continue)
            ),
            len(block),
        )
        rest = [one for one in block[leaving + 1 :] if not isinstance(one, FunctionNode | ast.ClassDef)]
        self.unreachable += len(rest)


def _constants_of(tree: ast.Module) -> frozenset[int | float | str]:
    """Return the numbers and texts of a tree, but for what errors say, which no test depends on by chance."""
    said = {
        id(part)
        for one in ast.walk(tree)
        if isinstance(one, ast.Raise) and one.exc
        for part in ast.walk(one.exc)
    }
    values = [one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and id(one) not in said]
    return frozenset(
        one for one in values if isinstance(one, int | float | str) and not isinstance(one, bool)
    )


def _is_known(value: float | str, others: Collection[int | float | str], literals: Collection[str]) -> bool:
    """Say whether a constant is a part of one that is known; a text without letters and digits is no invention."""
    if isinstance(value, str):
        texts = [*literals, *(one for one in others if isinstance(one, str))]
        return not any(map(str.isalnum, value)) or any(value in one for one in texts)
    return any(re.search(rf"(?<![\w.]){re.escape(repr(abs(value)))}(?![\w.])", one) for one in literals)


def _is_constant_condition(condition: ast.expr) -> bool:
    """Say whether `condition` is true, or false, whatever the values of its names."""
    match condition:
        case ast.Constant():
            return True
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _is_constant_condition(operand)
        case ast.BoolOp(values=values):
            texts = [ast.unparse(one) for one in values]
            negated = {f"not {text}" for text in texts}
            return any(_is_constant_condition(one) for one in values) or bool(negated & set(texts))
        case ast.Compare(left=left, comparators=[right]) if ast.unparse(left) == ast.unparse(right):
            return True
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="len")), ops=[ast.GtE()], comparators=[ast.Constant(value=0)]
        ):
            return True
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="len")), ops=[ast.Lt()], comparators=[ast.Constant(value=0)]
        ):
            return True
        case ast.Compare(left=ast.Constant(), comparators=comparators):
            return all(isinstance(one, ast.Constant) for one in comparators)
        case _:
            return False


def _special_case(condition: ast.expr, literals: Collection[str]) -> str | None:
    """Return the literal of the test that `condition` compares for equality with, None if it does not."""
    for node in ast.walk(condition):
        if isinstance(node, ast.Compare) and any(
            isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.In) for op in node.ops
        ):
            for side in (node.left, *node.comparators):
                text = ast.unparse(side)
                if text in literals and text not in PLAIN_VALUES:
                    return text
    return None


def _normalised(literals: Collection[str]) -> frozenset[str]:
    """Write the literals as `ast.unparse` would, so that quotes and spaces do not matter."""
    found: set[str] = set()
    for literal in literals:
        try:
            found.add(ast.unparse(ast.parse(literal, mode="eval")))
        except (SyntaxError, ValueError):
            continue
    return frozenset(found)
