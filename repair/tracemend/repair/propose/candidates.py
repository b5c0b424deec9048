"""Which names, attributes and callees could stand in the place of another, likeliest first.

Wrong-name bugs put in a name of the same type that plays a similar role, is spelt alike and lives near by (Allamanis et
al., ICLR 2018, "variable misuse"). The ranks below follow that: type as observed in the failing run (of what did not run, as
the static oracle knows it), then nearness of scope, then likeness of the spelling. Attributes are those that the oracle
allows; where it does not know all, those that are known from somewhere.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from tracemend.analysis.syntax.module import Function, FunctionNode, Module
from tracemend.analysis.syntax.scopes import NameKind, all_arguments
from tracemend.repair.propose.site import Site

_DISTANCE: dict[NameKind, float] = {
    "local": 0.0,
    "parameter": 0.0,
    "enclosing": 0.4,
    "global": 0.9,
    "function": 1.6,
    "class": 1.8,
    "import": 2.2,
    "builtin": 2.5,
}
_BUILTINS = frozenset(dir(builtins))
ALIKE = 0.6  # Of two names, from which likeness on one may be a slip of the other.
_DATA_KINDS = ("local", "parameter", "enclosing", "global")


@lru_cache(maxsize=4096)
def likeness(first: str, second: str) -> float:
    """Return how much alike two names are spelt, from 0 to 1."""
    return SequenceMatcher(None, first, second).ratio()


def data_names(site: Site, node: ast.AST, *, limit: int = 8) -> list[str]:
    """Return the names of data that could be meant instead of `node`, likeliest first, `node` itself left out."""
    own = node.id if isinstance(node, ast.Name) else ""
    wanted = _type_names(site, site.text(node)) if isinstance(node, ast.Name | ast.Attribute) else ()
    ranks = dict.fromkeys(inner_names(site, node), -0.2)
    for visible in site.names:
        if visible.kind in _DATA_KINDS:
            rank = _DISTANCE[visible.kind] + (0.0 if visible.bound_before else 0.8)
            ranks.setdefault(visible.name, rank)
    ranks.pop(own, None)
    unread = never_read(site)

    def cost(name: str) -> float:
        missing = 0.5 if name in unread else 0.0
        return ranks[name] + _type_cost(site, name, wanted) - likeness(own, name) * 0.6 - missing

    useful = [name for name in ranks if name not in ("self", "cls") and not name.startswith("__")]
    return sorted(useful, key=cost)[:limit]


def never_read(site: Site) -> frozenset[str]:
    """Return the parameters and locals of the function that it never loads: they must be what is missing somewhere."""
    return _never_read(site.function.node) if site.function else frozenset()


@lru_cache(maxsize=256)
def _never_read(function: FunctionNode) -> frozenset[str]:
    names = [one for one in ast.walk(function) if isinstance(one, ast.Name)]
    loaded = {one.id for one in names if isinstance(one.ctx, ast.Load)}
    bound = {one.id for one in names if isinstance(one.ctx, ast.Store)}
    bound |= {one.arg for one in all_arguments(function.args)}
    return frozenset(bound - loaded - {"self", "cls", "_"})


def inner_names(site: Site, node: ast.AST) -> list[str]:
    """Return the names that comprehensions and lambdas around `node` bind, nearest first."""
    found: dict[str, None] = {}
    for ancestor in site.module.ancestors(node):
        if isinstance(ancestor, ast.stmt):
            break
        found.update(dict.fromkeys(_bound_inside(ancestor)))
    return list(found)


def is_expressible(site: Site, node: ast.AST, donor: str) -> bool:
    """Say whether `donor` is an expression, no mere literal, whose names can all be seen in the place of `node`."""
    free = free_names(donor)
    if not free:
        return False
    unknown = free - site.visible - _BUILTINS
    return not unknown or unknown <= set(inner_names(site, node))


@lru_cache(maxsize=4096)
def free_names(text: str) -> frozenset[str]:
    """Return the names that the expression `text` uses and does not bind; none where it is no expression."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return frozenset()
    names = [one for one in ast.walk(tree) if isinstance(one, ast.Name)]
    bound = {one.id for one in names if isinstance(one.ctx, ast.Store)}
    return frozenset(one.id for one in names) - bound


def attribute_names(site: Site, receiver: ast.expr, own: str, *, called: bool, limit: int = 8) -> list[str]:
    """Return attributes that could be meant instead of `own` on `receiver`: observed, of the class, used in the file.

    Where all members of the receiver are known, no other is named.
    """
    members = site.types.members(receiver) if site.types is not None else None
    ranked: dict[str, float] = {}
    for rank, names in enumerate(_attribute_sources(site, receiver)):
        for name in names:
            bare = name.removesuffix("()")
            if members is not None and bare not in members:
                continue
            fits = name.endswith("()") == called
            cost = rank * 0.5 + (0.0 if fits else 1.2) - likeness(own, bare) * 1.5
            ranked[bare] = min(cost, ranked.get(bare, cost))
    for name in members or ():
        if likeness(own, name) > ALIKE:
            ranked.setdefault(name, 2.0 - likeness(own, name) * 1.5)
    ranked.pop(own, None)
    useful = [name for name in ranked if not name.startswith("__")]
    return sorted(useful, key=lambda name: ranked[name])[:limit]


def class_members(site: Site) -> tuple[str, ...]:
    """Return what instances of the class around the statement have; methods end in "()"."""
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    return _members(holder) if holder else ()


def file_functions(module: Module) -> list[Function]:
    """Return the functions of the file that can be called by their bare name."""
    return [one for one in module.functions if one.qualname == one.node.name]


def signature_of(site: Site, call: ast.Call) -> ast.arguments | None:
    """Return the parameters of the function of this file that `call` surely means, without `self`."""
    match call.func:
        case ast.Name(id=name):
            found = [one for one in file_functions(site.module) if one.node.name == name]
            if found:
                return found[-1].node.args
            return _without_first(_methods(site, "__init__", name))
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if site.function:
            return _without_first(_methods(site, name, site.function.class_name))
        case _:
            return None


def positions_of(site: Site, call: ast.Call) -> list[str]:
    """Return the names of the parameters that positional arguments of `call` go to, as far as this file tells.

    The fields of data classes and named tuples are the parameters of their `__init__`, in the order of the text.
    """
    signature = signature_of(site, call)
    if signature is not None:
        return [one.arg for one in (*signature.posonlyargs, *signature.args)]
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return list(_fields(site.module).get(name, ()))


@lru_cache(maxsize=8)
def _fields(module: Module) -> dict[str, tuple[str, ...]]:
    """Return the annotated fields of the classes of the file that have no `__init__`, by class."""
    found: dict[str, tuple[str, ...]] = {}
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef):
            own = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
            fields = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
            if fields and "__init__" not in own:
                found[node.name] = tuple(one.id for one in fields if isinstance(one, ast.Name))
    return found


def parameter_names(arguments: ast.arguments) -> list[str]:
    """Return the names that may be given by keyword."""
    return [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]


def arity(arguments: ast.arguments) -> tuple[int, int]:
    """Return how many positional arguments are needed and how many are taken at most (99 for `*args`)."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    return positional - len(arguments.defaults), 99 if arguments.vararg else positional


@lru_cache(maxsize=4096)
def literal_value(text: str) -> object:
    """Return the value of the literal `text`, None where it is something else (or None)."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return None


@lru_cache(maxsize=8)
def subscript_keys(module: Module) -> tuple[str, ...]:
    """Return the string keys that the file uses in subscripts, `get` calls and dict displays, as source text."""
    found: dict[str, None] = {}
    for node in ast.walk(module.tree):
        for key in _keys_of(node):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.setdefault(repr(key.value))
    return tuple(found)


def _keys_of(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Subscript(slice=key):
            yield key
        case ast.Call(func=ast.Attribute(attr="get" | "pop" | "setdefault"), args=[key, *_]):
            yield key
        case ast.Dict(keys=keys):
            yield from (key for key in keys if key is not None)
        case _:
            pass


def _type_cost(site: Site, name: str, wanted: tuple[str, ...]) -> float:
    types = _type_names(site, name) if wanted else ()
    if not types:
        return 0.4
    return 0.0 if types[0] == wanted[0] else 1.2


def _type_names(site: Site, name: str) -> tuple[str, ...]:
    """Return the types of a name or dotted expression as the failing run showed them, else as the oracle knows them."""
    seen = site.observed.get(name)
    if seen is not None and seen.types:
        return seen.types
    return tuple(sorted(site.types.class_names(name))) if site.types is not None else ()


def _bound_inside(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Lambda):
        return [one.arg for one in all_arguments(node.args)]
    generators: list[ast.comprehension] = getattr(node, "generators", [])
    return [
        name.id
        for generator in generators
        for name in ast.walk(generator.target)
        if isinstance(name, ast.Name)
    ]


def _attribute_sources(site: Site, receiver: ast.expr) -> Iterator[Iterable[str]]:
    """Yield sources of attribute names, the most specific first."""
    text = site.text(receiver)
    seen = site.observed.get(text)
    yield seen.attributes if seen else ()
    yield class_members(site) if text in ("self", "cls") else ()
    yield _used_on(site, text)
    yield site.donors.attributes


def _used_on(site: Site, receiver: str) -> tuple[str, ...]:
    """Return the attributes that the file takes of an expression spelt `receiver`."""
    return attribute_uses(site.module).get(receiver, ())


@lru_cache(maxsize=8)
def attribute_uses(module: Module) -> dict[str, tuple[str, ...]]:
    """Return the attributes that the file takes of each name or dotted expression; called ones end in "()"."""
    called = {id(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
    found: dict[str, dict[str, None]] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            name = f"{node.attr}()" if id(node) in called else node.attr
            found.setdefault(ast.unparse(node.value), {}).setdefault(name)
    return {receiver: tuple(names) for receiver, names in found.items()}


@lru_cache(maxsize=64)
def _members(holder: ast.ClassDef) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for statement in holder.body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                is_property = any("property" in ast.unparse(one) for one in statement.decorator_list)
                found.setdefault(statement.name if is_property else f"{statement.name}()")
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                found.setdefault(name)
            case _:
                pass
    for node in ast.walk(holder):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                found.setdefault(name)
            case _:
                pass
    return tuple(found)


def _methods(site: Site, name: str, class_name: str | None) -> ast.arguments | None:
    found = [
        one
        for one in site.module.functions
        if one.node.name == name and one.class_name == class_name is not None
    ]
    return found[-1].node.args if found else None


def _without_first(arguments: ast.arguments | None) -> ast.arguments | None:
    """Return the parameters of a method as its callers see them."""
    if arguments is None or not (arguments.posonlyargs or arguments.args):
        return arguments
    positional = arguments.posonlyargs[1:], arguments.args
    if not arguments.posonlyargs:
        positional = [], arguments.args[1:]
    return ast.arguments(
        posonlyargs=positional[0],
        args=positional[1],
        vararg=arguments.vararg,
        kwonlyargs=arguments.kwonlyargs,
        kw_defaults=arguments.kw_defaults,
        kwarg=arguments.kwarg,
        defaults=arguments.defaults,
    )
