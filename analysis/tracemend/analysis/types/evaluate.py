"""What an expression can be: the evaluator.

It computes over *all* possibilities: every definition of a name, every binding that may reach a place, every overload
that may be meant. One possibility that is not known makes the whole unknown, since the answer is there to forbid with.
Attributes and calls are the matter of `attributes` and `calls`, annotations that of `annotations`; they share the memory
kept here.

Names in loops can depend on themselves. `solve` finds the smallest solution by iteration from "never", as any data-flow
analysis does; what was computed on the way from an unfinished approximation is not remembered.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar

from tracemend.analysis.symbols.model import ClassDef, ModuleSummary
from tracemend.analysis.types.annotations import annotated_type
from tracemend.analysis.types.attributes import attribute_type, found_type, symbol_type
from tracemend.analysis.types.bindings import bound_type
from tracemend.analysis.types.calls import OPERATORS, call_method, call_type, called, function_result
from tracemend.analysis.types.classes import class_of, direct_bases
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.flow import reaching
from tracemend.analysis.types.model import (
    MISSING,
    NEVER,
    Class,
    ClassObject,
    FunctionType,
    Instance,
    Type,
    Unknown,
    closed_over_variables,
    parts,
    union,
)
from tracemend.analysis.types.narrowing import with_narrowings
from tracemend.analysis.types.scopes import (
    Binding,
    FunctionScope,
    InnerScope,
    Scope,
    module_scope,
)
from tracemend.analysis.types.subclasses import WorkspaceTable
from tracemend.analysis.types.subscripts import item_type
from tracemend.analysis.types.world import (
    LocalSymbol,
    Missing,
    ModuleSymbol,
    Symbol,
    World,
    parsed_expression,
)

_T = TypeVar("_T")
MAX_DEPTH = 45
MAX_STEPS = 4_000
MAX_ROUNDS = 5
MAX_DESCENDANTS = 400
_DISPLAYS: dict[type[ast.AST], str] = {
    ast.List: "list", ast.ListComp: "list", ast.Set: "set", ast.SetComp: "set", ast.Dict: "dict", ast.DictComp: "dict",
}  # fmt: skip


class Evaluator:
    """Evaluates expressions of one document at a time; what is true of libraries is kept from one to the next."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.table = WorkspaceTable(world.index)
        self._lasting: dict[Hashable, Any] = {}  # Of modules outside the workspace.
        self._passing: dict[Hashable, Any] = {}  # Until the document or the workspace changes.
        self._running: dict[Hashable, Type] = {}
        self._provisional: set[Hashable] = set()
        self._steps = 0
        self._depth = 0
        self._has_hole = False

    def enter(self, document: Document, *, has_hole: bool = False) -> None:
        """Make `document` the one that is asked about; with a hole in it, its saved state counts beside it."""
        self._has_hole = has_hole
        if self.world.enter(document):
            self._passing.clear()
            scope = self.world.module(document.module)
            assert scope is not None, "the world knows the module of the document that it entered"
            self.table.enter(document, scope.module.summary)
        self._running.clear()
        self._provisional.clear()
        self._steps = self._depth = 0

    # Memory.

    def remember(self, key: Hashable, scope: Scope, compute: Callable[[], _T]) -> _T:
        """Return what `compute` gives, which depends on nothing but definitions; it must not depend on itself."""
        memory = self._passing if module_scope(scope).module.is_workspace else self._lasting
        if key not in memory:
            memory[key] = compute()
        found: _T = memory[key]
        return found

    def remember_now(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """Return what `compute` gives, which holds until the document or the workspace changes."""
        key = (key, self._has_hole)
        if key not in self._passing:
            self._passing[key] = compute()
        found: _T = self._passing[key]
        return found

    def solve(
        self, key: Hashable, scope: Scope, compute: Callable[[], Type], *, lasting: bool = True
    ) -> Type:
        """Return the smallest type that `compute` gives again when it is told that the type of `key` is that.

        What is inferred from the code of a library is not `lasting`: a subclass in the workspace may change it.
        """
        is_kept = lasting and not module_scope(scope).module.is_workspace
        memory = self._lasting if is_kept else self._passing
        known: Type | None = memory.get(key)
        if known is not None:
            return known
        if key in self._running:
            self._provisional.add(key)
            return self._running[key]
        self._running[key] = NEVER
        result = self._iterate(key, compute)
        del self._running[key]
        self._provisional.discard(key)
        if not self._provisional:
            memory[key] = result
        return result

    def _iterate(self, key: Hashable, compute: Callable[[], Type]) -> Type:
        for _ in range(MAX_ROUNDS):
            result = compute()
            if key not in self._provisional:
                return result
            if result == self._running[key]:
                return result if result != NEVER else Unknown("recursion")
            self._running[key] = result
        return Unknown("recursion")

    def _given_up(self, why: str) -> Type:
        """Return that nothing is known because the search was cut, which must not be remembered as a fact."""
        self._provisional.add(why)
        return Unknown(why)

    # Expressions.

    def expression(self, node: ast.expr, scope: Scope) -> Type:
        """Return what `node`, an expression in `scope`, can be."""
        return self._bounded(lambda: self._narrowed(node, scope))

    def _bounded(self, compute: Callable[[], Type]) -> Type:
        """Return what `compute` gives, unless that takes too long or goes too deep."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            return self._given_up("budget")
        if self._depth > MAX_DEPTH:
            return self._given_up("deep")
        self._depth += 1
        try:
            return compute()
        finally:
            self._depth -= 1

    def _narrowed(self, node: ast.expr, scope: Scope) -> Type:
        type_ = self._expression(node, scope)
        if isinstance(node, ast.Name | ast.Attribute):
            return with_narrowings(self, type_, node, scope)
        return type_

    def _expression(self, node: ast.expr, scope: Scope) -> Type:
        match node:
            case ast.Name(id=name):
                return self.name_type(name, scope, node)
            case ast.Attribute(value=value, attr=name):
                return self.attribute(self.expression(value, scope), name)
            case ast.Call():
                return call_type(self, node, scope)
            case ast.Constant(value=value):
                return self._constant(value)
            case ast.JoinedStr():
                return self.instance_of("str")
            case ast.Subscript(value=value, slice=index):
                return item_type(self, self.expression(value, scope), index, scope)
            case ast.Tuple(elts=elements):
                return self._tuple(elements, scope)
            case ast.List() | ast.Set() | ast.Dict() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                return self._display(node, scope)
            case ast.GeneratorExp():
                element = self.expression(node.elt, InnerScope(node, scope))
                return Instance(self.class_in("types", "GeneratorType"), (element,))
            case ast.BoolOp(values=values):
                return union(self.expression(one, scope) for one in values)
            case ast.IfExp(body=body, orelse=orelse):
                return union((self.expression(body, scope), self.expression(orelse, scope)))
            case ast.NamedExpr(value=value):
                return self.expression(value, scope)
            case ast.UnaryOp() | ast.BinOp() | ast.Compare():
                return self._operation(node, scope)
            case ast.Await(value=value):
                return self.awaited(self.expression(value, scope))
            case ast.Lambda():
                return Unknown("lambda")
            case _:
                return Unknown("expression")

    def _constant(self, value: object) -> Type:
        if value is None:
            return self.none
        if value is Ellipsis:
            return Instance(self.class_in("types", "EllipsisType"))
        literal = value if isinstance(value, str | bytes | int | bool) else None
        return Instance(self.builtin_class(type(value).__name__), literal=literal, exact=True)

    def _tuple(self, elements: list[ast.expr], scope: Scope) -> Type:
        cls = self.builtin_class("tuple")
        if any(isinstance(one, ast.Starred) for one in elements):
            return Instance(cls)
        items = tuple(self.expression(one, scope) for one in elements)
        return Instance(cls, (union(items),), items, exact=True)

    def _display(self, node: ast.expr, scope: Scope) -> Type:
        """Return the type of a list, set or dict display; its elements count where it is used on the spot."""
        cls = self.builtin_class(_DISPLAYS[type(node)])
        elements: list[ast.expr] = []
        match node:
            case ast.ListComp(elt=element) | ast.SetComp(elt=element):
                return Instance(cls, (self.expression(element, InnerScope(node, scope)),), exact=True)
            case ast.DictComp(key=key, value=value):
                inner = InnerScope(node, scope)
                return Instance(cls, (self.expression(key, inner), self.expression(value, inner)), exact=True)
            case ast.List(elts=elements) | ast.Set(elts=elements):
                pass
        if not elements or len(elements) > 20 or any(isinstance(one, ast.Starred) for one in elements):
            return Instance(cls, exact=True)
        return Instance(cls, (union(self.expression(one, scope) for one in elements),), exact=True)

    def _operation(self, node: ast.UnaryOp | ast.BinOp | ast.Compare, scope: Scope) -> Type:
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Not):
                return self.instance_of("bool")
            return call_method(
                self, self.expression(node.operand, scope), f"__{OPERATORS[type(node.op)]}__", ()
            )
        if isinstance(node, ast.Compare):
            if len(node.ops) > 1 or type(node.ops[0]) not in OPERATORS:
                return self.instance_of("bool") if _is_membership(node) else Unknown("comparison")
            left, right, operator = node.left, node.comparators[0], node.ops[0]
            return self.binary(left, right, f"__{OPERATORS[type(operator)]}__", "", scope)
        name = OPERATORS[type(node.op)]
        return self.binary(node.left, node.right, f"__{name}__", f"__r{name}__", scope)

    def binary(self, left: ast.expr, right: ast.expr, name: str, reflected: str, scope: Scope) -> Type:
        """Return the result of a binary operation; the reflected method counts where both sides differ."""
        left_type, right_type = self.expression(left, scope), self.expression(right, scope)
        return self.operated(left_type, right_type, name, reflected)

    def operated(self, left: Type, right: Type, name: str, reflected: str) -> Type:
        """Return the result of `left.name(right)`, or of `right.reflected(left)`."""
        result = call_method(self, left, name, (right,))
        if not reflected or _same_class(left, right) or isinstance(result, Unknown):
            return result
        other = call_method(self, right, reflected, (left,))
        return result if other == MISSING else union((result, other))

    # Names.

    def name_type(self, name: str, scope: Scope, place: ast.AST | None = None) -> Type:
        """Return what `name` can be at `place`, a node in `scope`."""
        found = self.world.lookup(scope, name)
        first = found[0]
        if isinstance(first, LocalSymbol):
            return self._local_type(name, first.scope, scope, place)
        return found_type(self, found)

    def _local_type(
        self, name: str, owner: FunctionScope | InnerScope, scope: Scope, place: ast.AST | None
    ) -> Type:
        bindings = owner.bindings[name]
        if isinstance(owner, FunctionScope):
            if name in owner.rebound_inside:
                return Unknown("nonlocal")
            if place is not None and runs_in_order(scope, owner):
                bindings = reaching(owner, name, place)
        if not bindings:
            return Unknown("unbound")
        return union(self.binding_type(one, owner) for one in bindings)

    def binding_type(self, binding: Binding, owner: FunctionScope | InnerScope) -> Type:
        """Return the type that one binding gives its name."""
        key = ("binding", binding)
        return self.solve(key, owner, lambda: bound_type(self, binding, owner), lasting=False)

    def symbol(self, found: Symbol | ModuleSymbol | LocalSymbol | Missing) -> Type:
        """Return the type of what a name was followed to."""
        return symbol_type(self, found)

    def full_name(self, node: ast.expr, scope: Scope) -> str:
        """Return the full name of what a dotted name leads to."""
        return self.world.full_name(node, scope)

    # Parts of the language that several modules need.

    def annotation(self, node: ast.expr, scope: Scope) -> Type:
        """Return the type that an annotation declares."""
        return self._bounded(lambda: annotated_type(self, node, scope))

    def annotation_text(self, text: str, scope: Scope) -> Type:
        """Return the type that an annotation declares, given as a summary spells it."""
        node = parsed_expression(text)
        return Unknown("annotation") if node is None else self.annotation(node, scope)

    def expression_text(self, text: str, scope: Scope) -> Type:
        """Return what an expression can be, given as a summary spells it."""
        node = parsed_expression(text)
        return Unknown("expression") if node is None else self.expression(node, scope)

    def attribute(self, type_: Type, name: str) -> Type:
        """Return what attribute `name` of a `type_` can be."""
        return attribute_type(self, type_, name)

    def result_of(self, function: FunctionType) -> Type:
        """Return what calling a function gives, whatever the arguments."""
        return function_result(self, function, (), None)

    def result_of_calling(self, callee: Type, argument: Type) -> Type:
        """Return what calling `callee` with one argument gives."""
        return closed_over_variables(called(self, callee, (argument,), None))

    def result_of_method(self, type_: Type, name: str) -> Type | None:
        """Return what the special method `name` gives without arguments, None where no part of `type_` is known to have it."""
        result = call_method(self, type_, name, ())
        return None if result in (MISSING, NEVER) else result

    def awaited(self, type_: Type) -> Type:
        """Return what `await` gives for an object of that type: what its `__await__` generator returns."""
        generator = call_method(self, type_, "__await__", ())
        found = [one.args[2] if isinstance(one, Instance) and len(one.args) == 3 else Unknown("await")
                 for one in parts(generator)]  # fmt: skip
        return closed_over_variables(union(found)) if found else NEVER

    def element(self, type_: Type, *, is_async: bool = False) -> Type:
        """Return what iterating over an object of that type gives."""
        if isinstance(type_, Instance) and type_.items is not None:
            return union(type_.items)
        enter, advance = ("__aiter__", "__anext__") if is_async else ("__iter__", "__next__")
        found = []
        for one in parts(type_):
            iterator = call_method(self, one, enter, ())
            item = call_method(self, iterator, advance, ())
            found.append(self.awaited(item) if is_async else item)
        return union(found)

    def saved_summaries(self, module: str) -> tuple[ModuleSummary, ...]:
        """Return what is on record of the module whose buffer has a hole: what follows the hole may not be there yet."""
        if not self._has_hole or module != self.world.document_module:
            return ()
        saved = self.world.index.module(module)
        return () if saved is None else (saved.summary,)

    def descendants(self, cls: Class) -> tuple[Class, ...]:
        """Return the classes of the workspace and of the class's own module that derive from `cls`."""
        key = ("descendants", cls)
        if key not in self._passing:
            self._passing[key] = tuple(self._descendants(cls))
        found: tuple[Class, ...] = self._passing[key]
        return found

    def _descendants(self, cls: Class) -> Iterator[Class]:
        seen = {cls}
        queue = [cls]
        while queue and len(seen) < MAX_DESCENDANTS:
            base = queue.pop()
            for one in self._candidates(base):
                if one not in seen and any(found == base for found in self._bases_of(one)):
                    seen.add(one)
                    queue.append(one)
                    yield one

    def _candidates(self, base: Class) -> Iterator[Class]:
        for candidate in self.table.candidates(base.name):
            scope = self.world.module(candidate.module)
            if scope is not None:
                yield class_of(candidate.definition, candidate.qualname, scope)
        home = self.world.module(base.module)
        if home is not None and not home.module.is_workspace:
            for name, definitions in home.module.summary.names.items():
                for one in definitions:
                    if isinstance(one, ClassDef) and any(base.name in text for text in one.bases):
                        yield class_of(one, name, home)

    def _bases_of(self, cls: Class) -> Iterator[Class]:
        for one in direct_bases(self, cls):
            if isinstance(one, ClassObject):
                yield one.cls

    def is_stored_outside(self, attribute: str) -> bool:
        """Say whether the workspace assigns an attribute of that name from outside of a class or module."""
        return self.table.is_stored(attribute)

    # Classes by name.

    @property
    def none(self) -> Type:
        """The type of None."""
        return Instance(self.class_in("types", "NoneType"))

    def instance_of(self, name: str) -> Type:
        """Return an object of a builtin class."""
        return Instance(self.builtin_class(name), exact=True)

    def builtin_class(self, name: str) -> Class:
        """Return a class of the builtins module."""
        return self.class_in("builtins", name)

    def class_named(self, module: str, name: str) -> Type:
        """Return the class object of that name, unknown if there is none."""
        scope = self.world.module(module)
        found = self.world.in_module(scope, name) if scope is not None else ()
        types = [one for one in map(self.symbol, found) if isinstance(one, ClassObject)]
        return types[0] if types else Unknown("missing-class")

    def class_in(self, module: str, name: str) -> Class:
        """Return a class that the standard library certainly has."""
        found = self.class_named(module, name)
        if isinstance(found, ClassObject):
            return found.cls
        raise LookupError(f"the index does not know the class {module}.{name}")


def runs_in_order(scope: Scope, owner: FunctionScope) -> bool:
    """Say whether code of `scope` runs when the text of `owner` comes to it, not later as functions inside it do."""
    while scope is not owner:
        if isinstance(scope, InnerScope) and not isinstance(scope.node, ast.Lambda | ast.GeneratorExp):
            scope = scope.parent
        else:
            return False
    return True


def _is_membership(node: ast.Compare) -> bool:
    return all(isinstance(one, ast.In | ast.NotIn | ast.Is | ast.IsNot) for one in node.ops)


def _same_class(left: Type, right: Type) -> bool:
    return isinstance(left, Instance) and isinstance(right, Instance) and left.cls == right.cls
