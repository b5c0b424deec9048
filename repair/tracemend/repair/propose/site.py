"""The place where an edit may be made, and everything an operator may know about it.

An operator sees one statement at a time. It yields `Proposal`s for the expressions which that statement owns
(`own_expressions`), for the statement as a whole, and for insertions before and after it. The search calls operators
lazily, statement by statement, most suspicious first; so an operator is cheap, deterministic and pure.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import Function, Module, own_expressions
from tracemend.analysis.syntax.scopes import VisibleName, names_in_scope

if TYPE_CHECKING:
    from tracemend.repair.propose.static_types import StatementTypes

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Observed:
    """What the failing run showed of one name in one function: rank "observed", it may order but never forbid."""

    types: tuple[str, ...]  # Type names, most often seen first: "int", "list", "shop.Cart".
    attributes: tuple[str, ...] = ()  # Public attributes of the value seen last; methods end in "()".
    values: tuple[str, ...] = ()  # Bounded representations of the first values.


@dataclass(frozen=True, slots=True)
class Donors:
    """Code that exists already, as source text, nearest first; see `donors.collect_donors`."""

    conditions: tuple[str, ...] = ()  # Tests of if, while, assert, comprehensions and boolean operands.
    calls: tuple[str, ...] = ()  # Whole call expressions.
    expressions: tuple[str, ...] = ()  # Other expressions of some size: subscripts, attributes, arithmetic.
    statements: tuple[str, ...] = ()  # Simple statements (assignments, calls, returns, raises), dedented.
    constants: tuple[str, ...] = ()  # Literals, as written.
    attributes: tuple[str, ...] = ()  # Attribute names, most frequent first; methods end in "()".
    imports: Mapping[str, str] = field(
        default_factory=dict
    )  # Name -> the statement that imports it elsewhere.


@dataclass(frozen=True)
class Site:
    """One statement in its module with the names, observations and donors that hold there."""

    module: Module
    statement: ast.stmt
    donors: Donors = Donors()
    observed: Mapping[str, Observed] = field(
        default_factory=dict
    )  # By name or dotted `self.x`, in this function.
    test_literals: tuple[str, ...] = ()  # Literals of the failing tests, as source text.
    error: str = (
        ""  # "IndexError: list index out of range" of the target failure, for operators that key on it.
    )
    error_here: bool = False  # True when the target failure was raised by this very statement.
    types: StatementTypes | None = None  # What the static oracle knows here.

    @cached_property
    def function(self) -> Function | None:
        """The innermost function that holds the statement; None at module and class level."""
        return self.module.function_of(self.statement)

    @cached_property
    def names(self) -> tuple[VisibleName, ...]:
        """Names that the statement may load, nearest scope first, builtins left out."""
        return names_in_scope(self.module, self.statement)

    @cached_property
    def visible(self) -> frozenset[str]:
        """The same names as a set, for the question whether some text can be understood here."""
        return frozenset(one.name for one in self.names)

    @cached_property
    def memory(self) -> dict[object, Any]:
        """What was found out about the site already; see `once_a_site`."""
        return {}

    @cached_property
    def expressions(self) -> tuple[ast.expr, ...]:
        """The expressions the statement owns, outermost first, those with unreliable positions left out."""
        return tuple(one for one in own_expressions(self.statement) if self.module.has_exact_position(one))

    def text(self, node: ast.AST) -> str:
        """The source text of `node`."""
        return self.module.segment(node)

    def types_of(self, node: ast.AST) -> tuple[str, ...]:
        """The type names observed for a name or dotted expression, empty when it was not seen."""
        seen = self.observed.get(self.text(node)) if isinstance(node, ast.Name | ast.Attribute) else None
        return seen.types if seen else ()


def once_a_site(
    function: Callable[Concatenate[Site, P], T],
) -> Callable[Concatenate[Site, P], T]:
    """Remember what `function` says of a site: some 200 operators ask the same questions of each statement.

    Arguments must be hashable (nodes of the tree are, by identity) and are given by position. Results are shared, so
    a function remembered in this way returns something that its callers cannot change, or do not by its type.
    """

    @wraps(function)
    def remembered(site: Site, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (function, args, *kwargs.items())
        if key not in site.memory:
            site.memory[key] = function(site, *args, **kwargs)
        found: T = site.memory[key]
        return found

    return remembered


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit of the site's module.

    `cost` orders proposals of one statement: about 1.0 for the likeliest edits of Python bugs (comparator, off by
    one, wrong name of the same type), 2 to 3 for plausible ones, 4 and more for long shots. Think of it as -log2 of
    the share of real bugs that this very edit mends, compared with its neighbours.
    """

    edits: tuple[TextEdit, ...]
    note: str  # What changes, one phrase for people: "compares with `<=` instead of `<`".
    cost: float
    operator: str = ""  # Filled in by the registry.


Propose = Callable[[Site], Iterator[Proposal]]


@dataclass(frozen=True, slots=True)
class Operator:
    """A named edit template. `family` is the operator family of the design that it belongs to."""

    name: str
    family: str
    propose: Propose


_REGISTRY: dict[str, Operator] = {}


def operator(name: str, family: str) -> Callable[[Propose], Propose]:
    """Register the decorated generator as an operator. Raises `ValueError` for a name that is taken."""

    def register(propose: Propose) -> Propose:
        if name in _REGISTRY:
            raise ValueError(f"Two operators are called {name!r}")
        _REGISTRY[name] = Operator(name, family, propose)
        return propose

    return register


def registered() -> tuple[Operator, ...]:
    """Return all operators that have been imported, by name."""
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))


def replace(site: Site, node: ast.AST, text: str, note: str, cost: float) -> Proposal:
    """Replace the whole of `node` by `text`."""
    start, end = site.module.span(node)
    return Proposal((TextEdit(start, end, text),), note, cost)
