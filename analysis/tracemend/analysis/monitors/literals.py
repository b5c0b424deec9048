"""M6: keys of enumerations and typed dictionaries, and literal arguments.

`Color["RED"]` names a member, `movie["title"]` a key of a `TypedDict`, and a parameter declared as `Literal["r", "w"]`
takes nothing else. All three are strings in the source, which other tools leave unread.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef, Parameter
from tracemend.analysis.types.classes import lineage
from tracemend.analysis.types.model import ClassObject, Instance, Type, parts

from .guards import Guard
from .nearest import nearest_names
from .position import position_of
from .protocol import (
    Allowed,
    Finding,
    Forbidden,
    Hole,
    Judgement,
    Passed,
    Silent,
    Unknown,
    Verdict,
    judge_word,
)
from .sites import FileView

if TYPE_CHECKING:
    from tracemend.analysis.types.document import Document
    from tracemend.analysis.types.evaluate import Evaluator
    from tracemend.analysis.types.oracle import Callee, Oracle

RULE_KEY = "unknown-key"
RULE_LITERAL = "unknown-literal"
_ENUM = "enum.Enum"
_TYPED_DICT = "typing._TypedDict"


class LiteralMonitor:
    """Judges strings that must be one of a few."""

    name = "literals"

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle

    def judge(self, hole: Hole, partial: str, *, complete: bool) -> Judgement:
        """Judge a key that is being written: `partial` is the content of a string that begins at the hole."""
        place = position_of(hole).place
        opened = place.brackets[-1] if place.brackets else None
        if place.string_start < 0 or opened is None or opened.character != "[":
            return Unknown("no-key")
        text = hole.document.text
        if text[opened.offset + 1 : place.string_start].strip() or hole.offset != place.string_start + len(
            place.quote
        ):
            return Unknown("no-key")
        keys = self._keys_before(hole.document, opened.offset)
        if keys is None or isinstance(keys, str):
            return Unknown(keys or "no-key")
        word, quote, _ = partial.partition(place.quote)
        allowed = judge_word(keys, word, complete=complete or bool(quote))
        return (
            Allowed(allowed) if allowed else Forbidden(f"there is no key {word!r}", nearest_names(word, keys))
        )

    def review(self, view: FileView) -> Iterator[Verdict]:
        """Yield a verdict for each string that is a key of an enumeration or typed dictionary, or a literal argument."""
        tested = _tested_keys(view.tree)
        for node, guard in view.sites(ast.Subscript):
            if isinstance(node.ctx, ast.Load) and (key := _string(node.slice)) is not None:
                yield from self._key_verdict(view, node, key, guard, tested)
        for call, guard in view.sites(ast.Call):
            if any(_string(one) is not None for one in (*call.args, *(one.value for one in call.keywords))):
                yield from self._argument_verdicts(view, call, guard)

    def _key_verdict(
        self, view: FileView, node: ast.Subscript, key: str, guard: Guard, tested: frozenset[str]
    ) -> Iterator[Verdict]:
        with self._oracle.evaluating(view.document) as evaluator:
            keys = keys_of(evaluator, self._oracle.type_of(view.document, node.value))
        if keys is None:
            return
        start, end = view.span(node.slice)
        why = guard.reason("KeyError") or ("probed" if key in tested else None)
        if isinstance(keys, str) or why:
            yield Silent(start, why or str(keys))
        elif key in keys:
            yield Passed(start)
        else:
            message = f"`{view.segment(node.value)}` has no key `{key}`"
            near = _quoted_like(view.segment(node.slice), nearest_names(key, keys))
            yield Finding(RULE_KEY, start, end, message, "closed keys", near)

    def _argument_verdicts(self, view: FileView, call: ast.Call, guard: Guard) -> Iterator[Verdict]:
        callee = view.callee(call)
        for value, written, place in _string_arguments(call):
            choices = literal_choices(callee, place)
            if choices is None:
                continue
            start, end = view.span(value)
            why = guard.reason("TypeError", "ValueError")
            if why:
                yield Silent(start, why)
            elif written in choices:
                yield Passed(start)
            else:
                shown = ", ".join(repr(one) for one in sorted(choices))
                near = _quoted_like(view.segment(value), nearest_names(written, choices))
                message = f"`{written}` is none of {shown}"
                yield Finding(RULE_LITERAL, start, end, message, "declared Literal", near)

    def _keys_before(self, document: Document, offset: int) -> frozenset[str] | str | None:
        """Return the keys of the expression that ends at `offset`, before a bracket."""
        type_ = self._oracle.type_before(document, offset)
        with self._oracle.evaluating(document) as evaluator:
            return keys_of(evaluator, type_)


def keys_of(evaluator: Evaluator, type_: Type) -> frozenset[str] | str | None:
    """Return the string keys of an enumeration or a typed dictionary, a slug where they are open, else None."""
    keys: set[str] = set()
    for part in parts(type_):
        if not isinstance(part, ClassObject | Instance):
            return None
        line = lineage(evaluator, part.cls)
        if not line.has(_ENUM if isinstance(part, ClassObject) else _TYPED_DICT):
            return None
        if line.reasons:
            return line.reasons[0]
        for ancestor in line.ancestors:
            keys |= ancestor.cls.definition.members.keys()
    return frozenset(keys) or None


def literal_choices(callee: Callee | None, place: int | str) -> frozenset[str] | None:
    """Return the strings that the parameter at `place` is declared to take, None if it may take others."""
    if callee is None or not callee.closed or not callee.signatures:
        return None
    choices: set[str] = set()
    for signature in callee.signatures:
        parameter = _parameter_at(signature, place)
        found = _choices(parameter.annotation) if parameter and parameter.annotation else None
        if found is None:
            return None
        choices |= found
    return frozenset(choices)


def _parameter_at(signature: FunctionDef, place: int | str) -> Parameter | None:
    if isinstance(place, str):
        by_name = (one for one in signature.parameters if one.kind in ("positional", "keyword-only"))
        return next((one for one in by_name if one.name == place), None)
    slots = [one for one in signature.parameters if one.kind in ("positional-only", "positional")]
    return slots[place] if place < len(slots) else None


def _choices(annotation: str) -> set[str] | None:
    """Return the strings of an annotation made of `Literal[...]` and `None` alone, None for any other."""
    try:
        node = ast.parse(annotation, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return _choices_of(node)


def _choices_of(node: ast.expr) -> set[str] | None:
    match node:
        case ast.Constant(value=None):
            return set()
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            found = (_choices_of(left), _choices_of(right))
            return None if found[0] is None or found[1] is None else found[0] | found[1]
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            if name == "Optional":
                return _choices_of(inner)
            elements = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            values = [_string(one) for one in elements]
            strings = {one for one in values if one is not None}
            return strings if name == "Literal" and len(strings) == len(elements) else None
        case _:
            return None


def _string_arguments(call: ast.Call) -> Iterator[tuple[ast.expr, str, int | str]]:
    """Yield the string arguments of a call, each with its value and the place that it goes to."""
    for position, value in enumerate(call.args):
        if isinstance(value, ast.Starred):
            break
        if (written := _string(value)) is not None:
            yield value, written, position
    for keyword in call.keywords:
        if keyword.arg and (written := _string(keyword.value)) is not None:
            yield keyword.value, written, keyword.arg


def _tested_keys(tree: ast.Module) -> frozenset[str]:
    """Return the strings that the file asks for with `in`."""
    return frozenset(
        key
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn)
        if (key := _string(node.left)) is not None
    )


def _string(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _quoted_like(written: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return `names` as strings in the quotes of the literal `written`."""
    quote = "'" if written.lstrip("rRbBuU").startswith("'") else '"'
    return tuple(f"{quote}{name}{quote}" for name in names)
