"""Off by one: indices, slice bounds, ranges, the end a sequence is taken from, the order of subscripts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.candidates import data_names
from tracemend.repair.propose.rewriting import (
    Precedence,
    Rewrite,
    atom,
    call_text,
    expression_operator,
    operand,
)
from tracemend.repair.propose.site import Site
from tracemend.repair.propose.value_kinds import CONTAINERS, SEQUENCES, kind_of, may_be, may_be_number

_FAMILY = "off-by-one in index, slice, range"


def shifted(site: Site, node: ast.expr, step: int) -> str:
    """Return the text of `node + step`, as a person writes it: `i + 1` and 1 is `i + 2`, 1 and -1 is `0`."""
    value, base = _constant_part(node)
    total = value + step
    if base is None:
        return str(total)
    text = operand(site, base, Precedence.ARITHMETIC)
    if total == 0:
        return operand(site, base)
    return f"{text} {'+' if total > 0 else '-'} {abs(total)}"


@expression_operator("index-offset", _FAMILY, targets=True)
def index_offset(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The element before or after, or counted from the other end."""
    if not isinstance(node, ast.Subscript) or not _is_index(site, node.slice):
        return
    index, text = node.slice, site.text(node.slice)
    for step, cost in ((-1, 1.1), (1, 1.1)):
        new = shifted(site, index, step)
        yield Rewrite(index, new, f"takes the element at `{new}`, not `{text}`", cost)
    _, base = _constant_part(index)
    if base is None:
        for other, cost in (("0", 1.0), ("-1", 1.0), ("1", 1.4), ("-2", 2.2), ("2", 2.2)):
            yield Rewrite(index, other, f"takes the element at `{other}`, not `{text}`", cost)
        return
    inner = operand(site, index, Precedence.FACTOR)
    yield Rewrite(index, f"-{inner}", f"counts `{text}` from the end", 2.2)
    yield Rewrite(index, f"~{inner}", f"counts `{text}` from the end, the last one being 0", 2.8)
    sequence, term = site.text(node.value), operand(site, index, Precedence.TERM)
    if len(sequence) <= 20:
        yield Rewrite(index, f"len({sequence}) - 1 - {term}", f"counts `{text}` from the end", 2.8)
        yield Rewrite(
            index, f"{operand(site, index, Precedence.TERM)} % len({sequence})", "wraps the index around", 2.4
        )


@expression_operator("index-or-slice", _FAMILY)
def index_or_slice(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """An element where a slice is meant, or a slice where an element is meant."""
    if not isinstance(node, ast.Subscript):
        return
    value = atom(site, node.value)
    if isinstance(node.slice, ast.Slice):
        for bound in (node.slice.lower, node.slice.upper):
            if bound is not None:
                text = site.text(bound)
                yield Rewrite(node, f"{value}[{text}]", f"takes the element at `{text}`, not a slice", 2.2)
    elif _is_index(site, node.slice):
        index = site.text(node.slice)
        yield Rewrite(node, f"{value}[{index}:]", f"takes all from `{index}` on", 1.9)
        yield Rewrite(node, f"{value}[:{index}]", f"takes all before `{index}`", 2.0)
        yield Rewrite(node, f"{value}[{shifted(site, node.slice, 1)}:]", f"takes all after `{index}`", 2.5)


@expression_operator("slice-bound", _FAMILY, targets=True)
def slice_bound(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A bound one further, missing, superfluous, or on the other side of the colon."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
        return
    lower, upper, step = node.slice.lower, node.slice.upper, node.slice.step
    for words, bound in (("start", lower), ("end", upper)):
        if bound is not None:
            for amount, cost in ((-1, 1.0), (1, 1.0)):
                new = shifted(site, bound, amount)
                yield Rewrite(
                    bound, new, f"lets the slice {words} at `{new}`, not `{site.text(bound)}`", cost
                )
    match upper, site.module.parents[node]:
        case ast.expr(), ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=str(mark))) if (
            left is node and mark
        ):
            new = f"{operand(site, upper, Precedence.ARITHMETIC)} - {len(mark)}"
            yield Rewrite(upper, new, f"leaves room for {mark!r}", 1.3)
        case _:
            pass
    parts = [operand(site, one) if one is not None else "" for one in (lower, upper, step)]
    for new_parts, note, cost in _slices(parts):
        yield Rewrite(node, _slice_text(site, node, new_parts), note, cost)
    for rank, name in enumerate(data_names(site, node, limit=3)):
        if lower is None:
            new = _slice_text(site, node, [name, *parts[1:]])
            yield Rewrite(node, new, f"lets the slice start at `{name}`", 2.6 + 0.2 * rank)
        if upper is None:
            new = _slice_text(site, node, [parts[0], name, parts[2]])
            yield Rewrite(node, new, f"lets the slice end at `{name}`", 2.6 + 0.2 * rank)


@expression_operator("sequence-slice", _FAMILY)
def sequence_slice(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A part of a sequence, or its reverse, where the whole is used."""
    if not _may_be_sliced(site, node):
        return
    sure = 0.0 if kind_of(site, node) in SEQUENCES else 0.8
    value, text = atom(site, node), site.text(node)
    for part, words, cost in (
        ("[1:]", "leaves out the first of", 2.2),
        ("[:-1]", "leaves out the last of", 2.2),
        ("[::-1]", "reverses", 2.0),
        ("[1:-1]", "leaves out the ends of", 2.7),
        ("[0]", "takes the first of", 2.6),
        ("[-1]", "takes the last of", 2.6),
        ("[1]", "takes the second of", 3.0),
    ):
        yield Rewrite(node, f"{value}{part}", f"{words} `{text}`", cost + sure)


@expression_operator("subscript-missing", _FAMILY)
def subscript_missing(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """An element where the whole container is used: `f(xs)` against `f(xs[i])`."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript) or not may_be(site, node, CONTAINERS):
        return
    parent = site.module.parents[node]
    if isinstance(parent, ast.Attribute | ast.Expr) or (isinstance(parent, ast.Call) and parent.func is node):
        return
    value, text = atom(site, node), site.text(node)
    for rank, name in enumerate([one for one in data_names(site, node, limit=6) if one not in text][:4]):
        kinds = site.observed[name].types[:1] if name in site.observed else ()
        if not kinds or kinds[0] in ("int", "str", "tuple"):
            cost = (2.3 if kind_of(site, node) else 2.9) + 0.2 * rank
            yield Rewrite(node, f"{value}[{name}]", f"takes the element `{name}` of `{text}`", cost)


@expression_operator("range-bound", _FAMILY)
def range_bound(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The bounds and the direction of a `range`."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]) if arguments and not any(
            isinstance(one, ast.Starred) for one in arguments
        ):
            texts = [operand(site, one) for one in arguments]
        case _:
            return
    places = ("stop",) if len(arguments) == 1 else ("start", "stop", "step")
    for place, argument in zip(places, arguments, strict=False):
        if place == "step":
            continue
        for amount, cost in ((1, 1.0), (-1, 1.0)) if place == "stop" else ((1, 1.1), (-1, 1.1)):
            new = shifted(site, argument, amount)
            yield Rewrite(
                argument, new, f"lets the range {place} at `{new}`, not `{site.text(argument)}`", cost
            )
    for new_texts, note, cost in _ranges(site, arguments, texts):
        yield Rewrite(node, call_text(site, node, new_texts), note, cost)


@expression_operator("range-of-length", _FAMILY)
def range_of_length(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`range(n)` against `range(len(xs))`."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[*_, ast.Name() as stop]):
            yield Rewrite(stop, f"len({stop.id})", f"counts up to the length of `{stop.id}`", 2.0)
        case ast.Call(func=ast.Name(id="range"), args=[ast.Call(func=ast.Name(id="len"), args=[whole])]):
            yield Rewrite(node, operand(site, whole), f"goes over `{site.text(whole)}` itself", 2.4)
        case _:
            pass


@expression_operator("subscript-order", _FAMILY, targets=True)
def subscript_order(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Row and column swapped, or one level of subscripts too many."""
    if not isinstance(node, ast.Subscript) or isinstance(node.slice, ast.Slice):
        return
    whole, last = atom(site, node.value), site.text(node.slice)
    match node.value:
        case ast.Subscript(value=base, slice=first) if not isinstance(first, ast.Slice):
            text, index = atom(site, base), site.text(first)
            yield Rewrite(
                node, f"{text}[{last}][{index}]", f"swaps the subscripts of `{site.text(base)}`", 1.3
            )
            yield Rewrite(node, f"{text}[{last}]", f"leaves out the subscript `{index}`", 2.4)
        case _:
            pass
    match node.slice:
        case ast.Tuple(elts=[first, second]) if not any(
            isinstance(one, ast.Slice) for one in (first, second)
        ):
            text = f"{whole}[{operand(site, second)}, {operand(site, first)}]"
            yield Rewrite(node, text, f"swaps the subscripts of `{site.text(node.value)}`", 1.3)
        case _:
            pass
    yield Rewrite(node, whole, f"takes `{site.text(node.value)}` without a subscript", 2.0)


def _constant_part(node: ast.expr) -> tuple[int, ast.expr | None]:
    """Split `node` into an integer and the rest: `i + 1` is 1 and `i`, `i` is 0 and `i`, `-1` is -1 and nothing."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value, None
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value, None
        case ast.BinOp(left=base, op=ast.Add(), right=ast.Constant(value=int(value))):
            return value, base
        case ast.BinOp(left=base, op=ast.Sub(), right=ast.Constant(value=int(value))):
            return -value, base
        case _:
            return 0, node


def _is_index(site: Site, node: ast.expr) -> bool:
    if isinstance(node, ast.Slice | ast.Tuple | ast.JoinedStr | ast.Compare | ast.Starred):
        return False
    return may_be_number(site, node)


def _slice_text(site: Site, node: ast.Subscript, parts: list[str]) -> str:
    lower, upper, step = parts
    return f"{atom(site, node.value)}[{lower}:{upper}{':' + step if step else ''}]"


def _slices(parts: list[str]) -> Iterator[tuple[list[str], str, float]]:
    """Yield other slices made of the same bounds, with a note and a cost."""
    lower, upper, step = parts
    if lower or upper:
        yield (
            [upper, lower, step],
            "swaps the two sides of the slice",
            1.5 if bool(lower) != bool(upper) else 2.4,
        )
    if lower:
        yield ["", upper, step], f"does not leave out what is before `{lower}`", 1.7
    else:
        yield ["1", upper, step], "leaves out the first", 1.7
    if upper:
        yield [lower, "", step], f"does not stop at `{upper}`", 1.7
        if not upper.startswith("-"):
            yield (
                [lower, f"-{upper}" if upper.isidentifier() or upper.isdigit() else f"-({upper})", step],
                (f"stops `{upper}` before the end"),
                2.4,
            )
    else:
        yield [lower, "-1", step], "leaves out the last", 1.7
    if step:
        yield [lower, upper, ""], f"does not step by `{step}`", 1.6
        other = step[1:] if step.startswith("-") else f"-{step}"
        yield [lower, upper, other], f"steps by `{other}`", 1.9 if step in ("1", "-1") else 3.4
        if step.isdigit():
            yield [lower, upper, str(int(step) + 1)], f"steps by {int(step) + 1}", 2.2
            yield [lower, upper, str(int(step) - 1 or 2)], f"steps by {int(step) - 1 or 2}", 2.4
    else:
        yield [lower, upper, "-1"], "goes backwards", 2.2
        yield [lower, upper, "2"], "takes every second one", 3.0


def _ranges(
    site: Site, arguments: list[ast.expr], texts: list[str]
) -> Iterator[tuple[list[str], str, float]]:
    """Yield other arguments for a `range`, with a note and a cost."""
    if len(texts) == 1:
        (stop,) = texts
        yield ["1", stop], "lets the range start at 1", 1.2
        yield ["1", shifted(site, arguments[0], 1)], f"counts from 1 to `{stop}`", 1.2
        yield [shifted(site, arguments[0], -1), "-1", "-1"], "counts down", 1.8
        yield [stop, "0", "-1"], f"counts down from `{stop}` to 1", 2.2
        yield ["0", stop, "2"], "steps by 2", 2.8
        for rank, name in enumerate(data_names(site, arguments[0], limit=4)):
            yield [name, stop], f"lets the range start at `{name}`", 2.0 + 0.2 * rank
            yield [f"{name} + 1", stop], f"lets the range start after `{name}`", 2.1 + 0.2 * rank
    elif len(texts) == 2:
        start, stop = texts
        yield [stop], "lets the range start at 0", 1.6
        yield ["0", stop], "lets the range start at 0", 1.7
        yield ["1", stop], "lets the range start at 1", 1.8
        yield [stop, start], "swaps the bounds of the range", 2.0
        yield [start, stop, "-1"], "counts down", 1.6
        yield [shifted(site, arguments[1], -1), shifted(site, arguments[0], -1), "-1"], "counts down", 2.0
        yield [start, stop, "2"], "steps by 2", 2.6
    else:
        start, stop, step = texts[:3]
        yield [start, stop], f"does not step by `{step}`", 1.8
        other = step[1:] if step.startswith("-") else f"-{operand(site, arguments[2], Precedence.FACTOR)}"
        yield [start, stop, other], f"steps by `{other}`", 1.6
        yield [stop, start, step], "swaps the bounds of the range", 2.2
        for amount in (1, -1):
            new = shifted(site, arguments[2], amount)
            if new != "0":
                yield [start, stop, new], f"steps by `{new}`", 2.2
        for rank, name in enumerate(data_names(site, arguments[2], limit=4)):
            yield [start, stop, name], f"steps by `{name}`", 2.2 + 0.2 * rank


def _may_be_sliced(site: Site, node: ast.expr) -> bool:
    """Say whether `node` is a whole value that may be a sequence, in a place where a part of it would do."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call):
        return False
    kind, parent = kind_of(site, node), site.module.parents[node]
    if kind and kind not in SEQUENCES:
        return False
    match parent:
        case ast.Attribute() | ast.Subscript() | ast.Expr() | ast.BoolOp() | ast.UnaryOp() | ast.Slice():
            return kind in SEQUENCES and isinstance(parent, ast.Attribute)
        case ast.Call(func=function):
            return function is not node
        case ast.BinOp(op=op):
            return kind in SEQUENCES or isinstance(op, ast.Add)
        case ast.If() | ast.While() | ast.withitem() | ast.Raise() | ast.ExceptHandler():
            return False
        case _:
            return True
