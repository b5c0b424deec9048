"""Wrong callees: a sibling function or method, another function of the file that takes the same arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.candidates import arity, file_functions, likeness, never_read, parameter_names
from tracemend.repair.propose.rewriting import (
    Rewrite,
    argument_texts,
    atom,
    call_text,
    expression_operator,
    operand,
    short,
    spliced,
)
from tracemend.repair.propose.site import Site

_FAMILY = "wrong callee"
MAX_FILE_FUNCTIONS = 5

# Groups of which one is called where another is meant, the likeliest confusion first. A name may be in several.
_METHOD_GROUPS = tuple(
    group.split()
    for group in (
        "append extend insert",
        "append appendleft",
        "extend extendleft update",
        "pop popleft",
        "popleft popitem",
        "add update discard",
        "add append",
        "remove discard pop",
        "update setdefault",
        "get pop setdefault",
        "keys values items",
        "union intersection difference symmetric_difference",
        "update intersection_update difference_update symmetric_difference_update",
        "issubset issuperset isdisjoint",
        "find rfind index rindex count",
        "strip lstrip rstrip",
        "removeprefix lstrip",
        "removesuffix rstrip",
        "removeprefix removesuffix",
        "startswith endswith",
        "lower upper casefold",
        "title capitalize upper",
        "swapcase upper lower",
        "islower isupper",
        "isdigit isalpha isalnum isnumeric isdecimal",
        "isspace isalnum isalpha",
        "isidentifier isalnum",
        "split rsplit splitlines partition",
        "partition rpartition",
        "ljust rjust center zfill",
        "encode decode",
        "read readline readlines",
        "write writelines",
        "match search fullmatch",
        "findall finditer",
        "group groups groupdict",
        "start end span",
        "sub subn",
        "sort reverse",
        "copy deepcopy",
        "date time datetime",
        "weekday isoweekday",
        "isoformat strftime ctime",
        "strftime strptime",
        "now utcnow today",
        "fromtimestamp utcfromtimestamp",
        "dumps dump",
        "loads load",
        "dumps loads",
        "floor ceil trunc",
        "floor round",
        "sqrt isqrt",
        "log log2 log10 log1p",
        "exp expm1",
        "sin cos tan",
        "sinh cosh tanh",
        "atan atan2",
        "radians degrees",
        "gcd lcm",
        "comb perm factorial",
        "fsum prod",
        "mean median mode fmean",
        "stdev pstdev",
        "variance pvariance",
        "heappush heappop heapify",
        "heappushpop heapreplace",
        "nlargest nsmallest",
        "bisect_left bisect_right bisect",
        "insort_left insort_right insort",
        "permutations combinations product combinations_with_replacement",
        "takewhile dropwhile filterfalse",
        "chain from_iterable",
        "zip_longest product",
        "most_common elements items",
        "basename dirname",
        "join split",
        "splitext split",
        "exists isfile isdir",
        "exists is_file is_dir",
        "glob rglob iterdir",
        "abspath realpath normpath",
        "getmtime getctime getsize",
        "choice choices sample",
        "randint randrange",
        "uniform random",
        "acquire release",
        "debug info warning error",
        "clear pop",
        "rotate reverse",
        "maketrans translate",
    )
)
_FUNCTION_GROUPS = tuple(
    group.split()
    for group in (
        "min max sum",
        "any all",
        "sorted reversed list",
        "floor ceil trunc round int",
        "int float str",
        "int round",
        "str repr ascii",
        "bin hex oct",
        "ord chr",
        "list tuple set",
        "set frozenset",
        "dict list",
        "map filter",
        "zip enumerate",
        "zip zip_longest",
        "isinstance issubclass",
        "getattr hasattr",
        "len sum max",
        "abs int",
        "iter next",
        "divmod pow",
        "staticmethod classmethod",
        "deepcopy copy",
        "heappush heappop heapify",
        "nlargest nsmallest",
        "bisect_left bisect_right bisect",
        "insort_left insort_right",
        "permutations combinations product",
        "takewhile dropwhile",
        "defaultdict Counter OrderedDict dict",
        "sqrt isqrt",
        "gcd lcm",
        "cache lru_cache",
    )
)
# Data attributes that are confused although no file mentions the one that is meant.
_ATTRIBUTE_GROUPS = tuple(
    group.split()
    for group in (
        "days seconds microseconds",
        "year month day",
        "hour minute second microsecond",
        "real imag",
        "numerator denominator",
        "name stem suffix",
        "parent name",
        "start stop step",
        "lineno end_lineno",
        "inf nan",
        "pi tau e",
        "IGNORECASE MULTILINE DOTALL",
    )
)
_RELATED_TYPES = (
    ("int", "float"),
    ("list", "tuple"),
    ("str", "bytes"),
    ("set", "frozenset"),
    ("dict", "list"),
    ("int", "str"),
)


@expression_operator("sibling-method", _FAMILY)
def sibling_method(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another method of the same kind: `append` for `extend`, `lstrip` for `strip`."""
    if not isinstance(node, ast.Attribute):
        return
    parent = site.module.parents[node]
    called = isinstance(parent, ast.Call) and parent.func is node
    groups = _METHOD_GROUPS if called or isinstance(parent, ast.Call) else _ATTRIBUTE_GROUPS
    for other, cost in _siblings(node.attr, groups):
        text = f"{atom(site, node.value)}.{other}"
        yield Rewrite(
            node, text, f"calls `.{other}` instead of `.{node.attr}`" if called else f"uses `.{other}`", cost
        )
    if node.attr == "seconds":
        text = f"{atom(site, node.value)}.total_seconds()"
        yield Rewrite(node, text, "counts whole days too: `total_seconds()`", 1.2)


@expression_operator("sibling-function", _FAMILY)
def sibling_function(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another function of the same kind: `max` for `min`, `any` for `all`."""
    if not isinstance(node, ast.Name):
        return
    parent = site.module.parents[node]
    if not (isinstance(parent, ast.Call | ast.keyword) or node.id in ("int", "str", "float")):
        return
    available = {one.name for one in site.names} | _BUILTIN_SIBLINGS
    for other, cost in _siblings(node.id, _FUNCTION_GROUPS):
        if other in available:
            yield Rewrite(node, other, f"calls `{other}` instead of `{node.id}`", cost)


@expression_operator("function-of-file", _FAMILY)
def function_of_file(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another function of this file that takes as many arguments."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    own, count = node.func.id, len(node.args)
    if own in ("len", "range", "print", "isinstance", "str", "int"):
        return
    fitting = [one.node.name for one in file_functions(site.module) if _takes(one.node.args, count)]
    local = [one.name for one in site.names if one.kind == "parameter" and one.name != own]
    names = sorted(dict.fromkeys(one for one in fitting if one != own), key=lambda one: -likeness(one, own))
    for rank, name in enumerate(names[:MAX_FILE_FUNCTIONS]):
        text = f"{name}({', '.join(argument_texts(site, node))})"
        yield Rewrite(node, text, f"calls `{name}` instead of `{own}`", 1.7 + 0.2 * rank)
    if any(one.name == own and one.kind in ("local", "parameter") for one in site.names):
        for rank, name in enumerate(local[:3]):
            yield Rewrite(node.func, name, f"calls `{name}` instead of `{own}`", 2.6 + 0.2 * rank)


@expression_operator("call-by-names", _FAMILY)
def call_by_names(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A call of another function of this file whose parameters are all names in scope, for a value made of them."""
    if not isinstance(node, ast.Subscript | ast.BinOp | ast.Call | ast.Name | ast.Attribute):
        return
    parent = site.module.parents[node]
    if not isinstance(parent, ast.Call | ast.keyword | ast.Return | ast.Assign | ast.For):
        return
    if (isinstance(parent, ast.Call) and parent.func is node) or site.function is None:
        return
    bound = {one.name for one in site.names if one.bound_before and one.kind in ("local", "parameter")}
    used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    rank = 0
    for function in file_functions(site.module):
        wanted = parameter_names(function.node.args)[: arity(function.node.args)[0]]
        if wanted and set(wanted) <= bound and used & set(wanted) and function != site.function:
            text = f"{function.node.name}({', '.join(wanted)})"
            cost = (2.3 if isinstance(node, ast.Subscript | ast.Name) else 2.7) + 0.2 * rank
            cost -= 0.0 if function.node.name in _used_names(site.module) else 0.8
            yield Rewrite(node, text, f"takes `{text}`", cost)
            rank += 1
            if rank == MAX_FILE_FUNCTIONS:
                return


@expression_operator("join-direction", _FAMILY)
def join_direction(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`sep.join(parts)` against `parts.join(sep)`; `in` the wrong order is a matter of comparisons."""
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr="join"), args=[argument]):
            swap = {receiver: site.text(argument), argument: operand(site, receiver)}
            yield Rewrite(node, spliced(site, node, swap), "joins in the other direction", 1.9)
        case _:
            pass


@expression_operator("call-nesting", _FAMILY)
def call_nesting(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`f(g(x))` against `g(f(x))`, and `a.f().g()` against `a.g().f()`."""
    match node:
        case ast.Call(
            func=ast.Name(id=outer), args=[ast.Call(func=ast.Name(id=inner)) as argument], keywords=[]
        ):
            swap: dict[ast.expr, str] = {node.func: inner, argument.func: outer}
            yield Rewrite(node, spliced(site, node, swap), f"calls `{outer}` first, then `{inner}`", 2.4)
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Attribute(value=base)) as first)):
            start = site.module.span(base)[1]
            early = site.module.text[start : site.module.span(first)[1]]
            late = site.module.text[site.module.span(first)[1] : site.module.span(node)[1]]
            yield Rewrite(node, f"{atom(site, base)}{late}{early}", f"calls `{late}` before `{early}`", 2.4)
            yield from _last_call_first(site, node)
        case _:
            pass


def _last_call_first(site: Site, node: ast.Call) -> Iterator[Rewrite]:
    """Move the last call of a chain to its start: `&` must be escaped before what the other calls write."""
    links: list[ast.expr] = [node]
    while isinstance(links[-1], ast.Call) and isinstance(links[-1].func, ast.Attribute):
        links.append(links[-1].func.value)
    if len(links) > 3:
        ends = [site.module.span(one)[1] for one in links]
        late = site.module.text[ends[1] : ends[0]]
        rest = site.module.text[ends[-1] : ends[1]]
        yield Rewrite(node, f"{atom(site, links[-1])}{late}{rest}", f"calls `{short(late)}` first", 2.0)


@expression_operator("method-or-function", _FAMILY)
def method_or_function(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`xs.sort()`, which returns None, against `sorted(xs)`; likewise `reverse`, `update`, `append`."""
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr="sort"), args=arguments):
            text = f"sorted({', '.join([operand(site, receiver), *argument_texts(site, node)])})"
            if not isinstance(site.module.parents[node], ast.Expr) and not arguments:
                yield Rewrite(node, text, "sorts a copy: `sort` itself returns None", 1.1)
        case ast.Call(func=ast.Attribute(value=receiver, attr="reverse"), args=[]):
            if not isinstance(site.module.parents[node], ast.Expr):
                note = "reverses a copy: `reverse` itself returns None"
                yield Rewrite(node, f"{atom(site, receiver)}[::-1]", note, 1.1)
        case ast.Call(func=ast.Attribute(value=receiver, attr="append"), args=[item]):
            if not isinstance(site.module.parents[node], ast.Expr):
                text = f"{atom(site, receiver)} + [{operand(site, item)}]"
                yield Rewrite(node, text, "makes a longer list: `append` itself returns None", 1.4)
        case ast.Call(func=ast.Attribute(value=receiver, attr="update" | "extend" as name), args=[more]):
            if not isinstance(site.module.parents[node], ast.Expr):
                display = "{{**{}, **{}}}" if name == "update" else "[*{}, *{}]"
                text = display.format(atom(site, receiver), atom(site, more))
                yield Rewrite(node, text, f"makes a new one: `{name}` itself returns None", 1.6)
        case ast.Call(func=ast.Name(id="sorted"), args=[ast.Name() as items, *_]):
            if isinstance(site.module.parents[node], ast.Expr):
                text = f"{items.id}.sort({', '.join(argument_texts(site, node)[1:])})"
                yield Rewrite(node, text, "sorts in place: the result of `sorted` is dropped here", 1.1)
        case _:
            pass


@expression_operator("ordered-set", _FAMILY)
def ordered_set(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`list(dict.fromkeys(xs))` for `list(set(xs))`, which forgets the order."""
    match node, site.module.parents[node]:
        case ast.Call(func=ast.Name(id="set"), args=[items]), ast.Call(
            func=ast.Name(id="list" | "tuple")
        ) | ast.For():
            text = f"dict.fromkeys({operand(site, items)})"
            yield Rewrite(node, text, "drops repetitions and keeps the order", 1.4)
        case _:
            pass


@expression_operator("types-asked-for", _FAMILY)
def types_asked_for(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`isinstance(x, int)` against `isinstance(x, (int, float))`, and the tuple reduced."""
    match node:
        case ast.Call(
            func=ast.Name(id="isinstance" | "issubclass"), args=[_, ast.Tuple(elts=types) as asked]
        ):
            for index, one in enumerate(types):
                rest = [site.text(other) for position, other in enumerate(types) if position != index]
                if rest:
                    text = rest[0] if len(rest) == 1 else f"({', '.join(rest)})"
                    yield Rewrite(asked, text, f"does not take `{site.text(one)}`", 2.2)
            for other in _more_types(site, [site.text(one) for one in types]):
                text = f"({', '.join([*(site.text(one) for one in types), other])})"
                yield Rewrite(asked, text, f"takes `{other}` too", 2.4)
        case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, ast.Name(id=name) as asked]):
            for rank, other in enumerate(_more_types(site, [name])):
                yield Rewrite(asked, f"({name}, {other})", f"takes `{other}` too", 2.0 + 0.2 * rank)
                yield Rewrite(asked, other, f"asks for `{other}` instead of `{name}`", 2.1 + 0.2 * rank)
        case _:
            pass


@expression_operator("pop-end", _FAMILY)
def pop_end(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`pop()` against `pop(0)`, `insert(0, x)` against `append(x)`: a stack for a queue."""
    match node:
        case ast.Call(func=ast.Attribute(value=receiver, attr="pop"), args=[], keywords=[]):
            yield Rewrite(
                node, call_text(site, node, ["0"]), f"takes the first of `{site.text(receiver)}`", 1.3
            )
        case ast.Call(func=ast.Attribute(attr="pop"), args=[ast.Constant(value=0)], keywords=[]):
            yield Rewrite(node, call_text(site, node, []), "takes the last", 1.3)
        case ast.Call(func=ast.Attribute(value=receiver, attr="insert"), args=[position, item]):
            text = f"{atom(site, receiver)}.append({operand(site, item)})"
            yield Rewrite(node, text, f"adds at the end, not at `{site.text(position)}`", 1.4)
        case ast.Call(func=ast.Attribute(value=receiver, attr="append"), args=[item]):
            text = f"{atom(site, receiver)}.insert(0, {operand(site, item)})"
            yield Rewrite(node, text, "adds at the front", 1.9)
            for name in sorted(never_read(site)):
                text = f"{atom(site, receiver)}.insert({name}, {operand(site, item)})"
                yield Rewrite(node, text, f"adds at `{name}`, which nothing reads yet", 1.7)
        case _:
            pass


@lru_cache(maxsize=16)
def _used_names(module: Module) -> frozenset[str]:
    """Return the bare names that the file loads; a function that nobody calls may be what is missing somewhere."""
    names = (one for one in ast.walk(module.tree) if isinstance(one, ast.Name))
    return frozenset(one.id for one in names if isinstance(one.ctx, ast.Load))


def _siblings(name: str, groups: tuple[list[str], ...]) -> list[tuple[str, float]]:
    """Return the names that share a group with `name`, with the cost of the swap."""
    found: dict[str, float] = {}
    for group in groups:
        if name in group:
            others = [one for one in group if one != name]
            for rank, other in enumerate(others):
                found.setdefault(other, 1.1 + 0.25 * rank + 0.1 * len(found))
    return list(found.items())


_BUILTIN_SIBLINGS = frozenset(
    [
        "min",
        "max",
        "sum",
        "any",
        "all",
        "sorted",
        "reversed",
        "list",
        "round",
        "int",
        "float",
        "str",
        "repr",
        "ascii",
        "bin",
        "hex",
        "oct",
        "ord",
        "chr",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "map",
        "filter",
        "zip",
        "enumerate",
        "isinstance",
        "issubclass",
        "getattr",
        "hasattr",
        "len",
        "abs",
        "iter",
        "next",
        "divmod",
        "pow",
    ]
)


def _takes(arguments: ast.arguments, count: int) -> bool:
    least, most = arity(arguments)
    return least <= count <= most


def _more_types(site: Site, known: list[str]) -> list[str]:
    found = [
        other
        for pair in _RELATED_TYPES
        for one, other in (pair, pair[::-1])
        if one in known and other not in known
    ]
    classes = [one.name for one in site.names if one.kind == "class" and one.name not in known]
    return list(dict.fromkeys([*found, *classes[:3]]))[:4]
