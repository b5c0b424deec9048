"""Classes: data class flags and fields, `__eq__` and `__hash__`, missing attributes and special methods, enum values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import FunctionNode
from tracemend.repair.propose.imports import import_edit
from tracemend.repair.propose.ingredients import parameter_names
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import (
    code_body,
    identifiers,
    insert_after,
    insert_before,
    is_docstring_text,
    rewrite,
    statement_operator,
)

FAMILY = "initial value and aliasing/copy"
_FLAGS = ("frozen", "order", "eq", "unsafe_hash", "repr", "init", "slots", "kw_only")
_DEFAULT_FLAGS = {"eq": True, "repr": True, "init": True}
_COMPARISONS = frozenset(
    {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__add__", "__sub__", "__mul__"}
)


@statement_operator("class-field-factory", FAMILY, at_most=4)
def use_a_default_factory(site: Site) -> Iterator[Proposal]:
    """Write `field(default_factory=list)` for a mutable default of a data class field."""
    match site.statement:
        case ast.AnnAssign(value=ast.expr() as value):
            pass
        case _:
            return
    if not isinstance(site.module.parents[site.statement], ast.ClassDef):
        return
    text = site.text(value)
    factories = {"[]": "list", "{}": "dict", "list()": "list", "dict()": "dict", "set()": "set"}
    match value:
        case ast.List() | ast.Dict() | ast.Set() | ast.Call(func=ast.Name()) if text != "field()":
            factory = factories.get(text, f"lambda: {text}")
        case _:
            return
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "field":
        return
    cost = 0.5 if "mutable default" in site.error else 1.4
    edit = TextEdit(*site.module.span(value), f"field(default_factory={factory})")
    importing = import_edit(site.module, "from dataclasses import field")
    known = any(one.name == "field" for one in site.names)
    if known or (importing and importing.start <= edit.start):
        edits = (edit,) if known or importing is None else (importing, edit)
        yield Proposal(edits, "creates the default afresh for each instance", cost)


@statement_operator("class-flags", FAMILY, at_most=16)
def change_the_data_class_flags(site: Site) -> Iterator[Proposal]:
    """Add, flip or drop a flag of `@dataclass`: `frozen`, `order`, `eq`, `unsafe_hash`, ..."""
    holder = _class_of(site)
    if holder is None:
        return
    for decorator in holder.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if site.text(called).rpartition(".")[2] != "dataclass":
            continue
        present = {one.arg: one for one in decorator.keywords} if isinstance(decorator, ast.Call) else {}
        for rank, flag in enumerate(_FLAGS[:6]):
            if flag not in present:
                value = not _DEFAULT_FLAGS.get(flag, False)
                given = [f"{one.arg}={site.text(one.value)}" for one in present.values()]
                text = f"{site.text(called)}({', '.join([*given, f'{flag}={value}'])})"
                cost = _cost_of_flag(site, flag) + 0.2 * rank
                yield replace(site, decorator, text, f"sets `{flag}={value}` on the data class", cost)
        for keyword in present.values():
            if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool):
                note = f"sets `{keyword.arg}={not keyword.value.value}` on the data class"
                yield replace(site, keyword.value, str(not keyword.value.value), note, 1.6)


@statement_operator("class-store-parameter", FAMILY, at_most=14)
def store_the_parameter(site: Site) -> Iterator[Proposal]:
    """Store a parameter of `__init__` that is never used, or create an attribute that is read elsewhere."""
    if site.function is None or site.function.node.name not in ("__init__", "__post_init__", "__new__"):
        return
    body = site.function.node.body
    if site.statement not in (code_body(site.function.node)[:1] + body[-1:]):
        return
    used = {name for one in body for name in identifiers(one)}
    missing = _attributes_never_set(site)
    for name in parameter_names(site):
        targets = [one for one in missing if one.lstrip("_") == name] or ([name] if name not in used else [])
        for target in targets:
            yield from _stored(site, f"self.{target} = {name}", f"keeps `{name}` as `self.{target}`", 0.7)
    for rank, name in enumerate(missing[:2]):
        likely = 0.8 if f"'{name}'" in site.error else 1.8
        for step, value in enumerate(("[]", "None", "0", "{}", '""', "False", "set()")):
            note = f"creates `self.{name}` as `{value}`"
            yield from _stored(site, f"self.{name} = {value}", note, likely + 0.2 * step + 0.3 * rank)


@statement_operator("class-special-method", FAMILY, at_most=16)
def add_a_special_method(site: Site) -> Iterator[Proposal]:
    """Add `__eq__`, `__hash__`, `__lt__`, `__len__`, `__iter__`, `__repr__` or `__contains__` that the class lacks."""
    holder = _class_of(site)
    if holder is None or not isinstance(holder.body[-1], FunctionNode | ast.Assign | ast.AnnAssign):
        return
    if site.statement is not holder and not _is_end_of_method(site):
        return
    present = {one.name for one in holder.body if isinstance(one, FunctionNode)}
    attributes = _instance_attributes(holder)
    for name, lines, cost in _special_methods(holder.name, attributes):
        if name not in present:
            likely = 0.7 if _hints_at(site.error, name) else cost
            yield from insert_after(site, holder.body[-1], ["", *lines], f"adds `{name}`", likely)
    if "__lt__" in present and not {"__gt__", "__le__"} & present and not holder.decorator_list:
        edit = import_edit(site.module, "import functools")
        for decorated in insert_before(
            site, holder, ["@functools.total_ordering"], "derives the other comparisons", 1.2
        ):
            edits = decorated.edits if edit is None else (edit, *decorated.edits)
            if edit is None or edit.start <= decorated.edits[0].start:
                yield Proposal(edits, decorated.note, decorated.cost)


@statement_operator("class-other-type", FAMILY, at_most=4)
def answer_for_other_types(site: Site) -> Iterator[Proposal]:
    """Return `NotImplemented` from a comparison or an operator when the other value is of another type."""
    if (
        site.function is None
        or site.function.class_name is None
        or site.function.node.name not in _COMPARISONS
    ):
        return
    body, names = code_body(site.function.node), parameter_names(site)
    if not names or body[:1] != [site.statement] or "isinstance" in site.text(body[0]):
        return
    for rank, answer in enumerate(("NotImplemented", "False")):
        lines = [f"if not isinstance({names[0]}, {site.function.class_name}):", f"\treturn {answer}"]
        note = f"returns `{answer}` for values of another type"
        yield from insert_before(site, site.statement, lines, note, 1.2 + 0.5 * rank)


@statement_operator("class-protocol-return", FAMILY, at_most=4)
def return_what_the_protocol_wants(site: Site) -> Iterator[Proposal]:
    """Return what a special method must: an iterator, an integer, a string, `self` from `__enter__`."""
    if (
        site.function is None
        or site.function.class_name is None
        or not isinstance(site.statement, ast.Return)
    ):
        return
    name, value = site.function.node.name, site.statement.value
    text = site.text(value) if value else ""
    wrappers = {
        "__iter__": "iter({})",
        "__len__": "len({})",
        "__str__": "str({})",
        "__repr__": "repr({})",
        "__bool__": "bool({})",
        "__hash__": "hash({})",
        "__int__": "int({})",
        "__float__": "float({})",
        "__reversed__": "reversed({})",
    }
    wrapper = wrappers.get(name)
    if wrapper and value is not None and not text.startswith(wrapper.partition("(")[0] + "("):
        yield replace(site, value, wrapper.format(text), f"returns what `{name}` must return", 0.8)
    if name in ("__enter__", "__iter__", "__iadd__", "__isub__", "__imul__", "__aenter__") and text != "self":
        yield from rewrite(site, site.statement, ["return self"], f"returns `self` from `{name}`", 0.9)


@statement_operator("class-enum-value", FAMILY, at_most=6)
def make_enum_values_differ(site: Site) -> Iterator[Proposal]:
    """Give a member of an enumeration a value that no other member has; equal values make aliases."""
    holder = site.module.parents.get(site.statement)
    if not isinstance(holder, ast.ClassDef) or not any(
        "Enum" in site.text(one) or "Flag" in site.text(one) for one in holder.bases
    ):
        return
    match site.statement:
        case ast.Assign(targets=[ast.Name()], value=ast.Constant(value=int() as number) as value):
            pass
        case _:
            return
    taken = {
        one.value.value
        for one in holder.body
        if isinstance(one, ast.Assign) and one is not site.statement and isinstance(one.value, ast.Constant)
    }
    highest = max((one for one in taken if isinstance(one, int)), default=0)
    free = (number + 1, number - 1, highest + 1, number * 2)
    for rank, other in enumerate(dict.fromkeys(one for one in free if one not in taken and one != number)):
        cost = (0.9 if number in taken else 2.6) + 0.2 * rank
        yield replace(site, value, str(other), f"gives the member the value {other}", cost)


def _class_of(site: Site) -> ast.ClassDef | None:
    """Return the class that the statement is, or is inside of."""
    if isinstance(site.statement, ast.ClassDef):
        return site.statement
    return next((one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None)


def _cost_of_flag(site: Site, flag: str) -> float:
    hints = {
        "frozen": ("unhashable", "FrozenInstanceError", "DID NOT RAISE"),
        "order": ("not supported between",),
        "eq": ("unhashable",),
        "unsafe_hash": ("unhashable",),
    }
    return 0.6 if any(hint in site.error for hint in hints.get(flag, ())) else 2.2


def _stored(site: Site, line: str, note: str, cost: float) -> Iterator[Proposal]:
    """Insert an attribute's assignment at the end of `__init__`, and at its start (instead of a lone `pass`)."""
    assert site.function is not None
    body = site.function.node.body
    if site.statement is body[-1]:
        if isinstance(site.statement, ast.Pass):
            yield from rewrite(site, site.statement, [line], note, cost)
        elif not isinstance(site.statement, ast.Return | ast.Raise) and not is_docstring_text(site.statement):
            yield from insert_after(site, site.statement, [line], note, cost)
    else:
        yield from insert_before(site, site.statement, [line], note, cost + 0.3)


def _attributes_never_set(site: Site) -> list[str]:
    """Return the attributes that the class reads from `self`, and neither sets nor defines."""
    holder = _class_of(site)
    if holder is None:
        return []
    found: dict[str, None] = {}
    defined = {one.name for one in holder.body if isinstance(one, FunctionNode)}
    defined |= {
        one.id for one in ast.walk(holder) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
    stored: set[str] = set()
    for one in ast.walk(holder):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "self":
            if isinstance(one.ctx, ast.Store):
                stored.add(one.attr)
            else:
                found.setdefault(one.attr)
    reported = re.search(r"has no attribute '(\w+)'", site.error)
    if reported and reported.group(1) not in defined | stored:
        found = {reported.group(1): None, **found}
    return [name for name in found if name not in stored | defined and not name.startswith("__")]


def _instance_attributes(holder: ast.ClassDef) -> list[str]:
    found: dict[str, None] = {}
    for one in ast.walk(holder):
        match one:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                found.setdefault(name)
            case _:
                pass
    fields = [
        one.target.id
        for one in holder.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    ]
    return list(dict.fromkeys([*fields, *found]))[:6]


def _special_methods(class_name: str, attributes: list[str]) -> Iterator[tuple[str, list[str], float]]:
    """Yield (name, lines, cost) of the special methods that follow from the attributes."""
    if not attributes:
        return
    own = ", ".join(f"self.{name}" for name in attributes)
    other = ", ".join(f"other.{name}" for name in attributes)
    comma = "," if len(attributes) == 1 else ""
    guard = [f"\tif not isinstance(other, {class_name}):", "\t\treturn NotImplemented"]
    yield "__eq__", ["def __eq__(self, other):", *guard, f"\treturn ({own}{comma}) == ({other}{comma})"], 2.6
    yield "__hash__", ["def __hash__(self):", f"\treturn hash(({own}{comma}))"], 2.4
    yield "__lt__", ["def __lt__(self, other):", f"\treturn ({own}{comma}) < ({other}{comma})"], 3.0
    shown = ", ".join(f"{name.lstrip('_')}={{self.{name}!r}}" for name in attributes)
    yield "__repr__", ["def __repr__(self):", f'\treturn f"{class_name}({shown})"'], 3.2
    for rank, name in enumerate(attributes[:2]):
        extra = 0.5 * rank
        yield "__len__", ["def __len__(self):", f"\treturn len(self.{name})"], 3.0 + extra
        yield "__iter__", ["def __iter__(self):", f"\treturn iter(self.{name})"], 3.0 + extra
        yield "__contains__", ["def __contains__(self, item):", f"\treturn item in self.{name}"], 3.2 + extra
        yield "__getitem__", ["def __getitem__(self, index):", f"\treturn self.{name}[index]"], 3.4 + extra


def _hints_at(error: str, method: str) -> bool:
    """Say whether the failure reads as if `method` were missing."""
    hints = {
        "__hash__": "unhashable type",
        "__lt__": "not supported between instances",
        "__len__": "has no len()",
        "__iter__": "is not iterable",
        "__contains__": "is not iterable",
        "__getitem__": "is not subscriptable",
    }
    return hints.get(method, method) in error


def _is_end_of_method(site: Site) -> bool:
    """Say whether the statement ends a method whose neighbours the class may lack."""
    return (
        site.function is not None
        and site.function.node.name in ("__eq__", "__init__", "__lt__", "__iter__", "__getitem__")
        and site.function.node.body[-1] is site.statement
    )
