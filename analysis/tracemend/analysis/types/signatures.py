"""The signatures that a callee can be called with, and whether these are all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import Definition, FunctionDef
from tracemend.analysis.symbols.text_signatures import spelled_signature
from tracemend.analysis.types.annotations import CALLABLE_NAME
from tracemend.analysis.types.classes import (
    HARMLESS_METACLASSES,
    class_scope,
    constructor_decorators,
    lineage,
)
from tracemend.analysis.types.constructors import is_left_alone, made_constructor
from tracemend.analysis.types.forwarding import Way, spelled_out
from tracemend.analysis.types.members import views_of
from tracemend.analysis.types.model import Class, ClassObject, FunctionType, Instance, Type, Unknown, parts
from tracemend.analysis.types.scopes import Scope, module_scope
from tracemend.analysis.types.world import Symbol

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

Signatures = tuple[tuple[FunctionDef, ...], str]
# Their constructors are made by a decorator or metaclass, out of the fields.
_SYNTHESIZING_BASES = ("enum.Enum", "typing.NamedTuple", "typing._TypedDict", "pydantic.main.BaseModel")


def callable_signatures(evaluator: Evaluator, callee: Type, way: Way | None = None) -> Signatures:
    """Return the signatures of all that `callee` can be, first parameters that are bound dropped; and why open.

    `way` are the functions that hand their keywords on to `callee`, if the question came from one.
    """
    found: list[FunctionDef] = []
    why = ""
    for one in parts(callee):
        signatures, reason = _signatures(evaluator, one, way)
        found += signatures
        why = why or reason
    return tuple(dict.fromkeys(found)), why or ("" if found else "no-signature")


def is_synthesized(evaluator: Evaluator, type_: Type) -> bool:
    """Say whether the constructor of a class is made for it, by a base or by a decorator, out of its fields."""
    if not isinstance(type_, ClassObject | Instance):
        return False
    line = lineage(evaluator, type_.cls)
    decorated = any(constructor_decorators(evaluator, one.cls) for one in line.ancestors)
    return decorated or any(line.has(name) for name in _SYNTHESIZING_BASES)


def _signatures(evaluator: Evaluator, callee: Type, way: Way | None) -> Signatures:
    match callee:
        case FunctionType():
            return _function_signatures(evaluator, callee, way)
        case ClassObject():
            return _constructor_signatures(evaluator, callee, way)
        case Instance():
            return _call_signatures(evaluator, callee, way)
        case Unknown(why=why):
            return (), why
        case _:
            return (), "call"


def _function_signatures(evaluator: Evaluator, function: FunctionType, way: Way | None) -> Signatures:
    if function.name == CALLABLE_NAME:
        return (), "callable"
    definitions: list[FunctionDef] = []
    takes_any = False
    for one in function.definitions:
        definitions.append(_taken(evaluator, function, one, function.scope, way, spells_out=not takes_any))
        takes_any = takes_any or _takes_any(definitions[-1])
    source = list(_of_the_source(evaluator, function))
    if any(one in function.definitions for one in source):
        # The source imports what its stub defines from where a stub imports that.
        return tuple(definitions), "stub"
    definitions += [_without_bound(function, one) for one in source]
    definitions += _told_at_run_time(evaluator, function.module, function.qualname)
    for other, scope in _overriding(evaluator, function):
        if not isinstance(other, FunctionDef):
            return tuple(definitions), "overridden"
        if way is not None and way.is_open:
            return tuple(definitions), "var-keyword"
        definitions.append(_taken(evaluator, function, other, scope, way, spells_out=not takes_any))
        takes_any = takes_any or _takes_any(definitions[-1])
    return tuple(definitions), ""


def _taken(
    evaluator: Evaluator,
    function: FunctionType,
    definition: FunctionDef,
    scope: Scope,
    way: Way | None,
    *,
    spells_out: bool,
) -> FunctionDef:
    """Return what a call of `function` gives to `definition`; `spells_out` says that keywords handed on are of interest."""

    def ask(callee: Type, longer: Way) -> Signatures:
        return callable_signatures(evaluator, callee, longer)

    if spells_out and _is_seen_whole(evaluator, function):
        definition = spelled_out(evaluator, scope, definition, way or Way(), ask)
    return _without_bound(function, definition)


def _takes_any(definition: FunctionDef) -> bool:
    return any(one.kind == "var-keyword" for one in definition.parameters)


def _is_seen_whole(evaluator: Evaluator, function: FunctionType) -> bool:
    """Say whether the methods that `function` calls on its receiver are all known where its class stands.

    A class of a library may inherit it and override what it calls; of the workspace's classes the oracle knows that.
    """
    receiver = function.receiver
    if not isinstance(receiver, Instance | ClassObject) or receiver.cls == function.owner:
        return True
    return module_scope(receiver.cls.scope).module.is_workspace


def _overriding(evaluator: Evaluator, function: FunctionType) -> Iterator[tuple[Definition, Scope]]:
    """Yield what may stand in place of a method in descendants of its receiver: their own, or that of another base."""
    receiver = function.receiver
    if not isinstance(receiver, Instance | ClassObject) or receiver.exact or function.owner is None:
        return
    known = {one.cls for one in lineage(evaluator, receiver.cls).ancestors}
    for cls in evaluator.descendants(receiver.cls):
        has_others = len(cls.definition.bases) > 1
        for one in [one.cls for one in lineage(evaluator, cls).ancestors] if has_others else [cls]:
            if one not in known:
                known.add(one)
                yield from (
                    (found, class_scope(one)) for found in one.definition.members.get(function.name, ())
                )


def _of_the_source(evaluator: Evaluator, function: FunctionType) -> Iterator[FunctionDef]:
    """Yield the function as the source beside its stub has it, there or where that imports it from.

    Stubs lag behind what they describe, so that a call is wrong only if the source refuses it as well. Those of the standard
    library know its versions, and say more than the `**kwargs` of many a function there.
    """
    module = evaluator.world.module(function.module)
    if module is None or module.stub is None or module.module.is_stdlib:
        return
    if function.owner is not None:
        for cls in views_of(evaluator, function.owner):
            found = cls.members.get(function.name, ())
            yield from (one for one in found if isinstance(one, FunctionDef))
        return
    known = module.module.summary.names.get(function.qualname, ())
    others = tuple(one for one in known if one not in function.definitions)
    for one in evaluator.world.follow(others, module, function.qualname):
        if isinstance(one, Symbol) and isinstance(one.definition, FunctionDef):
            yield one.definition


def _told_at_run_time(evaluator: Evaluator, module_name: str, qualname: str) -> list[FunctionDef]:
    """Return the signature that a C function or class itself tells: stubs may demand more than it does."""
    module = evaluator.world.module(module_name)
    text = module.module.runtime_functions.get(qualname) if module is not None else None
    found = None if text is None else spelled_signature(text)
    return [] if found is None else [found]


def _without_bound(function: FunctionType, definition: FunctionDef) -> FunctionDef:
    if function.receiver is None or not definition.parameters:
        return definition
    if definition.parameters[0].kind == "var-positional":
        return definition
    return replace(definition, parameters=definition.parameters[1:])


def _constructor_signatures(evaluator: Evaluator, type_: ClassObject, way: Way | None) -> Signatures:
    """Return the signatures of `__init__` or `__new__`, whichever the class or a base defines first."""
    line = lineage(evaluator, type_.cls)
    if is_synthesized(evaluator, type_) and not is_left_alone(evaluator, type_.cls):
        made = (
            None
            if not type_.exact and evaluator.descendants(type_.cls)
            else made_constructor(evaluator, line)
        )
        return ((made,), "") if made is not None else ((), "synthesized")
    if any(meta.full_name not in HARMLESS_METACLASSES for meta in line.metaclasses):
        return (), "metaclass"
    if any(_is_made_in_source(evaluator, one.cls) for one in line.ancestors):
        return (), "stub"
    if not type_.exact and evaluator.descendants(type_.cls):
        return (), "subclass"
    defining = [
        name
        for ancestor in line.ancestors
        if ancestor.cls.full_name != "builtins.object"
        for name in ("__new__", "__init__")
        if name in ancestor.cls.definition.members
    ]
    if line.reasons and not (defining and defining[0] in type_.cls.definition.members):
        return (), line.reasons[0]
    if len(set(defining)) > 1:
        return (), "new-and-init"
    receiver: Type = Instance(type_.cls, type_.args, exact=True) if "__new__" not in defining else type_
    method = evaluator.attribute(receiver, defining[0] if defining else "__init__")
    if not isinstance(method, FunctionType):
        return (), "constructor"
    signatures, why = _function_signatures(evaluator, replace(method, receiver=receiver), way)
    owner = method.owner or type_.cls
    told = (
        []
        if owner.full_name == "builtins.object"
        else _told_at_run_time(evaluator, owner.module, owner.qualname)
    )
    return (*signatures, *told), why


def _is_made_in_source(evaluator: Evaluator, cls: Class) -> bool:
    """Say whether the source gives a class a constructor of which its stub says nothing, itself or by a decorator."""
    if not cls.definition.members.keys().isdisjoint(("__init__", "__new__")):
        return False
    return any(
        one.decorators or not one.members.keys().isdisjoint(("__init__", "__new__"))
        for one in views_of(evaluator, cls)
    )


def _call_signatures(evaluator: Evaluator, instance: Instance, way: Way | None) -> Signatures:
    if instance.cls.full_name == "functools.partial":
        return (), "partial"
    method = evaluator.attribute(instance, "__call__")
    if isinstance(method, Unknown):
        return (), method.why
    return callable_signatures(evaluator, method, way)
