"""Displays of lists, tuples, sets and dicts: an element too many, missing or in the wrong place."""

from __future__ import annotations

import ast
import io
import itertools
import re
import tokenize
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tracemend.repair.propose.candidates import data_names
from tracemend.repair.propose.rewriting import Rewrite, expression_operator, operand, short, spliced
from tracemend.repair.propose.site import Site

_FAMILY = "literal and default value"
MAX_ELEMENTS = 12


@expression_operator("element-order", _FAMILY)
def element_order(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Two neighbouring elements swapped, of a pair above all."""
    if not isinstance(node, ast.Tuple | ast.List) or len(node.elts) > MAX_ELEMENTS:
        return
    for first, second in itertools.pairwise(node.elts):
        if isinstance(first, ast.Starred) or isinstance(second, ast.Starred):
            continue
        swap = {first: operand(site, second), second: operand(site, first)}
        cost = 1.4 if isinstance(node, ast.Tuple) and len(node.elts) <= 3 else 2.2
        cost += _documented_order(site, first, second)
        note = f"swaps `{short(site.text(first))}` and `{short(site.text(second))}`"
        yield Rewrite(node, spliced(site, node, swap), note, cost)


def _counters(site: Site) -> list[str]:
    """Return the attributes of the object that count up, and what hands out their next value: ties are broken by them."""
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    return list(_counters_of(holder)) if holder else []


@lru_cache(maxsize=64)
def _counters_of(holder: ast.ClassDef) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for node in ast.walk(holder):
        match node:
            case ast.AugAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name), op=ast.Add()):
                found.setdefault(f"self.{name}")
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)],
                value=ast.Call(func=ast.Name(id="count") | ast.Attribute(attr="count")),
            ):
                found.setdefault(f"next(self.{name})")
            case _:
                pass
    return tuple(found)[:2]


def _documented_order(site: Site, first: ast.expr, second: ast.expr) -> float:
    """Return what it costs to swap a pair that the docstring names in this order; less than nothing in the other."""
    document = ast.get_docstring(site.function.node) if site.function else None
    if not document or not isinstance(first, ast.Name) or not isinstance(second, ast.Name):
        return 0.0
    if re.search(rf"\b{first.id}, {second.id}\b", document):
        return 1.2
    return -0.5 if re.search(rf"\b{second.id}, {first.id}\b", document) else 0.0


@expression_operator("element-dropped", _FAMILY)
def element_dropped(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One element fewer; of a pair also the other element by itself."""
    if not isinstance(node, ast.Tuple | ast.List | ast.Set) or not 2 <= len(node.elts) <= MAX_ELEMENTS:
        return
    texts = [site.text(one) if isinstance(one, ast.Starred) else operand(site, one) for one in node.elts]
    for index, text in enumerate(texts):
        rest = [one for position, one in enumerate(texts) if position != index]
        yield Rewrite(node, _display(node, rest), f"leaves out `{short(text)}`", 2.1)
        if isinstance(node, ast.Tuple) and len(texts) == 2 and not rest[0].startswith("*"):
            yield Rewrite(node, rest[0], f"takes `{short(rest[0])}` by itself", 2.0)


@expression_operator("element-added", _FAMILY)
def element_added(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One element more: a name in scope, a literal that the failing tests write, or the next number of a row."""
    if not isinstance(node, ast.Tuple | ast.List | ast.Set) or len(node.elts) > MAX_ELEMENTS:
        return
    texts = [site.text(one) if isinstance(one, ast.Starred) else operand(site, one) for one in node.elts]
    literal = all(isinstance(one, ast.Constant) for one in node.elts)
    more = list(site.test_literals[:6]) if literal and texts else data_names(site, node, limit=3)
    for rank, counter in enumerate(
        _counters(site) if isinstance(node, ast.Tuple) and len(texts) >= 2 else ()
    ):
        if counter not in texts:
            middle = _display(node, [texts[0], counter, *texts[1:]])
            yield Rewrite(node, middle, f"adds `{counter}` as the second element", 2.2 + 0.2 * rank)
    for other in _negatives(node.elts):
        if other not in texts:
            yield Rewrite(node, _display(node, [other, *texts]), f"adds `{other}` in front", 2.6)
            yield Rewrite(node, _display(node, [*texts, other]), f"adds `{other}` at the end", 2.7)
    for other in _next_of_row(node.elts):
        yield Rewrite(node, _display(node, [*texts, other]), f"goes on with `{other}`", 2.4)
    for rank, other in enumerate(more):
        if other not in texts:
            cost = 2.6 + 0.2 * rank
            yield Rewrite(node, _display(node, [*texts, other]), f"adds `{short(other)}` at the end", cost)
            if not isinstance(node, ast.Set):
                yield Rewrite(
                    node, _display(node, [other, *texts]), f"adds `{short(other)}` in front", cost + 0.2
                )


@expression_operator("dict-items", _FAMILY)
def dict_items(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Values of a dict swapped, an item dropped, the later of two merged dicts first."""
    if not isinstance(node, ast.Dict) or not 1 <= len(node.values) <= MAX_ELEMENTS:
        return
    items = [_item(site, key, value) for key, value in zip(node.keys, node.values, strict=True)]
    for index, text in enumerate(items):
        if len(items) > 1:
            rest = [one for position, one in enumerate(items) if position != index]
            yield Rewrite(node, f"{{{', '.join(rest)}}}", f"leaves out `{short(text)}`", 2.3)
    for index, (first, second) in enumerate(itertools.pairwise(node.values)):
        if None in node.keys[index : index + 2]:
            swapped = [*items[:index], items[index + 1], items[index], *items[index + 2 :]]
            note = f"lets `{short(items[index])}` win over `{short(items[index + 1])}`"
            yield Rewrite(node, f"{{{', '.join(swapped)}}}", note, 1.5)
        else:
            swap = {first: operand(site, second), second: operand(site, first)}
            note = f"swaps the values `{short(site.text(first))}` and `{short(site.text(second))}`"
            yield Rewrite(node, spliced(site, node, swap), note, 1.9)
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Name) and isinstance(value, ast.Name):
            swap = {key: value.id, value: key.id}
            yield Rewrite(
                node, spliced(site, node, swap), f"swaps key `{key.id}` and value `{value.id}`", 1.6
            )


@expression_operator("missing-comma", _FAMILY)
def missing_comma(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Two strings that were meant as two elements: without a comma Python joins them."""
    if not isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Call):
        return
    elements = node.args if isinstance(node, ast.Call) else node.elts
    base, _ = site.module.span(node)
    for element in elements:
        if not isinstance(element, ast.Constant) or not isinstance(element.value, str | bytes):
            continue
        pieces = _pieces(site.text(element))
        if len(pieces) >= 2 and len(pieces) < 6:
            start, end = site.module.span(element)
            whole = site.text(node)
            text = f"{whole[: start - base]}{', '.join(pieces)}{whole[end - base :]}"
            yield Rewrite(node, text, f"puts a comma after {short(pieces[0])}", 1.2)


def _negatives(elements: Sequence[ast.expr]) -> list[str]:
    """Return the negatives of the elements, where all are numbers: signs and directions come in pairs."""
    values = [ast.unparse(one) for one in elements]
    if not all(re.fullmatch(r"-?[1-9][0-9]*", one) for one in values):
        return []
    return [one[1:] if one.startswith("-") else f"-{one}" for one in values]


def _next_of_row(elements: Sequence[ast.expr]) -> Iterator[str]:
    """Yield the number that goes on with a row of numbers each one above the last, such as 13 after (11, 12)."""
    numbers = [one.value for one in elements if isinstance(one, ast.Constant) and type(one.value) is int]
    if len(numbers) == len(elements) >= 2 and all(
        above == below + 1 for below, above in itertools.pairwise(numbers)
    ):
        yield str(numbers[-1] + 1)


def _display(node: ast.Tuple | ast.List | ast.Set, texts: list[str]) -> str:
    if isinstance(node, ast.Tuple):
        return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
    return f"[{', '.join(texts)}]" if isinstance(node, ast.List) else f"{{{', '.join(texts)}}}"


def _item(site: Site, key: ast.expr | None, value: ast.expr) -> str:
    return f"**{site.text(value)}" if key is None else f"{operand(site, key)}: {operand(site, value)}"


def _pieces(text: str) -> list[str]:
    """Return the string tokens of an implicit concatenation."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({text}\n)").readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    return [one.string for one in tokens if one.type == tokenize.STRING]
