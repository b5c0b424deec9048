"""Arguments: swapped, missing, superfluous, under the wrong keyword; a call for a function and the reverse."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Iterator, Sequence

from tracemend.repair.propose.candidates import (
    arity,
    data_names,
    is_expressible,
    likeness,
    literal_value,
    parameter_names,
    positions_of,
    signature_of,
)
from tracemend.repair.propose.rewriting import (
    Rewrite,
    argument_texts,
    call_text,
    expression_operator,
    operand,
    short,
    spliced,
)
from tracemend.repair.propose.site import Site, once_a_site
from tracemend.repair.propose.statements import walk_scope
from tracemend.repair.propose.value_kinds import CONTAINERS, MAPPINGS, kind_of, may_be

_FAMILY = "swap, add, drop, replace an argument"
MAX_DONORS = 6
MAX_NEAR = 4
NEAREST = 30

# What is often missing in a call, by the last name of the callee: the argument as written, with the cost.
_OFTEN_MISSING: dict[str, tuple[tuple[str, float], ...]] = {
    "sorted": (
        ("reverse=True", 1.5),
        ("key=len", 2.6),
        ("key=str.lower", 2.8),
        ("key=lambda pair: pair[1]", 2.6),
    ),
    "sort": (
        ("reverse=True", 1.5),
        ("key=len", 2.6),
        ("key=str.lower", 2.8),
        ("key=lambda pair: pair[1]", 2.6),
    ),
    "min": (("default=0", 2.0), ("default=None", 2.0), ("key=len", 2.4), ("key=abs", 2.8)),
    "max": (("default=0", 2.0), ("default=None", 2.0), ("key=len", 2.4), ("key=abs", 2.8)),
    "sum": (("start=1", 3.0), ("[]", 2.6), ("()", 3.0)),
    "enumerate": (("1", 1.4), ("start=1", 3.0)),
    "zip": (("strict=True", 3.0),),
    "split": (("maxsplit={n}", 1.9), ("{s}", 1.9), ('" "', 2.2), ('","', 2.4), ('"\\n"', 2.4)),
    "rsplit": (("maxsplit={n}", 1.7), ("{s}", 2.0)),
    "strip": (("{s}", 2.4), ('"\\n"', 2.8), ('"\\"\'"', 3.4)),
    "lstrip": (("{s}", 2.2),),
    "rstrip": (("{s}", 2.2), ('"\\n"', 2.4)),
    "round": (("2", 1.8), ("{n}", 2.2), ("1", 2.4), ("3", 2.8)),
    "int": (("2", 2.2), ("16", 2.4), ("10", 3.2)),
    "get": (("0", 1.8), ("[]", 2.0), ('""', 2.0), ("{}", 2.4), ("False", 2.4), ("1", 2.6)),
    "pop": (("0", 1.5), ("-1", 2.4), ("None", 2.0)),
    "popitem": (("last=False", 1.5),),
    "next": (("None", 1.8),),
    "getattr": (("None", 1.6),),
    "setdefault": (("[]", 1.8), ("{}", 2.2), ("0", 2.2)),
    "defaultdict": (("list", 1.5), ("int", 1.6), ("set", 2.0)),
    "print": (('end=""', 2.0), ('sep=""', 2.4), ("flush=True", 3.2)),
    "dumps": (("sort_keys=True", 1.8), ("ensure_ascii=False", 1.8), ("default=str", 2.0), ("indent=2", 2.4)),
    "dump": (("sort_keys=True", 1.8), ("ensure_ascii=False", 1.8), ("default=str", 2.0), ("indent=2", 2.4)),
    "open": (('encoding="utf-8"', 1.8), ('"w"', 1.8), ('"rb"', 2.2), ('newline=""', 2.0)),
    "read_text": (('encoding="utf-8"', 1.8),),
    "write_text": (('encoding="utf-8"', 1.8),),
    "makedirs": (("exist_ok=True", 1.4),),
    "mkdir": (("exist_ok=True", 1.4), ("parents=True", 1.6)),
    "splitlines": (("True", 1.6),),
    "range": (),
    "replace": (("1", 2.2), ("{n}", 2.8)),
    "ljust": (("{s}", 2.0), ('"0"', 2.4)),
    "rjust": (("{s}", 2.0), ('"0"', 2.2)),
    "center": (("{s}", 2.0),),
    "index": (("{n}", 2.6),),
    "find": (("{n}", 2.6),),
    "most_common": (("{n}", 2.0),),
    "encode": (('"utf-8"', 2.2), ('errors="replace"', 2.4), ('errors="ignore"', 2.6)),
    "decode": (('"utf-8"', 2.2), ('errors="replace"', 2.4), ('errors="ignore"', 2.6)),
    "run": (("check=True", 1.8), ("text=True", 1.8), ("capture_output=True", 2.2)),
    "check_output": (("text=True", 1.6),),
    "rmtree": (("ignore_errors=True", 1.8),),
    "unlink": (("missing_ok=True", 1.5),),
    "gather": (("return_exceptions=True", 1.8),),
    "field": (("init=False", 2.4), ("compare=False", 2.2), ("repr=False", 2.4)),
    "groupby": (("key=len", 2.8),),
    "islice": (("{n}", 2.4),),
    "zip_longest": (("fillvalue=0", 1.9), ('fillvalue=""', 2.0)),
    "DictReader": (("delimiter={s}", 2.2),),
    "DictWriter": (('extrasaction="ignore"', 2.0),),
    "reader": (("delimiter={s}", 2.0),),
    "writer": (("delimiter={s}", 2.0),),
    "Thread": (("daemon=True", 2.2),),
    "ArgumentParser": (("exit_on_error=False", 2.6),),
    "add_argument": (("type=int", 2.0), ("required=True", 2.2), ('action="store_true"', 2.2)),
    "timedelta": (("days={n}", 2.4), ("hours={n}", 2.6), ("minutes={n}", 2.6), ("seconds={n}", 2.8)),
    "compile": (("re.IGNORECASE", 2.2), ("re.MULTILINE", 2.2), ("re.DOTALL", 2.4), ("re.VERBOSE", 2.8)),
    "match": (("re.IGNORECASE", 2.2), ("re.MULTILINE", 2.6), ("re.DOTALL", 2.4)),
    "search": (("re.IGNORECASE", 2.2), ("re.MULTILINE", 2.2), ("re.DOTALL", 2.4)),
    "findall": (("re.IGNORECASE", 2.2), ("re.MULTILINE", 2.2), ("re.DOTALL", 2.4)),
    "sub": (("flags=re.IGNORECASE", 2.2), ("flags=re.MULTILINE", 2.4), ("count=1", 2.2)),
    "now": (("timezone.utc", 2.4),),
    "deque": (("maxlen=1", 3.4),),
    "to_bytes": (('"big"', 2.0), ("signed=True", 2.2)),
    "from_bytes": (('"big"', 2.0), ("signed=True", 2.2)),
    "dataclass": (("frozen=True", 1.8), ("order=True", 1.8), ("eq=False", 2.4)),
    "lru_cache": (("maxsize=None", 2.0),),
    "accumulate": (("initial=0", 1.8),),
    "reduce": (("0", 1.8), ("1", 1.8), ("[]", 2.2)),
    "product": (("repeat=2", 1.8),),
    "permutations": (("2", 2.0),),
    "isclose": (("abs_tol=1e-9", 2.0),),
    "quantize": (("rounding=ROUND_HALF_UP", 2.0),),
}


@expression_operator("argument-order", _FAMILY)
def argument_order(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Two positional arguments swapped."""
    if not isinstance(node, ast.Call):
        return
    plain = [one for one in node.args if not isinstance(one, ast.Starred)]
    for first, second in itertools.combinations(plain[:5], 2):
        distance = plain.index(second) - plain.index(first)
        swap = {first: operand(site, second), second: operand(site, first)}
        note = f"swaps the arguments `{short(site.text(first))}` and `{short(site.text(second))}`"
        commutes = isinstance(node.func, ast.Name) and node.func.id in ("min", "max", "print", "zip")
        cost = 1.2 + 0.4 * distance + (1.4 if commutes else 0.0)
        cost += _cost_by_names(site, node, first, second)
        yield Rewrite(node, spliced(site, node, swap), note, cost)


def _cost_by_names(site: Site, call: ast.Call, first: ast.expr, second: ast.expr) -> float:
    """Return what the names say about swapping two arguments: `f(receiver, payer)` for `def f(payer, receiver)`.

    An argument that is called like a parameter most likely belongs to it (Rice et al., OOPSLA 2017).
    """
    names = positions_of(site, call)
    places = [call.args.index(one) for one in (first, second)]
    if max(places) >= len(names):
        return 0.0
    own = [
        likeness(names[place], _last_name(one)) for place, one in zip(places, (first, second), strict=True)
    ]
    swapped = [
        likeness(names[place], _last_name(one)) for place, one in zip(places, (second, first), strict=True)
    ]
    if min(swapped) > 0.8 and max(own) < min(swapped):
        return -1.0
    return 0.8 if min(own) > 0.8 else 0.0


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


@expression_operator("receiver-and-argument", _FAMILY)
def receiver_and_argument(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`a.method(b)` against `b.method(a)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr=name), args=[argument, *_]):
            if isinstance(
                argument, ast.Name | ast.Attribute | ast.Constant | ast.Subscript
            ) and not _is_module(site, receiver):
                swap = {receiver: site.text(argument), argument: site.text(receiver)}
                note = f"calls `.{name}` on `{site.text(argument)}` with `{short(site.text(receiver))}`"
                yield Rewrite(node, spliced(site, node, swap), note, 2.2)
        case _:
            pass


@expression_operator("argument-dropped", _FAMILY)
def argument_dropped(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One argument fewer, where the callee can do without."""
    if not isinstance(node, ast.Call) or not (node.args or node.keywords):
        return
    texts, signature = argument_texts(site, node), signature_of(site, node)
    least = arity(signature)[0] if signature else 0
    for index, text in enumerate(texts):
        if index < len(node.args) and len(texts) <= least:
            continue
        keyword = index >= len(node.args)
        cost = 1.5 if keyword else 1.8 + (0.6 if len(texts) == 1 else 0.0)
        rest = [one for position, one in enumerate(texts) if position != index]
        yield Rewrite(node, call_text(site, node, rest), f"calls without `{short(text)}`", cost)


@expression_operator("argument-missing", _FAMILY)
def argument_missing(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """One argument more: what the signature asks for, what calls of this kind often need, names in scope."""
    if not isinstance(node, ast.Call):
        return
    texts, signature = argument_texts(site, node), signature_of(site, node)
    for argument, cost in _filled(site, _missing(site, node, signature)):
        if argument not in texts and not _has_keyword(node, argument):
            text = call_text(site, node, [*texts, argument])
            yield Rewrite(node, text, f"calls with `{short(argument)}`", cost)
    if node.keywords or (signature and len(node.args) >= arity(signature)[1]):
        return
    for rank, name in enumerate(data_names(site, node, limit=5)):
        cost = (1.6 if signature else 2.8) + 0.2 * rank
        if name not in texts:
            yield Rewrite(node, call_text(site, node, [*texts, name]), f"calls with `{name}` too", cost)
            if texts:
                front = call_text(site, node, [name, *texts])
                yield Rewrite(node, front, f"calls with `{name}` first", cost + 0.3)


@expression_operator("keyword-name", _FAMILY)
def keyword_name(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The right value under the wrong keyword, or without its keyword."""
    if not isinstance(node, ast.Call) or not node.keywords:
        return
    texts, signature = argument_texts(site, node), signature_of(site, node)
    known = parameter_names(signature) if signature else _keywords_elsewhere(site, node)
    given = {one.arg for one in node.keywords}
    for keyword in node.keywords:
        if keyword.arg is None:
            continue
        index = texts.index(site.text(keyword))
        others = sorted(
            (one for one in known if one not in given), key=lambda one: -likeness(one, keyword.arg or "")
        )
        for rank, other in enumerate(others[:4]):
            changed = [*texts[:index], f"{other}={operand(site, keyword.value)}", *texts[index + 1 :]]
            note = f"gives `{other}` instead of `{keyword.arg}`"
            yield Rewrite(node, call_text(site, node, changed), note, 1.4 + 0.2 * rank)
        bare = [*texts[: len(node.args)], operand(site, keyword.value), *texts[len(node.args) :]]
        bare.remove(site.text(keyword))
        yield Rewrite(node, call_text(site, node, bare), f"gives `{keyword.arg}` by position", 2.6)


@expression_operator("keyword-values", _FAMILY)
def keyword_values(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The values of two keywords swapped."""
    if not isinstance(node, ast.Call):
        return
    named = [one for one in node.keywords if one.arg]
    for first, second in itertools.combinations(named[:4], 2):
        swap = {first.value: operand(site, second.value), second.value: operand(site, first.value)}
        note = f"swaps the values of `{first.arg}` and `{second.arg}`"
        yield Rewrite(node, spliced(site, node, swap), note, 1.7)


@expression_operator("positional-to-keyword", _FAMILY)
def positional_to_keyword(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A positional argument that belongs to a later parameter."""
    if not isinstance(node, ast.Call) or not node.args or isinstance(node.args[-1], ast.Starred):
        return
    signature = signature_of(site, node)
    if signature is None:
        return
    texts, given = argument_texts(site, node), {one.arg for one in node.keywords}
    position = len(node.args) - 1
    later = [one for one in parameter_names(signature)[position + 1 :] if one not in given]
    for rank, name in enumerate(later[:3]):
        changed = [*texts[:position], *texts[position + 1 :], f"{name}={texts[position]}"]
        note = f"gives `{short(texts[position])}` as `{name}`"
        yield Rewrite(node, call_text(site, node, changed), note, 1.8 + 0.3 * rank)


@expression_operator("unpacked-argument", _FAMILY)
def unpacked_argument(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`f(xs)` against `f(*xs)`, `f(**options)`; `[xs]` against `[*xs]`."""
    if isinstance(node, ast.Call):
        for index, argument in enumerate(node.args):
            if (text := _toggled_star(site, argument)) is not None:
                texts = argument_texts(site, node)
                sure = isinstance(argument, ast.Starred) or kind_of(site, argument) in ("list", "tuple")
                changed = [*texts[:index], text, *texts[index + 1 :]]
                yield Rewrite(node, call_text(site, node, changed), f"passes `{text}`", 1.6 if sure else 2.3)
        for keyword in node.keywords:
            if keyword.arg is None:
                texts = [
                    operand(site, keyword.value) if one.startswith("**") else one
                    for one in argument_texts(site, node)
                ]
                yield Rewrite(
                    node,
                    call_text(site, node, texts),
                    f"passes `{site.text(keyword.value)}` as one value",
                    1.8,
                )
        if len(node.args) == 1 and kind_of(site, node.args[0]) == "dict":
            texts = [f"**{argument_texts(site, node)[0]}", *argument_texts(site, node)[1:]]
            yield Rewrite(node, call_text(site, node, texts), f"passes `{texts[0]}`", 2.2)
    elif isinstance(node, ast.List | ast.Tuple | ast.Set) and len(node.elts) <= 4:
        yield from _starred_elements(site, node)


@expression_operator("argument-donor", _FAMILY)
def argument_donor(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another expression of the file in the place of an argument."""
    parent = site.module.parents[node]
    if not isinstance(parent, ast.Call | ast.keyword) or (
        isinstance(parent, ast.Call) and parent.func is node
    ):
        return
    if isinstance(node, ast.Constant | ast.Lambda | ast.GeneratorExp):
        return
    nearest = (*site.donors.expressions[:NEAREST], *site.donors.calls[:NEAREST])
    donors = [one for one in nearest if len(one) <= 40 and is_expressible(site, node, one)]
    donors.sort(key=lambda one: -likeness(one, site.text(node)))
    for rank, donor in enumerate(donors[:MAX_DONORS]):
        yield Rewrite(
            node, donor, f"passes `{donor}` instead of `{short(site.text(node))}`", 3.3 + 0.15 * rank
        )


def _missing(site: Site, node: ast.Call, signature: ast.arguments | None) -> Iterator[tuple[str, float]]:
    if signature is not None:
        visible = [one.name for one in site.names]
        given = {one.arg for one in node.keywords}
        for parameter in parameter_names(signature)[len(node.args) :]:
            if parameter not in given:
                same = [parameter] if parameter in visible else []
                yield from ((f"{parameter}={one}", 1.2) for one in same)
                yield from ((f"{parameter}={one}", 2.6) for one in ("True", "False", "None"))
                others = [one for one in data_names(site, node, limit=4) if one != parameter]
                yield from ((f"{parameter}={one}", 2.9 + 0.15 * rank) for rank, one in enumerate(others))
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    match node:
        case ast.Call(
            func=ast.Name(id="min" | "max" | "sorted"), args=[ast.Name() | ast.Attribute() as table]
        ):
            if may_be(site, table, MAPPINGS):
                sure = kind_of(site, table) in MAPPINGS
                yield f"key={site.text(table)}.get", 1.5 if sure else 2.2
        case _:
            pass
    yield from _OFTEN_MISSING.get(name, ())


def _filled(site: Site, arguments: Iterable[tuple[str, float]]) -> Iterator[tuple[str, float]]:
    """Fill the holes of arguments: `{n}` with numbers that stand near, `{s}` with short strings that do."""
    for template, cost in arguments:
        hole = template[-3:]
        values = _numbers_near(site) if hole == "{n}" else _marks_near(site) if hole == "{s}" else [""]
        for rank, value in enumerate(values):
            yield (template.replace(hole, value) if value else template), cost + 0.2 * rank


@once_a_site
def _numbers_near(site: Site) -> Sequence[str]:
    """Return 1, and the small numbers of the function and of the failing tests with those one below them."""
    function = site.function.node.body if site.function else [site.statement]
    constants = [one.value for one in walk_scope(function) if isinstance(one, ast.Constant)]
    tested = [literal_value(one) for one in site.test_literals]
    found = [1]
    for value in [*constants, *tested]:
        if type(value) is int and 1 < value < 100:
            found += [value - 1, value]
    return tuple(str(one) for one in dict.fromkeys(found))[:MAX_NEAR]


@once_a_site
def _marks_near(site: Site) -> Sequence[str]:
    """Return the strings of one or two characters that are no words: of the file first, then of the tests."""
    texts = [one for one in (*site.donors.constants, *site.test_literals) if one[:1] in "'\""]
    marks = [one for one in texts if 3 <= len(one) <= 5 and not any(letter.isalnum() for letter in one[1:-1])]
    return tuple(dict.fromkeys(marks))[:MAX_NEAR]


def _has_keyword(node: ast.Call, argument: str) -> bool:
    name, equals, _ = argument.partition("=")
    return bool(equals) and any(one.arg == name for one in node.keywords)


def _keywords_elsewhere(site: Site, node: ast.Call) -> list[str]:
    """Return keywords that other calls of the same function in this file use."""
    callee = site.text(node.func)
    found = {
        keyword.arg: None
        for call in ast.walk(site.module.tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == callee
        for keyword in call.keywords
        if keyword.arg
    }
    return list(found)


def _toggled_star(site: Site, argument: ast.expr) -> str | None:
    if isinstance(argument, ast.Starred):
        return operand(site, argument.value)
    if isinstance(argument, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.ListComp):
        return (
            f"*{site.text(argument)}" if kind_of(site, argument) in CONTAINERS | {"", "generator"} else None
        )
    return None


def _starred_elements(site: Site, node: ast.List | ast.Tuple | ast.Set) -> Iterator[Rewrite]:
    for element in node.elts:
        if isinstance(element, ast.Starred):
            text = spliced(site, node, {element: site.text(element.value)})
            yield Rewrite(node, text, f"takes `{site.text(element.value)}` as one element", 2.0)
        elif isinstance(element, ast.Name | ast.Attribute | ast.Call) and kind_of(
            site, element
        ) in CONTAINERS | {""}:
            base, _ = site.module.span(node)
            start = site.module.span(element)[0] - base
            whole = site.text(node)
            note = f"takes the elements of `{site.text(element)}`"
            yield Rewrite(node, f"{whole[:start]}*{whole[start:]}", note, 2.2 if len(node.elts) == 1 else 2.8)


def _is_module(site: Site, node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and any(
        one.name == node.id and one.kind == "import" for one in site.names
    )
