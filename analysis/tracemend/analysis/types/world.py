"""Where a name leads: through scopes, imports and star imports, to definitions.

The world is the index plus the buffer that is being asked about, whose unsaved text takes the place of the file. It
follows names to *all* of their definitions and never judges which branch runs; what cannot be followed comes back as
`Missing` with the reason, and whoever evaluates it must treat the whole as unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from tracemend.analysis.symbols.index import Index
from tracemend.analysis.symbols.model import (
    ClassDef,
    Definition,
    FunctionDef,
    ImportDef,
    ModuleSummary,
    ValueDef,
)
from tracemend.analysis.symbols.module import Module, ModuleKind
from tracemend.analysis.types.chunks import FunctionNode
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.scopes import (
    Binding,
    ClassScope,
    FunctionScope,
    InnerScope,
    ModuleScope,
    Scope,
    module_scope,
)

_MAX_IMPORTS = 40  # One behind the other.
_MAX_STEPS = 4000  # For one name; packages whose modules import from each other in circles have more ways than can be gone.


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A definition, the scope it stands in, and its qualified name."""

    definition: FunctionDef | ClassDef | ValueDef
    scope: Scope
    qualname: str


@dataclass(frozen=True, slots=True)
class ModuleSymbol:
    """A module that a name leads to."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class LocalSymbol:
    """A name bound in a function, comprehension or lambda."""

    binding: Binding
    scope: FunctionScope | InnerScope


@dataclass(frozen=True, slots=True)
class Missing:
    """Where a name leads to nothing that is known."""

    why: str


Found = tuple[Symbol | ModuleSymbol | LocalSymbol | Missing, ...]


class World:
    """Modules, names and trees, remembered as long as they stay true."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._document: Document | None = None
        self._modules: dict[str, ModuleScope | None] = {}
        self._trees: dict[str, Document | None] = {}
        self._functions: dict[ast.AST, FunctionScope] = {}
        self._version = -1
        self._steps = 0  # Of the name that is being followed.

    def enter(self, document: Document) -> bool:
        """Make `document` the text of its module; say whether anything changed since the last time."""
        version = self.index.generation
        if document is self._document and version == self._version:
            return False
        stale = {document.module}
        if version != self._version:
            stale |= {name for name, one in self._modules.items() if one is None or one.module.is_workspace}
        if self._document is not None:
            stale.add(self._document.module)
        for name in stale:
            self._modules.pop(name, None)
            self._trees.pop(name, None)
        self._functions = {
            node: one for node, one in self._functions.items() if module_scope(one).name not in stale
        }
        self._document, self._version = document, version
        self._modules[document.module] = ModuleScope(self._buffer_module(document))
        self._trees[document.module] = document
        return True

    @property
    def document_module(self) -> str:
        """The name of the module whose buffer is asked about."""
        return self._document.module if self._document is not None else ""

    def _buffer_module(self, document: Document) -> Module:
        known = self.index.module(document.module) if document.module else None
        summary = document_summary(document)
        if known is not None and known.path is not None and known.path == document.path:
            return replace(known, summary=summary)
        is_package = bool(document.path) and str(document.path).endswith("__init__.py")
        kind: ModuleKind = "stub" if document.is_stub else "source"
        return Module(document.module, document.path, kind, summary, is_workspace=True, is_package=is_package)

    def module(self, name: str) -> ModuleScope | None:
        """Return the scope of module `name`, None if it is not known."""
        if name not in self._modules:
            module = self.index.module(name, near=self._document.path if self._document else None)
            self._modules[name] = None if module is None else self._scope(module)
        return self._modules[name]

    def _scope(self, module: Module) -> ModuleScope:
        has_both = module.stub_path is not None and module.stub_path != module.path
        return ModuleScope(
            module, self.index.summary(module.stub_path) if has_both and module.stub_path else None
        )

    def tree(self, scope: ModuleScope) -> Document | None:
        """Return the parsed text of a module, None where it has no Python source."""
        if scope.name not in self._trees:
            module = scope.module
            text = self.index.text(module.path) if module.path and module.path.endswith(".py") else None
            self._trees[scope.name] = None if text is None else Document(text, module.path, module.name)
        return self._trees[scope.name]

    @property
    def builtins(self) -> ModuleScope:
        """The builtins module."""
        scope = self.module("builtins")
        if scope is None:
            raise LookupError("the index does not know the module builtins")
        return scope

    # Names.

    def lookup(self, scope: Scope, name: str) -> Found:
        """Return what `name` can mean in `scope`, by the rules of lexical scoping (reference 4.2.2)."""
        inner = scope
        while not isinstance(inner, ModuleScope):
            if isinstance(inner, ClassScope):
                if inner is scope and name in inner.definition.members:
                    return self._in_class_body(inner, name)
            else:
                found = inner.bindings.get(name)
                if found:
                    return tuple(LocalSymbol(one, inner) for one in found)
                if isinstance(inner, FunctionScope) and name in inner.elsewhere:
                    return self._declared_elsewhere(inner, name)
            inner = inner.parent
        return self._in_or_behind(inner, name) or self._builtin(name) or (Missing("undefined"),)

    def _in_or_behind(self, scope: ModuleScope, name: str, depth: int = 0) -> Found:
        """Return the meanings of a name in a module; `str = str` is the builtin that it was made of."""
        found = self.in_module(scope, name, depth)
        if any(_names_itself(one, name) for one in found):
            return tuple(one for one in found if not _names_itself(one, name)) + self._builtin(name)
        return found

    def _in_class_body(self, scope: ClassScope, name: str) -> Found:
        """Return what a name bound in a class body is: until that happens, the one outside is seen (reference 4.2.2)."""
        members = tuple(map(_as_assigned, scope.definition.members[name]))
        own = self.follow(members, scope, f"{scope.qualname}.{name}")
        outer = self.lookup(scope.parent, name)
        return (*own, *(one for one in outer if not isinstance(one, Missing)))

    def _builtin(self, name: str) -> Found:
        """Return a builtin; what the stub of the builtins merely imports for itself is none."""
        definitions = self.builtins.definitions(name)
        return tuple(
            Symbol(one, self.builtins, name) for one in definitions if not isinstance(one, ImportDef)
        )

    def _declared_elsewhere(self, scope: FunctionScope, name: str) -> Found:
        """Follow a name declared `nonlocal` (its owner's bindings are not all seen) or `global`."""
        outer: Scope = scope.parent
        while not isinstance(outer, ModuleScope):
            if isinstance(outer, FunctionScope) and name in outer.bindings:
                return (Missing("nonlocal"),)
            outer = outer.parent
        return self.in_module(outer, name) or (Missing("undefined"),)

    def in_module(self, scope: ModuleScope, name: str, depth: int = 0) -> Found:
        """Return the definitions of `name` in a module, its star imports included; empty if there are none."""
        if self._is_too_far(depth):
            return (Missing("recursion"),)
        definitions = scope.definitions(name)
        if definitions:
            return self.follow(definitions, scope, name, depth)
        found = tuple(self._behind_stars(scope, name, depth + 1, {scope.name}))
        known = tuple(one for one in found if not isinstance(one, Missing))
        return known or found

    def _behind_stars(
        self, scope: ModuleScope, name: str, depth: int, seen: set[str]
    ) -> Iterator[Symbol | ModuleSymbol | LocalSymbol | Missing]:
        """Yield what `name` is in the modules that `scope` imports with a star, those in `seen` left out.

        Each module is asked once, whichever way leads there: modules may import each other in circles, and a dense one has
        more ways through it than can be gone.
        """
        for written in scope.module.summary.star_imports:
            target = self.module(absolute_module(scope.module, written))
            if target is None:
                yield Missing("unknown-import")
            elif target.name not in seen and _exports(target, name):
                seen.add(target.name)
                definitions = target.definitions(name)
                if definitions:
                    yield from self.follow(definitions, target, name, depth)
                else:
                    yield from self._behind_stars(target, name, depth + 1, seen)

    def member_of_module(self, scope: ModuleScope, name: str, depth: int = 0) -> Found:
        """Return what `module.name` or `from module import name` can be: a definition or a submodule."""
        found = self._in_or_behind(scope, name, depth)
        submodule = f"{scope.name}.{name}"
        if self.module(submodule) is None or ModuleSymbol(submodule) in found:
            return found
        # Importing a submodule binds its name in the package, before or after the package binds it itself.
        known = tuple(one for one in found if not isinstance(one, Missing))
        return (*known, ModuleSymbol(submodule))

    def follow(
        self, definitions: tuple[Definition, ...], scope: Scope, qualname: str, depth: int = 0
    ) -> Found:
        """Return the definitions with imports replaced by what they import.

        An import that fails here, in a `try` with a fallback, succeeds where its package is installed: both count.
        """
        found: list[Symbol | ModuleSymbol | LocalSymbol | Missing] = []
        for one in definitions:
            if not isinstance(one, ImportDef):
                found.append(Symbol(one, scope, qualname))
            else:
                found += self._imported(one, scope, depth + 1)
        return tuple(found)

    def resolve(self, node: ast.expr, scope: Scope) -> Found:
        """Return what a dotted name leads to; anything else is `Missing`."""
        if isinstance(node, ast.Name):
            return self.lookup(scope, node.id)
        if not isinstance(node, ast.Attribute):
            return (Missing("expression"),)
        found: list[Symbol | ModuleSymbol | LocalSymbol | Missing] = []
        for one in self.resolve(node.value, scope):
            match one:
                case ModuleSymbol(name=name) if (module := self.module(name)) is not None:
                    found += self.member_of_module(module, node.attr) or (Missing("missing-name"),)
                case Symbol(definition=ClassDef() as definition) if node.attr in definition.members:
                    inner = ClassScope(definition, one.qualname, one.scope)
                    found += self.follow(definition.members[node.attr], inner, f"{one.qualname}.{node.attr}")
                case Symbol(definition=FunctionDef()):
                    found.append(Missing("function"))  # No type and no module, if there is any other meaning.
                case _:
                    found.append(Missing("expression"))
        return tuple(one for one in found if one != Missing("function")) or tuple(found)

    def full_name(self, node: ast.expr, scope: Scope) -> str:
        """Return "module.Qualified.name" of what a dotted name leads to, "" where that is not one thing."""
        for one in self.resolve(node, scope):
            if isinstance(one, Symbol):
                return f"{module_scope(one.scope).name}.{one.qualname}"
            if isinstance(one, ModuleSymbol):
                return one.name
        return ""

    def _imported(self, definition: ImportDef, scope: Scope, depth: int) -> Found:
        if self._is_too_far(depth):
            return (Missing("recursion"),)
        return self.imported(module_scope(scope).module, definition, depth)

    def _is_too_far(self, depth: int) -> bool:
        """Count a step on the way to a name, the first of which has `depth` 0 or 1, and say whether to give up."""
        self._steps = self._steps + 1 if depth > 1 else 0
        return depth > _MAX_IMPORTS or self._steps > _MAX_STEPS

    def imported(self, module: Module, definition: ImportDef, depth: int = 0) -> Found:
        """Return what an import statement in `module` binds."""
        name = absolute_module(module, definition.module)
        if definition.name is None and definition.binds_top:
            name = name.partition(".")[0]
        target = self.module(name)
        if target is None:
            return (Missing("unknown-import"),)
        if definition.name is None:
            return (ModuleSymbol(name),)
        submodule = f"{name}.{definition.name}"
        if target.module.name == module.name and self.module(submodule) is not None:
            return (
                ModuleSymbol(submodule),
            )  # `from . import x` in the package itself, which may then bind `x` again.
        found = self.member_of_module(target, definition.name, depth)
        return found or (Missing("unknown-import"),)

    # Definitions back to trees.

    def function_tree(self, scope: Scope, definition: FunctionDef) -> FunctionScope | None:
        """Return the tree of a function that a summary only names; None for stubs and compiled modules."""
        module = module_scope(scope)
        if module.module.summary.is_stub:
            return None
        document = self.tree(module)
        if document is None:
            return None
        owner = scope if isinstance(scope, ClassScope) else None
        qualname = f"{owner.qualname}.{definition.name}" if owner else definition.name
        node = document.function(qualname, definition.line)
        return None if node is None else self.function(node, scope, qualname, owner)

    def function(
        self, node: FunctionNode, parent: Scope, qualname: str, owner: ClassScope | None
    ) -> FunctionScope:
        """Return the scope of a function, the same for the same tree, since what it works out is worth keeping."""
        known = self._functions.get(node)
        if known is None:
            known = self._functions[node] = FunctionScope(node, parent, qualname, owner)
        return known


def absolute_module(module: Module, written: str) -> str:
    """Return the absolute name of a module written with leading dots in `module` (reference 5.7)."""
    level = len(written) - len(written.lstrip("."))
    if level == 0:
        return written
    parts = module.name.split(".")
    parts = parts[: len(parts) - level + (1 if module.is_package else 0)]
    return ".".join([*parts, *filter(None, [written[level:]])])


def document_summary(document: Document) -> ModuleSummary:
    """Return the summary of a buffer, merged from those of its chunks, which are made once each.

    The lines in it count from the start of each chunk, so `Document.function` does not rely on them alone.
    """
    names: dict[str, tuple[Definition, ...]] = {}
    stars: dict[str, None] = {}
    dynamic: dict[str, None] = {}
    stores: set[tuple[str, str]] = set()
    local_classes: tuple[ClassDef, ...] = ()
    for chunk in document.chunks:
        part = chunk.summary
        for name, definitions in part.names.items():
            names[name] = names.get(name, ()) + definitions
        stars.update(dict.fromkeys(part.star_imports))
        dynamic.update(dict.fromkeys(part.dynamic))
        stores |= part.stores
        local_classes += part.local_classes
    return ModuleSummary(
        names,
        tuple(stars),
        is_stub=document.is_stub,
        dynamic=tuple(dynamic),
        stores=frozenset(stores),
        local_classes=local_classes,
    )


@lru_cache(maxsize=20_000)
def parsed_expression(text: str) -> ast.expr | None:
    """Return the tree of an expression as a summary spells it, None if it is none."""
    try:
        return ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _as_assigned(definition: Definition) -> Definition:
    """Return what a name is in the very class body that binds it: its value, of which the annotation may tell another story.

    `x: int = field()` declares what objects will have; the class body goes on with what `field` returned.
    """
    if isinstance(definition, ValueDef) and definition.value not in (None, "..."):
        return replace(definition, annotation=None)
    return definition


def _names_itself(found: Symbol | ModuleSymbol | LocalSymbol | Missing, name: str) -> bool:
    definition = found.definition if isinstance(found, Symbol) else None
    return isinstance(definition, ValueDef) and definition.value == name


def _exports(scope: ModuleScope, name: str) -> bool:
    """Say whether `from module import *` takes `name`, if it is there."""
    exported = scope.module.summary.exported
    return not name.startswith("_") if exported is None else name in exported
