"""What a call gives: constructors, annotated and inferred returns, overloads, and the calls that have rules of their own.

Of overloads those that the number and names of the arguments rule out are dropped, all others count. A return without
annotation is inferred from the `return` statements, once and not for each call's arguments; a method that only raises
or does nothing is meant to be overridden and says nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import FunctionDef, Parameter
from tracemend.analysis.types.classes import HARMLESS_METACLASSES, lineage, type_parameters
from tracemend.analysis.types.generics import is_excluded, matched, variables_in
from tracemend.analysis.types.model import (
    MISSING,
    NEVER,
    ClassObject,
    FunctionType,
    Instance,
    Type,
    Unknown,
    closed_over_variables,
    parts,
    substitute,
    union,
)
from tracemend.analysis.types.scopes import FunctionScope, Scope, own_nodes
from tracemend.analysis.types.special_calls import special_call

if TYPE_CHECKING:
    from tracemend.analysis.types.evaluate import Evaluator

# The methods that operators call, without their underscores (reference 3.3.8).
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitOr: "or", ast.BitXor: "xor",
    ast.BitAnd: "and", ast.MatMult: "matmul", ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert",
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
}  # fmt: skip


class Arguments:
    """The arguments of a call, evaluated only when a type variable asks for them."""

    def __init__(
        self,
        positional: tuple[Callable[[], Type], ...] = (),
        keywords: dict[str, Callable[[], Type]] | None = None,
        *,
        is_complete: bool = True,
    ) -> None:
        self.positional = positional
        self.keywords = keywords or {}
        self.is_complete = is_complete  # No `*args` and `**kwargs` among them.

    @classmethod
    def of_types(cls, types: tuple[Type, ...]) -> Arguments:
        """Return positional arguments of known types."""
        return cls(tuple((lambda one=one: one) for one in types))  # type: ignore[misc]

    @classmethod
    def of_call(cls, evaluator: Evaluator, node: ast.Call, scope: Scope) -> Arguments:
        """Return the arguments of a call that is written in `scope`."""

        def lazily(expression: ast.expr) -> Callable[[], Type]:
            return lambda: evaluator.expression(expression, scope)

        starred = any(isinstance(one, ast.Starred) for one in node.args)
        keywords = {one.arg: lazily(one.value) for one in node.keywords if one.arg is not None}
        is_complete = not starred and len(keywords) == len(node.keywords)
        positional = () if starred else tuple(lazily(one) for one in node.args)
        return cls(positional, keywords, is_complete=is_complete)

    def given(self, parameters: tuple[Parameter, ...]) -> Iterator[tuple[Parameter, Callable[[], Type]]]:
        """Yield each parameter with the argument that it gets, as far as that is plain to see."""
        slots = [one for one in parameters if one.kind in ("positional-only", "positional", "var-positional")]
        for index, argument in enumerate(self.positional):
            if index < len(slots) and slots[index].kind != "var-positional":
                yield slots[index], argument
            elif slots and slots[-1].kind == "var-positional":
                yield slots[-1], argument
        for parameter in parameters:
            if parameter.name in self.keywords and parameter.kind in ("positional", "keyword-only"):
                yield parameter, self.keywords[parameter.name]

    def fit(self, parameters: tuple[Parameter, ...]) -> bool:
        """Say whether a function with these parameters may accept the arguments, by number and name."""
        if not self.is_complete:
            return True
        kinds = [one.kind for one in parameters]
        places = [one for one in parameters if one.kind in ("positional-only", "positional")]
        if len(self.positional) > len(places) and "var-positional" not in kinds:
            return False
        by_name = {one.name for one in parameters if one.kind in ("positional", "keyword-only")}
        if not set(self.keywords) <= by_name and "var-keyword" not in kinds:
            return False
        filled = {one.name for one in places[: len(self.positional)]} | set(self.keywords)
        required = {one.name for one in parameters if not one.has_default and not one.kind.startswith("var-")}
        return required <= filled


def call_type(evaluator: Evaluator, node: ast.Call, scope: Scope) -> Type:
    """Return what a call, written in `scope`, gives."""
    special = special_call(evaluator, node, scope)
    if special is not None:
        return special
    callee = evaluator.expression(node.func, scope)
    return closed_over_variables(called(evaluator, callee, (), Arguments.of_call(evaluator, node, scope)))


def called(evaluator: Evaluator, callee: Type, types: tuple[Type, ...], arguments: Arguments | None) -> Type:
    """Return what calling an object of type `callee` gives; an alternative that cannot be called does not count."""
    arguments = arguments or Arguments.of_types(types)
    found = []
    for one in parts(callee):
        match one:
            case FunctionType():
                found.append(function_result(evaluator, one, types, arguments))
            case ClassObject():
                found.append(constructed(evaluator, one, arguments))
            case Instance():
                method = evaluator.attribute(one, "__call__")
                if method != MISSING:
                    found.append(called(evaluator, method, types, arguments))
            case Unknown():
                found.append(one)
            case _:
                found.append(Unknown("call"))
    if not found and parts(callee):
        return MISSING
    return union(found)


def call_method(evaluator: Evaluator, type_: Type, name: str, types: tuple[Type, ...]) -> Type:
    """Return what `object.name(...)` gives, the method being looked up as for an operator."""
    found = []
    for one in parts(closed_over_variables(type_)):
        method = evaluator.attribute(one, name)
        if method != MISSING:
            result = called(evaluator, method, types, None)
            found.append(closed_over_variables(result))
    if not found and parts(type_):
        return MISSING
    return union(found)


def function_result(
    evaluator: Evaluator, function: FunctionType, types: tuple[Type, ...], arguments: Arguments | None
) -> Type:
    """Return what calling a function or method gives."""
    if function.result is not None:
        return function.result
    arguments = arguments or Arguments.of_types(types)
    results = []
    for definition in function.definitions:
        parameters = definition.parameters[1:] if _drops_first(function) else definition.parameters
        if len(function.definitions) > 1 and not _may_accept(evaluator, function, parameters, arguments):
            continue
        if definition.returns is not None:
            results.append(_declared_result(evaluator, function, definition, parameters, arguments))
        else:
            results.append(_inferred_result(evaluator, function, definition))
    return union(results) if results else Unknown("no-overload")


def _drops_first(function: FunctionType) -> bool:
    return function.receiver is not None and bool(function.definitions[0].parameters)


def _may_accept(
    evaluator: Evaluator, function: FunctionType, parameters: tuple[Parameter, ...], arguments: Arguments
) -> bool:
    """Say whether an overload may be meant: the arguments fit, and none is certainly not what is declared."""
    return arguments.fit(parameters) and not any(
        parameter.annotation is not None
        and is_excluded(
            evaluator, evaluator.annotation_text(parameter.annotation, function.scope), argument()
        )
        for parameter, argument in arguments.given(parameters)
    )


# Declared returns.


def _declared_result(
    evaluator: Evaluator,
    function: FunctionType,
    definition: FunctionDef,
    parameters: tuple[Parameter, ...],
    arguments: Arguments,
) -> Type:
    assert definition.returns is not None, "the caller looked"
    declared = evaluator.annotation_text(definition.returns, function.scope)
    names = variables_in(declared)
    if names:
        bindings = dict(function.substitution)
        receiver = _self_of(function, definition, arguments)
        if receiver is not None:
            bindings["Self"] = receiver
        for name, type_ in _from_arguments(
            evaluator, function, definition, parameters, arguments, names
        ).items():
            bindings.setdefault(name, type_)
        # A variable that nothing solves can be anything: its bound has the fewest members, not all.
        unsolved = names - bindings.keys() - {"Self"}
        declared = substitute(declared, bindings | dict.fromkeys(unsolved, Unknown("typevar")))
    if definition.is_async and not definition.is_generator:
        unknown = Unknown("any")
        return Instance(evaluator.class_in("types", "CoroutineType"), (unknown, unknown, declared))
    return declared


def _self_of(function: FunctionType, definition: FunctionDef, arguments: Arguments) -> Type | None:
    """Return what `Self` stands for: the receiver, an object of it where it is a class, for `__new__` of its argument."""
    receiver = function.receiver
    if receiver is None and definition.name == "__new__" and arguments.positional:
        receiver = arguments.positional[0]()
    return object_of(receiver)


def object_of(type_: Type | None) -> Type | None:
    """Return the type of the objects of a class, any other type as it is."""
    if type_ is None:
        return None
    return union(Instance(one.cls, one.args) if isinstance(one, ClassObject) else one for one in parts(type_))


def _from_arguments(
    evaluator: Evaluator,
    function: FunctionType,
    definition: FunctionDef,
    parameters: tuple[Parameter, ...],
    arguments: Arguments,
    names: frozenset[str],
) -> dict[str, Type]:
    """Return what the arguments (and the receiver, where `self` is annotated) say of the type variables `names`."""
    found: dict[str, Type] = {}
    pairs = list(arguments.given(parameters))
    receiver = function.receiver
    if receiver is not None and definition.parameters:
        pairs.insert(0, (definition.parameters[0], lambda: receiver))
    for parameter, argument in pairs:
        if parameter.annotation is None:
            continue
        pattern = evaluator.annotation_text(parameter.annotation, function.scope)
        if variables_in(pattern) & names:
            matched(evaluator, pattern, argument(), found)
    return found


# Inferred returns.


def _inferred_result(evaluator: Evaluator, function: FunctionType, definition: FunctionDef) -> Type:
    if definition.name == "__init__":
        return evaluator.none
    if any(one.rpartition(".")[2] == "abstractmethod" for one in definition.decorators):
        return Unknown("abstract")
    key = ("result", function.module, function.qualname, definition.line, definition.name)
    result = evaluator.solve(
        key, function.scope, lambda: _returned(evaluator, function, definition), lasting=False
    )
    if definition.is_async and not definition.is_generator and not isinstance(result, Unknown):
        unknown = Unknown("any")
        result = Instance(evaluator.class_in("types", "CoroutineType"), (unknown, unknown, result))
    return _as_receiver(result, function)


def _as_receiver(result: Type, function: FunctionType) -> Type:
    """A method that returns `self` returns the object that it was called on, which may be of a subclass."""
    receiver = object_of(function.receiver)
    if receiver is None or function.owner is None:
        return result
    returns_self = any(
        isinstance(one, Instance) and one.cls == function.owner and not one.exact for one in parts(result)
    )
    return union((result, receiver)) if returns_self else result


def _returned(evaluator: Evaluator, function: FunctionType, definition: FunctionDef) -> Type:
    """Return the type of all that the `return` statements give, of the generator where the function is one."""
    scope = evaluator.world.function_tree(function.scope, definition)
    if scope is None:
        return Unknown("untyped-call")
    nodes = list(own_nodes(scope.node.body))
    if definition.is_generator:
        return _generator(evaluator, scope, nodes, is_async=definition.is_async)
    if _is_placeholder(scope.node.body):
        return Unknown("abstract")
    returns = [one for one in nodes if isinstance(one, ast.Return)]
    found = [
        evaluator.none if one.value is None else evaluator.expression(one.value, scope) for one in returns
    ]
    if not isinstance(scope.node.body[-1], ast.Return | ast.Raise):
        found.append(evaluator.none)
    result = union(found) if found else NEVER
    return Unknown("untyped-call") if isinstance(result, Unknown) and result.why in _LOCAL_REASONS else result


# What is unknown about a function's own parameters is, seen from its callers, an untyped call.
_LOCAL_REASONS = frozenset({"untyped-parameter", "lambda", "expression"})


def _generator(evaluator: Evaluator, scope: FunctionScope, nodes: list[ast.AST], *, is_async: bool) -> Type:
    found: list[Type] = []
    for node in nodes:
        if isinstance(node, ast.Yield):
            found.append(evaluator.none if node.value is None else evaluator.expression(node.value, scope))
        elif isinstance(node, ast.YieldFrom):
            found.append(evaluator.element(evaluator.expression(node.value, scope)))
    element = union(found) if found else Unknown("yield")
    cls = evaluator.class_in("types", "AsyncGeneratorType" if is_async else "GeneratorType")
    return Instance(cls, (element,))


def _is_placeholder(body: list[ast.stmt]) -> bool:
    """Say whether a function does nothing but raise, as methods do that subclasses are to define."""
    rest = [one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    return all(isinstance(one, ast.Pass | ast.Raise) for one in rest)


# Constructors.


def constructed(evaluator: Evaluator, type_: ClassObject, arguments: Arguments) -> Type:
    """Return what calling a class gives: an object of it, unless its `__new__` or metaclass says otherwise."""
    line = lineage(evaluator, type_.cls, type_.args)
    if line.has("enum.Enum"):
        return Unknown("functional-enum") if len(arguments.positional) > 1 else Instance(type_.cls)
    for meta in line.metaclasses:
        meta_line = lineage(evaluator, meta).ancestors
        for one in meta_line:
            if one.cls.full_name not in HARMLESS_METACLASSES and "__call__" in one.cls.definition.members:
                return Unknown("metaclass-call")
    instance = Instance(
        type_.cls, type_.args or _inferred_args(evaluator, type_, arguments), exact=type_.exact
    )
    for ancestor in line.ancestors:
        if ancestor.cls.full_name == "builtins.object":
            break
        if "__new__" in ancestor.cls.definition.members:
            return _from_new(evaluator, type_, instance, arguments)
    return instance


def _from_new(evaluator: Evaluator, type_: ClassObject, instance: Instance, arguments: Arguments) -> Type:
    """Return what `__new__` gives; if that is an object of the class, the one already known in more detail."""
    with_class = Arguments(
        (lambda: type_, *arguments.positional), arguments.keywords, is_complete=arguments.is_complete
    )
    result = called(evaluator, evaluator.attribute(type_, "__new__"), (), with_class)
    found: list[Type] = []
    for one in parts(result):
        if isinstance(one, Unknown):
            return Unknown("new")
        same = isinstance(one, Instance) and one.cls == type_.cls and not variables_in(one)
        found.append(one if same and isinstance(one, Instance) and one.args else instance if same else one)
    return union(found)


def _inferred_args(evaluator: Evaluator, type_: ClassObject, arguments: Arguments) -> tuple[Type, ...]:
    """Return the type arguments of a generic class that its constructor's arguments tell."""
    names = type_parameters(evaluator, type_.cls)
    if not names or not arguments.is_complete:
        return ()
    for function in parts(_initializer(evaluator, type_)):
        if not isinstance(function, FunctionType):
            return ()
        fitting = [one for one in function.definitions if arguments.fit(one.parameters[1:])]
        if len(fitting) != 1:
            return ()
        (definition,) = fitting
        unbound = replace(function, receiver=None)
        found = _from_arguments(
            evaluator, unbound, definition, definition.parameters[1:], arguments, frozenset(names)
        )
        if set(found) >= set(names):
            return tuple(found[name] for name in names)
    return ()


def _initializer(evaluator: Evaluator, type_: ClassObject) -> Type:
    """Return the method that gets a constructor's arguments: `__init__`, or `__new__` where the class has but that."""
    for ancestor in lineage(evaluator, type_.cls).ancestors:
        if ancestor.cls.full_name == "builtins.object":
            break
        if "__init__" in ancestor.cls.definition.members:
            break
        if "__new__" in ancestor.cls.definition.members:
            return evaluator.attribute(type_, "__new__")
    return evaluator.attribute(Instance(type_.cls), "__init__")
