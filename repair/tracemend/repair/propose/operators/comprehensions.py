"""Comprehensions, generators and lambdas: filters, the kind of result, the order of loops, keys and grouping."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tracemend.repair.propose.candidates import data_names, free_names, is_expressible
from tracemend.repair.propose.rewriting import (
    Precedence,
    Rewrite,
    argument_texts,
    call_text,
    expression_operator,
    operand,
    short,
    spliced,
)
from tracemend.repair.propose.site import Site

_FAMILY = "comprehension, generator and lambda details"
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_NOUNS = {"[]": "a list", "{}": "a set", "()": "a generator"}


def comprehension_text(
    site: Site, node: Comprehension, generators: Sequence[str], *, element: str = "", brackets: str = ""
) -> str:
    """Write `node` with other `generators`, and another `element` or other brackets where they are given."""
    pair = brackets or _brackets(node)
    return f"{pair[0]}{element or _element(site, node)} {' '.join(generators)}{pair[1]}"


def generator_text(site: Site, generator: ast.comprehension, filters: Sequence[str] | None = None) -> str:
    """Write one `for` of a comprehension, with other `filters` where they are given."""
    if filters is None:
        filters = [operand(site, one, Precedence.OR) for one in generator.ifs]
    start = f"{'async ' if generator.is_async else ''}for {site.text(generator.target)} in "
    return start + " ".join([operand(site, generator.iter, Precedence.OR), *(f"if {one}" for one in filters)])


@expression_operator("comprehension-filter", _FAMILY)
def comprehension_filter(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A filter dropped or added."""
    if not isinstance(node, Comprehension):
        return
    for index, generator in enumerate(node.generators):
        for filters, note, cost in _other_filters(site, node, generator):
            texts = [generator_text(site, one) for one in node.generators]
            texts[index] = generator_text(site, generator, filters)
            yield Rewrite(node, comprehension_text(site, node, texts), note, cost)


@expression_operator("comprehension-same", _FAMILY)
def filter_what_is_collected(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Filter by what is collected: `[x.strip() for x in xs if x.strip()]` for `[x.strip() for x in xs if x]`."""
    if not isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp) or not isinstance(
        node.elt, ast.Call
    ):
        return
    element = site.text(node.elt)
    for index, generator in enumerate(node.generators):
        if not isinstance(generator.target, ast.Name) or generator.target.id not in free_names(element):
            continue
        for place, test in enumerate(generator.ifs):
            if element in site.text(test):
                continue
            raw: dict[ast.expr, str] = {
                one: element
                for one in ast.walk(test)
                if isinstance(one, ast.Name) and one.id == generator.target.id
            }
            filters = [operand(site, one, Precedence.OR) for one in generator.ifs]
            filters[place] = spliced(site, test, raw)
            texts = [generator_text(site, one) for one in node.generators]
            texts[index] = generator_text(site, generator, filters)
            note = f"filters by `{short(element)}`, which is what it collects"
            yield Rewrite(node, comprehension_text(site, node, texts), note, 1.4)


@expression_operator("comprehension-mean", _FAMILY)
def divide_by_what_was_counted(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Divide the sum of filtered values by how many passed the filter, not by how many there were."""
    match node:
        case ast.BinOp(
            left=ast.Call(func=ast.Name(id="sum"), args=[ast.GeneratorExp() | ast.ListComp() as added]),
            op=ast.Div() | ast.FloorDiv(),
            right=ast.Call(func=ast.Name(id="len"), args=[_]) as divisor,
        ) if any(one.ifs for one in added.generators):
            texts = [generator_text(site, one) for one in added.generators]
            counted = comprehension_text(site, added, texts, element="1", brackets="()")
            yield Rewrite(divisor, f"sum{counted}", "divides by the number of values that it adds", 1.3)
        case _:
            return


@expression_operator("comprehension-kind", _FAMILY)
def comprehension_kind(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A list for a generator or set, and so on."""
    if not isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return
    texts = [generator_text(site, one) for one in node.generators]
    for brackets, noun in _NOUNS.items():
        if brackets != _brackets(node):
            cost = 1.8 if isinstance(node, ast.SetComp | ast.GeneratorExp) and brackets == "[]" else 2.4
            text = comprehension_text(site, node, texts, brackets=brackets)
            yield Rewrite(node, text, f"builds {noun} instead of {_NOUNS[_brackets(node)]}", cost)


@expression_operator("comprehension-order", _FAMILY)
def comprehension_order(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Nested loops the other way round, a loop dropped, or rows for columns."""
    if not isinstance(node, Comprehension) or len(node.generators) < 2:
        return
    texts = [generator_text(site, one) for one in node.generators]
    yield Rewrite(node, comprehension_text(site, node, texts[::-1]), "swaps the nested loops", 1.7)
    for index, text in enumerate(texts):
        rest = texts[:index] + texts[index + 1 :]
        yield Rewrite(node, comprehension_text(site, node, rest), f"leaves out `{short(text)}`", 2.8)


@expression_operator("comprehension-element", _FAMILY)
def comprehension_element(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Key and value swapped, or another of the loop's variables collected."""
    if not isinstance(node, Comprehension):
        return
    texts = [generator_text(site, one) for one in node.generators]
    if isinstance(node, ast.DictComp):
        swapped = f"{operand(site, node.value)}: {operand(site, node.key)}"
        yield Rewrite(
            node, comprehension_text(site, node, texts, element=swapped), "swaps keys and values", 1.5
        )
        return
    names = [
        one.id
        for generator in node.generators
        for one in ast.walk(generator.target)
        if isinstance(one, ast.Name)
    ]
    for rank, name in enumerate(names[:3]):
        text = comprehension_text(site, node, texts, element=name)
        yield Rewrite(node, text, f"collects `{name}`", 2.0 + 0.2 * rank)
    if len(names) == 2 and not isinstance(node.elt, ast.Tuple):
        text = comprehension_text(site, node, texts, element=f"({', '.join(names)})")
        yield Rewrite(node, text, "collects pairs", 3.0)


@expression_operator("lambda-body", _FAMILY)
def lambda_body(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another key: an item of the argument, its negative, its length, ties broken by a second key."""
    if not isinstance(node, ast.Lambda) or len(node.args.args) != 1:
        return
    name, body = node.args.args[0].arg, node.body
    text = operand(site, body)
    others = [
        (f"{name}[0]", 2.0),
        (f"{name}[1]", 2.0),
        (f"{name}[-1]", 2.4),
        (name, 2.4),
        (f"len({name})", 2.6),
    ]
    others.append((f"-{operand(site, body, Precedence.FACTOR)}", 1.6))
    if not isinstance(body, ast.Tuple):
        others += [(f"({text}, {name})", 2.4), (f"({text}, {name}[0])", 2.5), (f"({text}, {name}[1])", 2.6)]
        others += [(f"(-{operand(site, body, Precedence.FACTOR)}, {name})", 2.4)]
        others += [(f"{operand(site, body, Precedence.ATOM)}.lower()", 2.8)]
    elif len(body.elts) == 2:
        first, second = (operand(site, one) for one in body.elts)
        others += [(f"({second}, {first})", 1.6), (first, 2.2), (second, 2.2)]
        negative = [operand(site, one, Precedence.FACTOR) for one in body.elts]
        others += [(f"(-{negative[0]}, {second})", 1.8), (f"({first}, -{negative[1]})", 1.8)]
    for other, cost in others:
        yield Rewrite(body, other, f"orders by `{short(other)}`", cost)


@expression_operator("sort-ties", _FAMILY)
def sort_ties(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`key=lambda p: (-p[1], p[0])` for `key=lambda p: p[1], reverse=True`, which turns the order of ties, too."""
    match node:
        case ast.Call(keywords=[*_, ast.keyword(arg="reverse", value=ast.Constant(value=True))]):
            keys = [one.value for one in node.keywords if one.arg == "key"]
        case _:
            return
    for key in keys:
        if isinstance(key, ast.Lambda) and len(key.args.args) == 1 and not isinstance(key.body, ast.Tuple):
            name, body = key.args.args[0].arg, operand(site, key.body, Precedence.FACTOR)
            rest = [one for one in argument_texts(site, node) if not one.startswith(("key", "reverse"))]
            for rank, tie in enumerate((f"{name}[0]", name, f"{name}[1]")):
                if tie != site.text(key.body):
                    order = f"key=lambda {name}: (-{body}, {tie})"
                    note = f"orders equal ones by `{tie}`, upwards"
                    yield Rewrite(node, call_text(site, node, [*rest, order]), note, 2.0 + 0.2 * rank)


@expression_operator("named-value", _FAMILY)
def named_value(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`(x := f()) > 0` against `x := f() > 0`, which names the comparison."""
    match node:
        case ast.NamedExpr(target=target, value=ast.Compare(left=left) as comparison):
            rest = site.text(comparison)[len(site.text(left)) :]
            if site.text(comparison).startswith(site.text(left)):
                text = f"({target.id} := {site.text(left)}){rest}"
                yield Rewrite(node, text, f"names `{short(site.text(left))}`, not the comparison", 1.2)
        case ast.Compare(left=ast.NamedExpr(target=target, value=value)):
            outside = site.text(node)[site.text(node).index(")") + 1 :]
            text = f"({target.id} := {site.text(value)}{outside})"
            yield Rewrite(node, text, "names the outcome of the comparison", 2.2)
        case _:
            pass


def _brackets(node: Comprehension) -> str:
    if isinstance(node, ast.ListComp):
        return "[]"
    return "()" if isinstance(node, ast.GeneratorExp) else "{}"


def _element(site: Site, node: Comprehension) -> str:
    if isinstance(node, ast.DictComp):
        return f"{operand(site, node.key)}: {operand(site, node.value)}"
    return operand(site, node.elt)


def _other_filters(
    site: Site, node: Comprehension, generator: ast.comprehension
) -> Iterator[tuple[list[str], str, float]]:
    clauses = [operand(site, one, Precedence.OR) for one in generator.ifs]
    for index, clause in enumerate(clauses):
        rest = clauses[:index] + clauses[index + 1 :]
        yield rest, f"does not leave out what fails `{short(clause)}`", 1.7
    if not clauses:
        for clause, cost in _new_filters(site, node, generator):
            yield [clause], f"takes only those with `{short(clause)}`", cost


def _new_filters(
    site: Site, node: Comprehension, generator: ast.comprehension
) -> Iterator[tuple[str, float]]:
    """Yield filters that concern what the generator binds."""
    names = [one.id for one in ast.walk(generator.target) if isinstance(one, ast.Name)]
    others = [one for one in data_names(site, generator.iter, limit=6) if one not in names][:3]
    told = site.error_here and "None" in site.error
    element = getattr(node, "elt", None)
    if isinstance(element, ast.Attribute | ast.Subscript):
        for rank, clause in enumerate((f"{site.text(element)} is not None", site.text(element))):
            yield clause, (1.4 if told else 2.4) + 0.1 * rank
    for rank, name in enumerate(names[:2]):
        extra = 0.2 * rank
        yield name, 2.2 + extra
        yield f"{name} is not None", 2.4 + extra
        for other in others:
            yield f"{name} != {other}", 2.8 + extra
            yield f"{name} not in {other}", 3.0 + extra
            yield f"{name} in {other}", 3.2 + extra
        yield f"{name} > 0", 3.2 + extra
        yield f"{name}.strip()", 3.2 + extra
    inside = _inside(node)
    about = [one for one in site.donors.conditions if free_names(one) & set(names)]
    fitting = [one for one in about if is_expressible(site, inside, one)]
    for rank, donor in enumerate(fitting[:5]):
        yield donor, 2.4 + 0.15 * rank


def _inside(node: Comprehension) -> ast.expr:
    """Return an expression of `node` that sees what it binds."""
    return node.value if isinstance(node, ast.DictComp) else node.elt
