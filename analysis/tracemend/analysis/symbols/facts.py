"""What the summarizer gathers while it walks: mutable, turned into the values of `model` at the end."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from .model import ClassDef, Definition, ModuleSummary, ValueDef

ScopeKind = Literal["module", "class", "function"]
# Dictionaries serve as sets that remember the order, so that equal files give equal summaries.
OrderedSet = dict[str, None]


@dataclass(slots=True)
class ModuleFacts:
    """The facts of one file."""

    names: dict[str, list[Definition]] = field(default_factory=dict)
    star_imports: OrderedSet = field(default_factory=dict)
    exported: OrderedSet = field(default_factory=dict)
    exports_are_literal: bool = True
    has_exports: bool = False
    dynamic: OrderedSet = field(default_factory=dict)
    stores: set[tuple[str, str]] = field(default_factory=set)
    installs: OrderedSet = field(default_factory=dict)
    changes_sys_path: bool = False
    local_classes: list[ClassDef] = field(default_factory=list)

    def add(self, name: str, definition: Definition) -> None:
        """Add one more definition of `name`."""
        self.names.setdefault(name, []).append(definition)

    def export(self, names: Iterable[str] | None) -> None:
        """Add `names` to `__all__`; None stands for names that are computed."""
        self.has_exports = True
        if names is None:
            self.exports_are_literal = False
        else:
            self.exported |= dict.fromkeys(names)

    def summary(self, *, is_stub: bool) -> ModuleSummary:
        """Return the facts as values."""
        return ModuleSummary(
            {name: tuple(found) for name, found in self.names.items()},
            tuple(self.star_imports),
            tuple(self.exported) if self.has_exports and self.exports_are_literal else None,
            is_stub,
            tuple(self.dynamic),
            frozenset(self.stores),
            tuple(self.installs),
            self.changes_sys_path,
            tuple(self.local_classes),
        )


@dataclass(slots=True)
class ClassFacts:
    """The facts of one class."""

    members: dict[str, list[Definition]] = field(default_factory=dict)
    attributes: dict[str, list[ValueDef]] = field(default_factory=dict)
    slots: tuple[str, ...] | None = None
    dynamic: OrderedSet = field(default_factory=dict)

    def add_slots(self, names: tuple[str, ...] | None) -> None:
        """Add `__slots__`; None stands for names that are computed, which may be any."""
        if names is None:
            self.dynamic.setdefault("slots")
        else:
            self.slots = (self.slots or ()) + names


@dataclass(slots=True)
class Scope:
    """The scope whose statements are being visited.

    A function keeps no names of its own, only those that it declares global. `class_facts` is the class being defined or,
    in a method and the functions inside it, the class of the instance seen as one of `self_names`.
    """

    kind: ScopeKind
    names: dict[str, list[Definition]] | None
    class_facts: ClassFacts | None = None
    self_names: set[str] = field(default_factory=set)
    function: str = ""
    global_names: set[str] = field(default_factory=set)
    returned: list[ast.expr | None] = field(default_factory=list)
    defaults: dict[str, set[str]] = field(default_factory=dict)  # The names in the default of each parameter.
    made: dict[str, set[str]] = field(default_factory=dict)  # What is called to make the value of each name.
    is_generator: bool = False
    parameters: set[str] = field(default_factory=set)  # Those that nothing has bound again so far.

    def keeps(self, name: str) -> bool:
        """Say whether a binding of `name` here is a definition that the summary holds."""
        return self.names is not None or name in self.global_names

    def bind(self, name: str, definition: Definition, module: ModuleFacts) -> None:
        """Add a definition of `name` to the scope that keeps it, if any does."""
        if name in self.global_names:
            module.add(name, definition)
        elif self.names is not None:
            self.names.setdefault(name, []).append(definition)

    def is_parameter(self, node: ast.AST) -> bool:
        """Say whether `node` is a parameter's name, which hides whatever is called so outside of the function."""
        return isinstance(node, ast.Name) and node.id in self.parameters

    def is_self(self, node: ast.AST) -> bool:
        """Say whether `node` is the instance or the class of the method this is: `self`, `type(self)`, `self.__class__`."""
        match node:
            case ast.Name(id=name):
                return name in self.self_names
            case ast.Attribute(value=value, attr="__class__"):
                return self.is_self(value)
            case ast.Call(func=ast.Name(id="type"), args=[only]):
                return self.is_self(only)
        return False
