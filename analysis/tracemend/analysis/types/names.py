"""The names that code at a place may use: of the scopes around it, the module, star imports and builtins."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from tracemend.analysis.symbols.model import ANY_ATTRIBUTE, ImportDef
from tracemend.analysis.symbols.module import module_names
from tracemend.analysis.types.document import Document, Probe
from tracemend.analysis.types.evaluate import Evaluator
from tracemend.analysis.types.places import scope_at
from tracemend.analysis.types.scopes import ClassScope, FunctionScope, ModuleScope, Scope, bindings_of

# What is there without a definition: in class bodies and methods, by `site`, by `gettext.install`, for type checkers.
IMPLICIT_NAMES = frozenset(
    {
        "_", "__annotations__", "__builtins__", "__class__", "__debug__", "__doc__", "__file__", "__loader__",
        "__module__", "__name__", "__package__", "__path__", "__qualname__", "__spec__", "copyright", "credits",
        "exit", "license", "quit", "reveal_locals", "reveal_type", "WindowsError", "__classdict__",
    }
)  # fmt: skip
_TYPE_PARAMETERS = re.compile(
    r"^[ \t]*(?:async[ \t]+def|def|class|type)[ \t]+\w+[ \t]*\[([^\]=:(]*[^(]*?)\][ \t]*[(:=]", re.MULTILINE
)
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Names:
    """The names that can be used at a place; if `closed`, there are no others.

    Those that are `only_declared` are builtins of other versions of Python, or for type checkers: code behind a test of
    the version may use them, so they are never called wrong, and nobody wants them offered.
    """

    names: frozenset[str]
    closed: bool
    why: str
    only_declared: frozenset[str] = frozenset()


def names_at(evaluator: Evaluator, probe: Probe) -> Names:
    """Return the names at the probe's node. The evaluator must have entered the probe's document.

    Every binding in an enclosing scope counts, before or after the place and in whatever branch; a name that is bound
    only later fails at run time at some times and works at others.
    """
    scope = scope_at(evaluator, probe)
    names = set(IMPLICIT_NAMES) | _type_parameters(probe.document)
    why = "unparsed" if probe.document.damaged else ""
    behind_function = False
    while not isinstance(scope, ModuleScope):
        if not (
            behind_function and isinstance(scope, ClassScope)
        ):  # Methods do not see the names of their class.
            names |= _own_names(scope)
        behind_function = behind_function or isinstance(scope, FunctionScope)
        scope = scope.parent
    index = evaluator.world.index
    found = module_names(scope.module, index.module, index.submodules)
    stored = evaluator.table.stores_on(scope.name.rpartition(".")[2])
    names |= found.names | scope.module.summary.names.keys() | stored | _bound_around(probe)
    for saved in evaluator.saved_summaries(scope.name):
        names |= saved.names.keys()
    builtin, only_declared = _builtin_names(evaluator)
    only_declared -= names
    names |= builtin
    why = why or found.why_open or ("store-any" if ANY_ATTRIBUTE in stored else "")
    return Names(frozenset(names), not why, why or "scopes", frozenset(only_declared))


def _builtin_names(evaluator: Evaluator) -> tuple[set[str], set[str]]:
    """Return the builtins of the project's interpreter, less what their stub only imports, and what is stored there.

    And, among them, those of the stub that the interpreter, where it could be asked, does not have.
    """
    module = evaluator.world.builtins.module
    defined = {
        name
        for name, ones in module.summary.names.items()
        if any(not isinstance(one, ImportDef) for one in ones)
    }
    existing = module.runtime_names | evaluator.table.stores_on("builtins")
    return defined | existing, defined - existing if module.runtime_names else set()


def _own_names(scope: Scope) -> set[str]:
    if isinstance(scope, ClassScope):
        return set(scope.definition.members)
    assert not isinstance(scope, ModuleScope), "modules have names of their own kind"
    names = set(scope.bindings)
    return names | scope.elsewhere if isinstance(scope, FunctionScope) else names


def _bound_around(probe: Probe) -> set[str]:
    """Return what the statement around the node binds itself, such as a comprehension's or lambda's names."""
    found: set[str] = set()
    for one in probe.path:
        if isinstance(one, ast.expr):
            found |= {binding.name for node in ast.walk(one) for binding in bindings_of(node)}
    return found


def _type_parameters(document: Document) -> set[str]:
    """Return the names of all type parameters (PEP 695), which the tree of an older Python does not have."""
    return {name for found in _TYPE_PARAMETERS.findall(document.text) for name in _IDENTIFIER.findall(found)}
