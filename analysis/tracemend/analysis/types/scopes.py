"""Where names are looked up: modules, classes, functions, and the small scopes of comprehensions and lambdas.

Modules and classes are known by their summaries, all of whose definitions count whatever branch they stand in. Functions
are known by their trees, because locals and the order of statements matter there (`flow`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tracemend.analysis.symbols.model import ClassDef, Definition, ModuleSummary
from tracemend.analysis.symbols.module import Module
from tracemend.analysis.syntax.module import FunctionNode
from tracemend.analysis.syntax.scopes import all_arguments

BindingKind = Literal[
    "assign", "annotate", "augment", "for", "async for", "with", "async with", "except", "import", "function", "class",
    "walrus", "match", "parameter", "delete",
]  # fmt: skip
InnerNode = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda
ANY_ELEMENT = -1  # In a path: an element of unknown position.
REST = -2  # In a path: what a starred target collects.


@dataclass(frozen=True, slots=True)
class Binding:
    """One place that binds a name; `path` leads from the value to the part that the name gets when unpacked."""

    name: str
    kind: BindingKind
    node: ast.AST
    value: ast.expr | None = None
    path: tuple[int, ...] = ()
    annotation: ast.expr | None = None


@dataclass(frozen=True, eq=False)
class ModuleScope:
    """The names of a module. `stub` is the summary of its stub where it has one beside its source."""

    module: Module
    stub: ModuleSummary | None = None

    @property
    def name(self) -> str:
        """The dotted name of the module."""
        return self.module.name

    def definitions(self, name: str) -> tuple[Definition, ...]:
        """Return the definitions of `name` that say most of its type: those of the stub, if it has any."""
        if self.stub is not None and name in self.stub.names:
            return self.stub.names[name]
        return self.module.summary.names.get(name, ())


@dataclass(frozen=True, eq=False)
class ClassScope:
    """The names in a class body; methods do not see them."""

    definition: ClassDef
    qualname: str
    parent: Scope


@dataclass(frozen=True, eq=False)
class FunctionScope:
    """The names of one function. `owner_scope` is the class scope where it is a method."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    parent: Scope
    qualname: str
    owner_scope: ClassScope | None = None

    @cached_property
    def bindings(self) -> Mapping[str, tuple[Binding, ...]]:
        """All bindings of each name that is local here, in the order of the text."""
        return _grouped(_function_bindings(self.node), self.elsewhere)

    @cached_property
    def elsewhere(self) -> frozenset[str]:
        """The names that the function declares global or nonlocal."""
        return frozenset(
            name
            for node in own_nodes(self.node.body)
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        )

    @cached_property
    def rebound_inside(self) -> frozenset[str]:
        """The names that a nested function rebinds with `nonlocal`."""
        return frozenset(
            name for node in ast.walk(self.node) if isinstance(node, ast.Nonlocal) for name in node.names
        )

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of each node below the function."""
        return {child: node for node in ast.walk(self.node) for child in ast.iter_child_nodes(node)}


@dataclass(frozen=True, eq=False)
class InnerScope:
    """The scope of a comprehension or a lambda."""

    node: InnerNode
    parent: Scope

    @cached_property
    def bindings(self) -> Mapping[str, tuple[Binding, ...]]:
        """What the `for` clauses or the parameters bind."""
        if isinstance(self.node, ast.Lambda):
            found = [Binding(one.arg, "parameter", one) for one in all_arguments(self.node.args)]
        else:
            found = [
                binding
                for clause in self.node.generators
                for binding in target_bindings(
                    clause.target, "async for" if clause.is_async else "for", clause.target, clause.iter
                )
            ]
        return _grouped(found, frozenset())


Scope = ModuleScope | ClassScope | FunctionScope | InnerScope


def module_scope(scope: Scope) -> ModuleScope:
    """Return the module that `scope` lies in."""
    while not isinstance(scope, ModuleScope):
        scope = scope.parent
    return scope


def function_scope(scope: Scope) -> FunctionScope | None:
    """Return the innermost function around `scope`, itself included."""
    while not isinstance(scope, ModuleScope):
        if isinstance(scope, FunctionScope):
            return scope
        scope = scope.parent
    return None


def own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of a body in the order of the text, nothing inside nested functions, classes and lambdas.

    Of comprehensions the insides come too, since a walrus in them binds a name of the function (PEP 572).
    """
    stack: list[ast.AST] = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, FunctionNode | ast.ClassDef):
            stack += reversed(node.decorator_list)
        elif not isinstance(node, ast.Lambda):
            stack += reversed(list(ast.iter_child_nodes(node)))


def bindings_of(node: ast.AST) -> Iterator[Binding]:
    """Yield what `node` itself binds, not what statements and expressions inside it bind."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from target_bindings(target, "assign", node, value)
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
            yield Binding(name, "annotate", node, value, annotation=annotation)
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            yield Binding(name, "augment", node, value)
        case ast.For(target=target, iter=value):
            yield from target_bindings(target, "for", node, value)
        case ast.AsyncFor(target=target, iter=value):
            yield from target_bindings(target, "async for", node, value)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            kind: BindingKind = "with" if isinstance(node, ast.With) else "async with"
            for item in items:
                if item.optional_vars is not None:
                    yield from target_bindings(item.optional_vars, kind, node, item.context_expr)
        case ast.ExceptHandler(name=str(name), type=value):
            yield Binding(name, "except", node, value)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for alias in names:
                yield Binding(alias.asname or alias.name.partition(".")[0], "import", node)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield Binding(name, "function", node)
        case ast.ClassDef(name=name):
            yield Binding(name, "class", node)
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield Binding(name, "walrus", node, value)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield Binding(name, "match", node)
        case _:
            return


def target_bindings(
    target: ast.expr, kind: BindingKind, node: ast.AST, value: ast.expr, path: tuple[int, ...] = ()
) -> Iterator[Binding]:
    """Yield a binding for each name in an assignment target."""
    if isinstance(target, ast.Name):
        yield Binding(target.id, kind, node, value, path)
    elif isinstance(target, ast.Starred):
        yield from target_bindings(target.value, kind, node, value, (*path, REST))
    elif isinstance(target, ast.Tuple | ast.List):
        starred = False
        for index, element in enumerate(target.elts):
            if isinstance(element, ast.Starred):
                starred = True
                yield from target_bindings(element, kind, node, value, path)
            else:
                step = ANY_ELEMENT if starred else index
                yield from target_bindings(element, kind, node, value, (*path, step))


def _function_bindings(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Binding]:
    for one in all_arguments(node.args):
        yield Binding(one.arg, "parameter", one, annotation=one.annotation)
    yield from _bindings_in(node.body)


def _bindings_in(body: list[ast.stmt]) -> Iterator[Binding]:
    for one in own_nodes(body):
        yield from bindings_of(one)


def _grouped(
    bindings: Iterator[Binding] | list[Binding], excluded: frozenset[str]
) -> dict[str, tuple[Binding, ...]]:
    groups: dict[str, list[Binding]] = {}
    for binding in bindings:
        if binding.name not in excluded:
            groups.setdefault(binding.name, []).append(binding)
    return {name: tuple(found) for name, found in groups.items()}
