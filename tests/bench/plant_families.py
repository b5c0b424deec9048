"""The families of planted bugs: one function each, from a scope to the drafts of wrong edits in it.

Every function here is a mutation operator. It looks at the syntax tree to find a place and edits the text at that
place. A draft may be invalid Python or change nothing: `plant.plants` parses each result and drops those. Operators
that could choose among many replacements (another variable, another attribute) draft them all, and `freeze.py` samples.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterable, Iterator

from bench.plant_scope import Draft, Scope, Source, is_documentation

Operator = Callable[[Scope], Iterable[Draft]]


def boundary(scope: Scope) -> Iterator[Draft]:
    """`<` for `<=` and the like: the off-by-one of comparisons."""
    swaps = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
    yield from _comparisons(scope, lambda operator: [swaps[operator]] if operator in swaps else [])


def relational(scope: Scope) -> Iterator[Draft]:
    """The opposite comparison: `==` for `!=`, `<` for `>`, `in` for `not in`, `is` for `is not`."""
    swaps = {"==": "!=", "!=": "==", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
    swaps |= {"in": "not in", "not in": "in", "is": "is not", "is not": "is"}
    yield from _comparisons(scope, lambda operator: [swaps[operator]])


def arithmetic(scope: Scope) -> Iterator[Draft]:
    """Another arithmetic or bitwise operator of the same rank, in expressions and augmented assignments."""
    swaps = {"+": "-", "-": "+", "*": "/", "/": "//", "//": "/", "%": "//", "**": "*"}
    swaps |= {"&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<"}
    for node in scope.every(ast.BinOp):
        if not (isinstance(node.op, ast.Mod) and _is_text(node.left)):
            yield from _between(scope.source, node.left, node.right, swaps)
    for assignment in scope.every(ast.AugAssign):
        augmented = {f"{old}=": f"{new}=" for old, new in swaps.items()} | {"+=": "=", "-=": "+="}
        yield from _between(scope.source, assignment.target, assignment.value, augmented)


def constant(scope: Scope) -> Iterator[Draft]:
    """A number one too large or too small, or the other truth value."""
    for node in scope.every(ast.Constant):
        if isinstance(node.value, bool):
            yield scope.source.replace(node, str(not node.value))
        elif isinstance(node.value, int):
            yield scope.source.replace(node, str(node.value + 1))
            if node.value > 0:
                yield scope.source.replace(node, str(node.value - 1))


def negated_condition(scope: Scope) -> Iterator[Draft]:
    """A condition turned around, or a `not` that was forgotten."""
    decisions: list[ast.If | ast.While | ast.IfExp] = [*scope.every(ast.If), *scope.every(ast.IfExp)]
    for node in [*decisions, *scope.every(ast.While)]:
        if not isinstance(node.test, ast.Compare | ast.UnaryOp):
            yield scope.source.replace(node.test, f"not ({scope.source.of(node.test)})")
    for unary in scope.every(ast.UnaryOp):
        if isinstance(unary.op, ast.Not):
            yield scope.source.replace(unary, scope.source.of(unary.operand))


def connective(scope: Scope) -> Iterator[Draft]:
    """`and` for `or`, and the reverse."""
    for node in scope.every(ast.BoolOp):
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from _between(scope.source, left, right, {"and": "or", "or": "and"})


def lost_clause(scope: Scope) -> Iterator[Draft]:
    """A clause of a condition was forgotten."""
    for node in scope.every(ast.BoolOp):
        for dropped in range(len(node.values)):
            kept = [scope.source.of(value) for index, value in enumerate(node.values) if index != dropped]
            word = " and " if isinstance(node.op, ast.And) else " or "
            yield scope.source.replace(node, word.join(kept))


def lost_statement(scope: Scope) -> Iterator[Draft]:
    """A call, an assignment or an update was forgotten."""
    kinds = (ast.Expr, ast.Assign, ast.AugAssign, ast.Delete)
    if not isinstance(scope.node, ast.Module):
        for node in scope.statements:
            if isinstance(node, kinds):
                yield scope.source.replace(node, "pass")


def lost_guard(scope: Scope) -> Iterator[Draft]:
    """A guard clause (`if …: return/raise/continue`) was forgotten."""
    leaves = (ast.Return, ast.Raise, ast.Continue, ast.Break)
    for node in scope.every(ast.If):
        if isinstance(node.body[-1], leaves) and not node.orelse and _starts_with(scope.source, node, "if"):
            yield scope.source.replace(node, "pass")


def lost_branch(scope: Scope) -> Iterator[Draft]:
    """An `else` or an `elif` was forgotten."""
    branching: list[ast.If | ast.For] = [*scope.every(ast.If), *scope.every(ast.For)]
    for node in branching:
        if node.orelse:
            yield Draft(scope.source.end(node.body[-1]), scope.source.end(node.orelse[-1]), "")
        first = node.orelse[0] if node.orelse else None
        if isinstance(first, ast.If) and first.orelse and _starts_with(scope.source, first, "elif"):
            rest = first.orelse[0]
            chained = isinstance(rest, ast.If) and _starts_with(scope.source, rest, "elif")
            if chained:
                yield Draft(scope.source.start(first), scope.source.start(rest), "")


def swapped_arguments(scope: Scope) -> Iterator[Draft]:
    """Two neighbouring arguments of a call in the wrong order."""
    for node in scope.every(ast.Call):
        for left, right in zip(node.args, node.args[1:], strict=False):
            if not isinstance(left, ast.Starred) and not isinstance(right, ast.Starred):
                yield _swap(scope.source, left, right)


def lost_argument(scope: Scope) -> Iterator[Draft]:
    """An optional argument was not passed on."""
    for node in scope.every(ast.Call):
        parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        if len(parts) > 1:
            yield Draft(scope.source.end(parts[-2]), scope.source.end(parts[-1]), "")
        elif node.keywords:
            yield Draft(scope.source.start(parts[0]), scope.source.end(parts[0]), "")


def wrong_variable(scope: Scope) -> Iterator[Draft]:
    """Another variable of the function, as left behind by copying or renaming."""
    for node in scope.every(ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id in scope.variables:
            for other in scope.variables:
                if other not in (node.id, "self", "cls") and node.id not in ("self", "cls"):
                    yield scope.source.replace(node, other)


def wrong_attribute(scope: Scope) -> Iterator[Draft]:
    """Another attribute or method of `self`, used elsewhere in the class in the same way."""
    if scope.owner is None:
        return
    called, plain = _members_used(scope.owner)
    called_here = {id(call.func) for call in scope.every(ast.Call)}
    for node in scope.every(ast.Attribute):
        if _is_on_self(node) and isinstance(node.ctx, ast.Load):
            for other in called if id(node) in called_here else plain:
                yield Draft(scope.source.end(node) - len(node.attr), scope.source.end(node), other)


def lost_call(scope: Scope) -> Iterator[Draft]:
    """A conversion or a clean-up was forgotten: `x` for `f(x)`, `x` for `x.strip()`, `x.f` for `x.f()`."""
    for node in scope.every(ast.Call):
        if len(node.args) == 1 and not node.keywords and isinstance(node.func, ast.Name):
            yield scope.source.replace(node, scope.source.of(node.args[0]))
        if not node.args and not node.keywords and isinstance(node.func, ast.Attribute):
            yield scope.source.replace(node, scope.source.of(node.func.value))


def wrong_default(scope: Scope) -> Iterator[Draft]:
    """A parameter's default value is not what callers rely on."""
    if isinstance(scope.node, ast.Module):
        return
    for default in (*scope.node.args.defaults, *scope.node.args.kw_defaults):
        if isinstance(default, ast.Constant):
            for other in _other_defaults(default.value):
                yield scope.source.replace(default, repr(other))


def wrong_bound(scope: Scope) -> Iterator[Draft]:
    """The first or last element is missed, or one too many is taken: slices, indexes, `range` and `len`."""
    for node in scope.every(ast.Slice):
        for bound in (node.lower, node.upper):
            if bound is not None:
                yield scope.source.replace(bound, f"{scope.source.of(bound)} + 1")
                yield scope.source.replace(bound, "")
    for index in scope.every(ast.Subscript):
        yield from _wrong_index(scope.source, index)
    for call in scope.every(ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id in ("range", "len") and call.args:
            target: ast.expr = call if call.func.id == "len" else call.args[-1]
            yield scope.source.replace(target, f"{scope.source.of(target)} - 1")
            yield scope.source.replace(target, f"{scope.source.of(target)} + 1")


def wrong_exception(scope: Scope) -> Iterator[Draft]:
    """The wrong exception is caught or raised."""
    related = {
        "KeyError": ["IndexError", "AttributeError"],
        "IndexError": ["KeyError"],
        "ValueError": ["TypeError", "KeyError"],
        "TypeError": ["ValueError", "AttributeError"],
        "AttributeError": ["KeyError", "TypeError"],
        "StopIteration": ["IndexError"],
    }
    caught = [handler.type for handler in scope.every(ast.ExceptHandler) if handler.type is not None]
    raised = [node.exc for node in scope.every(ast.Raise) if node.exc is not None]
    for place in (*caught, *raised):
        for name in ast.walk(place):
            if isinstance(name, ast.Name):
                yield from (scope.source.replace(name, other) for other in related.get(name.id, []))


def wrong_jump(scope: Scope) -> Iterator[Draft]:
    """`break` for `continue` and the reverse, a jump that was forgotten, or a `return` without its word."""
    for node in scope.every(ast.Break):
        yield from (scope.source.replace(node, word) for word in ("continue", "pass"))
    for jump in scope.every(ast.Continue):
        yield from (scope.source.replace(jump, word) for word in ("break", "pass"))
    for leave in scope.every(ast.Return):
        if leave.value is not None and not isinstance(leave.value, ast.Constant):
            yield scope.source.replace(leave, scope.source.of(leave.value))


def wrong_text(scope: Scope) -> Iterator[Draft]:
    """A string literal with a wrong, missing or additional character."""
    documentation = {id(node.value) for node in scope.every(ast.Expr)}
    for node in scope.every(ast.Constant):
        if (
            isinstance(node.value, str)
            and id(node) not in documentation
            and _is_plain_literal(scope.source, node)
        ):
            text = node.value
            others = {text[:-1], text + " ", text.strip(), text.swapcase()} - {text}
            yield from (scope.source.replace(node, repr(other)) for other in sorted(others))


def lost_import(scope: Scope) -> Iterator[Draft]:
    """A name that is no longer imported, as after tidying up."""
    imports = (node for node in scope.statements if isinstance(node, ast.Import | ast.ImportFrom))
    for node in imports:
        for dropped in node.names:
            kept = [_alias(alias) for alias in node.names if alias is not dropped]
            origin = (
                f"from {'.' * node.level}{node.module or ''} " if isinstance(node, ast.ImportFrom) else ""
            )
            yield scope.source.replace(node, f"{origin}import {', '.join(kept)}" if kept else "pass")


def wrong_indentation(scope: Scope) -> Iterator[Draft]:
    """The last statement of a loop or a condition slipped out of it, or the next one slipped in."""
    source = scope.source
    for block in scope.blocks if not isinstance(scope.node, ast.Module) else []:
        for index, node in enumerate(block):
            if not isinstance(node, ast.For | ast.While | ast.If | ast.With) or node.col_offset == 0:
                continue
            last, inner = node.body[-1], source.indent(node.body[0])
            if not getattr(node, "orelse", []) and len(node.body) > 1 and last.lineno == last.end_lineno:
                start = source.whole_lines(last)[0]
                yield Draft(start, source.start(last), source.indent(node))
            following = block[index + 1] if index + 1 < len(block) else None
            if following is not None and following.lineno == following.end_lineno and not inner.strip():
                yield Draft(source.whole_lines(following)[0], source.start(following), inner)


def swapped_statements(scope: Scope) -> Iterator[Draft]:
    """Two neighbouring statements in the wrong order."""
    simple = (ast.Expr, ast.Assign, ast.AugAssign)
    for block in scope.blocks if not isinstance(scope.node, ast.Module) else []:
        for left, right in itertools.pairwise(block):
            if isinstance(left, simple) and isinstance(right, simple) and not is_documentation(left):
                yield _swap(scope.source, left, right)


def swapped_choice(scope: Scope) -> Iterator[Draft]:
    """The two values of a conditional expression in the wrong places."""
    for node in scope.every(ast.IfExp):
        yield _swap(scope.source, node.body, node.orelse)


def lost_yield_from(scope: Scope) -> Iterator[Draft]:
    """`yield x` for `yield from x`, and the reverse."""
    for node in scope.every(ast.YieldFrom):
        yield scope.source.replace(node, f"yield {scope.source.of(node.value)}")
    for single in scope.every(ast.Yield):
        if isinstance(single.value, ast.Name):
            yield scope.source.replace(single, f"yield from {scope.source.of(single.value)}")


FAMILIES: dict[str, Operator] = {
    "boundary": boundary,
    "relational": relational,
    "arithmetic": arithmetic,
    "constant": constant,
    "negated-condition": negated_condition,
    "connective": connective,
    "lost-clause": lost_clause,
    "lost-statement": lost_statement,
    "lost-guard": lost_guard,
    "lost-branch": lost_branch,
    "swapped-arguments": swapped_arguments,
    "lost-argument": lost_argument,
    "wrong-variable": wrong_variable,
    "wrong-attribute": wrong_attribute,
    "lost-call": lost_call,
    "wrong-default": wrong_default,
    "wrong-bound": wrong_bound,
    "wrong-exception": wrong_exception,
    "wrong-jump": wrong_jump,
    "wrong-text": wrong_text,
    "lost-import": lost_import,
    "wrong-indentation": wrong_indentation,
    "swapped-statements": swapped_statements,
    "swapped-choice": swapped_choice,
    "lost-yield-from": lost_yield_from,
}


def _comparisons(scope: Scope, replacements: Callable[[str], Iterable[str]]) -> Iterator[Draft]:
    """Replace each comparison operator by what `replacements` names for it."""
    words = {"is not": r"is\s+not", "not in": r"not\s+in"}
    spelling: dict[type[ast.cmpop], str] = {
        ast.Lt: "<",
        ast.LtE: "<=",
        ast.Gt: ">",
        ast.GtE: ">=",
        ast.Eq: "==",
        ast.NotEq: "!=",
        ast.In: "in",
        ast.NotIn: "not in",
        ast.Is: "is",
        ast.IsNot: "is not",
    }
    for node in scope.every(ast.Compare):
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            spelled = spelling[type(operator)]
            pattern = words.get(spelled, re.escape(spelled))
            yield from _respell(scope.source, left, right, pattern, replacements(spelled))


def _between(source: Source, left: ast.expr, right: ast.expr, swaps: dict[str, str]) -> Iterator[Draft]:
    """Swap the operator that stands between two operands."""
    gap = source.text[source.end(left) : source.start(right)]
    operator = gap.strip("() \t\\\n")
    if operator in swaps:
        yield from _respell(source, left, right, re.escape(operator), [swaps[operator]])


def _respell(
    source: Source, left: ast.expr, right: ast.expr, pattern: str, replacements: Iterable[str]
) -> Iterator[Draft]:
    """Replace what matches `pattern` between two operands; a gap with a comment is left alone."""
    start = source.end(left)
    gap = source.text[start : source.start(right)]
    match = re.search(pattern, gap)
    if match and "#" not in gap:
        yield from (Draft(start + match.start(), start + match.end(), new) for new in replacements)


def _swap(source: Source, left: ast.expr | ast.stmt, right: ast.expr | ast.stmt) -> Draft:
    """Exchange two nodes and keep what stands between them."""
    between = source.text[source.end(left) : source.start(right)]
    return Draft(source.start(left), source.end(right), source.of(right) + between + source.of(left))


def _wrong_index(source: Source, node: ast.Subscript) -> Iterator[Draft]:
    """Index one place further, or from the other end."""
    index = node.slice
    if isinstance(index, ast.Constant) and isinstance(index.value, int):
        yield source.replace(index, "-1" if index.value == 0 else "0")
    elif isinstance(index, ast.UnaryOp) and isinstance(index.operand, ast.Constant):
        yield source.replace(index, "0")
    elif isinstance(index, ast.Name | ast.BinOp):
        yield source.replace(index, f"{source.of(index)} - 1")


def _other_defaults(value: object) -> list[object]:
    """Return plausible wrong defaults in place of `value`."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, None]
    if isinstance(value, str):
        return [None] if not value else ["", value + " "]
    return [0, False, ""] if value is None else []


def _members_used(owner: ast.ClassDef) -> tuple[list[str], list[str]]:
    """Return the members of `self` that the class calls, and those it reads."""
    called_nodes = {id(node.func) for node in ast.walk(owner) if isinstance(node, ast.Call)}
    used = [node for node in ast.walk(owner) if isinstance(node, ast.Attribute) and _is_on_self(node)]
    called = dict.fromkeys(node.attr for node in used if id(node) in called_nodes)
    plain = dict.fromkeys(node.attr for node in used if id(node) not in called_nodes)
    return list(called), list(plain)


def _is_on_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def _is_plain_literal(source: Source, node: ast.Constant) -> bool:
    """Tell whether a literal is short and has neither prefix nor joined parts, so that `repr` may replace it."""
    spelled = source.of(node)
    return (
        len(spelled) < 60
        and spelled[:1] in "'\""
        and not spelled.startswith(('"""', "'''"))
        and "\n" not in spelled
    )


def _starts_with(source: Source, node: ast.stmt, keyword: str) -> bool:
    """Tell `if` from `elif`, which the syntax tree does not."""
    return source.text.startswith(keyword + " ", source.start(node))


def _alias(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name
