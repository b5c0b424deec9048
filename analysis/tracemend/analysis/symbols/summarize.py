"""One file to what it defines: every name with all of its definitions, and why the list may not be complete.

The visitor walks statements; expressions are looked at only on lines that hold one of a few telltale words
(`TELLTALE`), since almost none of them defines anything and walking all would take most of the time. What the telltale
expressions do is the matter of `effects`. Nothing is resolved here, and no branch is judged unreachable: an oracle that
forbids must know the union.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeGuard

from .displays import parts_of, string_list
from .effects import Effects, is_this_module
from .facts import ClassFacts, ModuleFacts, Scope
from .model import (
    Binding,
    ClassDef,
    FunctionDef,
    ImportDef,
    ModuleSummary,
    Parameter,
    ParameterKind,
    ValueDef,
)
from .served_names import made_function, served_names
from .spelling import Spelling, dotted, string_constant
from .tolerant import TolerantTree, parse_tolerantly

MAX_RETURNED = 6

TELLTALE = re.compile(
    rb":=|sys\.path\b|\b(?:yield|setattr|delattr|__setattr__|__delattr__|__dict__|vars|locals|globals|exec|patch"
    rb"|update_wrapper|_convert_?|modules|meta_path|path_hooks|__path__|extend_path|declare_namespace|initpkg"
    rb"|addsitedir|new_class|mapper|map_imperatively)\b|\btype\((?!\s*\w+\s*\))"
)
_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_IMPORT_GUARDS = (ast.If, ast.Try, ast.TryStar)


@lru_cache(maxsize=32)
def summarize(text: str, *, is_stub: bool = False) -> ModuleSummary:
    """Return what `text` defines. Broken text gives what can be read of it, and never an exception.

    The last few are remembered, because a buffer is asked about as a document and as a module of the index.
    """
    parsed = parse_tolerantly(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _Summarizer(parsed, is_stub).summary()


class _Summarizer:
    """The walk over one file."""

    def __init__(self, parsed: TolerantTree, is_stub: bool) -> None:
        self._parsed = parsed
        self._is_stub = is_stub
        self._spelling = Spelling(parsed.text)
        self._telltale_lines = [
            number for number, line in enumerate(self._spelling.lines, 1) if TELLTALE.search(line)
        ]
        self._module = ModuleFacts()
        self._effects = Effects(self._module, self._bind_target, parsed.tree)

    def summary(self) -> ModuleSummary:
        self._visit(self._parsed.tree.body, Scope("module", self._module.names))
        if "__getattr__" in self._module.names:
            self._served_names()
        if self._parsed.lost:
            self._module.dynamic.setdefault("syntax")
        return self._module.summary(is_stub=self._is_stub)

    def _served_names(self) -> None:
        """Add what the module's `__getattr__` serves; where that is not to be told, the module is open."""
        statements = list(_own_statements(self._parsed.tree.body))
        defined = [one for one in statements if isinstance(one, ast.FunctionDef)]
        made = [made_function(one.value, defined) for one in statements if _binds_getattr(one)]
        functions = [one for one in defined if one.name == "__getattr__"]
        functions += [one for one in made if one is not None]
        served = [served_names(one) for one in functions]
        known = [one for one in served if one is not None]
        if self._is_stub or len(known) != len(self._module.names["__getattr__"]):
            self._module.dynamic.setdefault("partial-stub" if self._is_stub else "getattr")
        for function, names in zip(functions, served, strict=True):
            for name in sorted(names or ()):
                self._module.add(name, ValueDef(function.lineno, binding="other"))

    # Statements.

    def _visit(self, body: list[ast.stmt], scope: Scope) -> None:
        """Visit the statements of one scope in order; an explicit stack, as an `elif` chain may be long."""
        stack = [(statement, False) for statement in reversed(body)]
        while stack:
            statement, guarded = stack.pop()
            self._statement(statement, scope, guarded)
            if isinstance(statement, _FunctionNode | ast.ClassDef):
                continue
            guarded = guarded or isinstance(statement, _IMPORT_GUARDS)
            stack += [(inner, guarded) for inner in reversed(list(_inner_statements(statement)))]

    def _statement(self, node: ast.stmt, scope: Scope, guarded: bool) -> None:
        if self._has_telltale(node):
            self._effects.examine(node, scope)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.bind(node.name, self._function(node, scope), self._module)
            case ast.ClassDef():
                made = self._class(node, scope)
                scope.bind(node.name, made, self._module)
                if scope.kind == "function" and made.bases:
                    self._module.local_classes.append(made)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope, guarded)
            case ast.Assign():
                self._assign(node, scope)
            case ast.AnnAssign():
                annotation = self._spelling.of(node.annotation)
                self._bind_target(node.target, scope, annotation=annotation, value=node.value)
                self._special_name(node.target, node.value, scope)
            case ast.AugAssign():
                self._bind_target(node.target, scope, binding="other")
                self._special_name(node.target, node.value, scope)
            case ast.For() | ast.AsyncFor():
                self._bind_target(node.target, scope, binding="for")
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self._bind_target(item.optional_vars, scope, binding="with")
            case ast.Try() | ast.TryStar():
                for handler in node.handlers:
                    if handler.name:
                        scope.bind(handler.name, ValueDef(handler.lineno, binding="other"), self._module)
            case ast.Match():
                self._match(node, scope)
            case ast.Return():
                scope.returned.append(node.value)
            case ast.Global():
                self._global(node, scope)
            case ast.Delete():
                for target in node.targets:
                    if not isinstance(target, ast.Name):
                        self._bind_target(target, scope, binding="other")
            case ast.Expr(value=ast.Call() as call):
                self._extend_exported(call, scope)
            case _:
                self._type_alias(node, scope)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope, guarded: bool) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                binds_top = alias.asname is None and "." in alias.name
                name = alias.asname or alias.name.partition(".")[0]
                imported = ImportDef(node.lineno, alias.name, None, binds_top, guarded)
                scope.bind(name, imported, self._module)
            return
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self._module.star_imports.setdefault(module)
            else:
                imported = ImportDef(node.lineno, module, alias.name, guarded=guarded)
                scope.bind(alias.asname or alias.name, imported, self._module)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        for target in node.targets:
            self._bind_target(target, scope, value=node.value)
            self._special_name(target, node.value, scope)
        if isinstance(node.value, ast.Call):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if scope.self_names and _makes_instance(node.value, scope):
                scope.self_names |= names
            for name in names:
                scope.made.setdefault(name, set()).add(dotted(node.value.func))

    def _match(self, node: ast.Match, scope: Scope) -> None:
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    scope.bind(name, ValueDef(case.pattern.lineno, binding="other"), self._module)

    def _global(self, node: ast.Global, scope: Scope) -> None:
        if scope.kind == "function":
            scope.global_names.update(node.names)
        for name in node.names:
            self._module.add(name, ValueDef(node.lineno, binding="other"))

    def _type_alias(self, node: ast.stmt, scope: Scope) -> None:
        """Bind the name of `type X = ...`, a statement that Python 3.11 has no class for."""
        name = getattr(node, "name", None)
        if isinstance(name, ast.Name):
            scope.bind(
                name.id, ValueDef(node.lineno, "TypeAlias", self._bounded(node, "value")), self._module
            )

    def _bounded(self, node: ast.stmt, field: str) -> str | None:
        value = getattr(node, field, None)
        return self._spelling.bounded(value) if isinstance(value, ast.expr) else None

    # Definitions.

    def _function(self, node: _FunctionNode, scope: Scope) -> FunctionDef:
        inner = _function_scope(node, scope)
        if not self._is_stub:
            self._visit(node.body, inner)
        return FunctionDef(
            node.name,
            node.lineno,
            tuple(self._parameters(node.args)),
            self._spelling.of(node.returns) if node.returns else None,
            tuple(self._spelling.of(one) for one in node.decorator_list),
            isinstance(node, ast.AsyncFunctionDef),
            inner.is_generator,
            () if self._is_stub else self._returned(node, inner.returned),
        )

    def _parameters(self, arguments: ast.arguments) -> Iterator[Parameter]:
        positional = [*arguments.posonlyargs, *arguments.args]
        first_default = len(positional) - len(arguments.defaults)
        for index, one in enumerate(positional):
            kind: ParameterKind = "positional-only" if index < len(arguments.posonlyargs) else "positional"
            yield self._parameter(one, kind, index >= first_default)
        if arguments.vararg:
            yield self._parameter(arguments.vararg, "var-positional", False)
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            yield self._parameter(one, "keyword-only", default is not None)
        if arguments.kwarg:
            yield self._parameter(arguments.kwarg, "var-keyword", False)

    def _parameter(self, node: ast.arg, kind: ParameterKind, has_default: bool) -> Parameter:
        annotation = self._spelling.of(node.annotation) if node.annotation else None
        return Parameter(node.arg, kind, has_default, annotation)

    def _returned(self, node: _FunctionNode, values: list[ast.expr | None]) -> tuple[str, ...]:
        if not values:
            return () if _is_left_to_others(node) else ("None",)
        if len(values) > MAX_RETURNED:
            return ()
        texts = ["None" if value is None else self._spelling.bounded(value) for value in values]
        known = [text for text in texts if text is not None]
        return tuple(dict.fromkeys(known)) if len(known) == len(texts) else ()

    def _class(self, node: ast.ClassDef, scope: Scope) -> ClassDef:
        facts = ClassFacts()
        keywords = {one.arg: self._spelling.of(one.value) for one in node.keywords if one.arg}
        self._visit(node.body, Scope("class", facts.members, facts))
        if any(one.arg is None for one in node.keywords):
            facts.dynamic.setdefault("keywords")
        if not {"__getattr__", "__getattribute__"}.isdisjoint(facts.members) and node.name != "object":
            facts.dynamic.setdefault("getattr")
        if self._is_lost(node):
            facts.dynamic.setdefault("syntax")
        if "__class__" in facts.attributes:
            facts.dynamic.setdefault("class-assignment")  # Its objects become those of another class.
        decorators = tuple(self._spelling.of(one) for one in node.decorator_list)
        if any(one.rpartition(".")[2] == "global_enum" for one in decorators):
            self._module.dynamic.setdefault("enum-convert")
        return ClassDef(
            node.name,
            node.lineno,
            tuple(self._spelling.of(one) for one in node.bases),
            keywords,
            decorators,
            {name: tuple(found) for name, found in facts.members.items()},
            {name: tuple(found) for name, found in facts.attributes.items()},
            facts.slots,
            tuple(facts.dynamic),
        )

    def _is_lost(self, node: ast.ClassDef) -> bool:
        """Say whether unreadable text may have held a part of the class.

        One lost line stays within the scope that its indentation shows. A longer stretch may have swallowed anything,
        such as half of the file after the opening quotes of a string.
        """
        end = node.end_lineno or node.lineno
        return any(last > first or node.lineno <= first <= end + 1 for first, last in self._parsed.lost)

    # Bindings.

    def _bind_target(
        self,
        target: ast.expr,
        scope: Scope,
        *,
        annotation: str | None = None,
        value: ast.expr | None = None,
        binding: Binding = "assign",
    ) -> None:
        """Bind what `target` names: names, attributes and the parts of tuples."""
        match target:
            case ast.Name():
                scope.parameters.discard(target.id)
                if scope.keeps(target.id):
                    found = self._value(target, annotation, value, binding)
                    scope.bind(target.id, found, self._module)
            case ast.Attribute() if scope.is_self(target.value) and scope.class_facts is not None:
                found = self._value(target, annotation, value, binding, scope.function)
                scope.class_facts.attributes.setdefault(target.attr, []).append(found)
            case ast.Attribute() if is_this_module(target.value) and target.attr == "__class__":
                self._module.dynamic.setdefault("replaced")
            case ast.Attribute() if is_this_module(target.value):
                self._module.add(target.attr, self._value(target, annotation, value, binding))
            case ast.Attribute():
                self._store(target, scope)
            case ast.Tuple() | ast.List():
                for element, part in zip(target.elts, parts_of(value, len(target.elts)), strict=True):
                    kept = binding if part is not None or binding != "assign" else "other"
                    self._bind_target(element, scope, value=part, binding=kept)
            case ast.Starred():
                self._bind_target(target.value, scope, binding="other")

    def _store(self, target: ast.Attribute, scope: Scope) -> None:
        """Record a store from outside; what is given another class is told by what was called to make it."""
        self._module.stores.add((dotted(target.value), target.attr))
        if target.attr == "__class__" and isinstance(target.value, ast.Name):
            makers = scope.made.get(target.value.id, ())
            self._module.stores |= {(maker, target.attr) for maker in makers}

    def _value(
        self,
        target: ast.expr,
        annotation: str | None,
        value: ast.expr | None,
        binding: Binding,
        function: str = "",
    ) -> ValueDef:
        text = self._spelling.bounded(value) if value is not None else None
        return ValueDef(target.lineno, annotation, text, binding, function)

    def _special_name(self, target: ast.expr, value: ast.expr | None, scope: Scope) -> None:
        """Follow `__all__` of a module and `__slots__` of a class."""
        if not isinstance(target, ast.Name) or value is None:
            return
        if target.id == "__all__" and scope.kind == "module":
            self._module.export(string_list(value))
        elif target.id == "__slots__" and scope.kind == "class" and scope.class_facts is not None:
            scope.class_facts.add_slots(string_list(value))

    def _extend_exported(self, call: ast.Call, scope: Scope) -> None:
        """Follow `__all__.extend([...])`, `.append("x")` and `.remove("x")`."""
        function = dotted(call.func)
        if scope.kind != "module" or not function.startswith("__all__."):
            return
        if function == "__all__.extend" and len(call.args) == 1:
            self._module.export(string_list(call.args[0]))
        elif function == "__all__.append" and len(call.args) == 1:
            name = string_constant(call.args[0])
            self._module.export(None if name is None else (name,))
        elif function != "__all__.remove":
            self._module.export(None)

    def _has_telltale(self, node: ast.stmt) -> bool:
        """Say whether a telltale word stands in `node`, of a compound statement in its header."""
        first, last = node.lineno, node.end_lineno or node.lineno
        body = getattr(node, "body", None)
        if body:
            last = body[0].lineno
            first = min([first, *(one.lineno for one in getattr(node, "decorator_list", ()))])
        lines = self._telltale_lines
        index = bisect_left(lines, first)
        return index < len(lines) and lines[index] <= last


def _inner_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements that stand directly in a compound statement, of all its branches."""
    for field in ("body", "handlers", "cases", "orelse", "finalbody"):
        for child in getattr(node, field, ()):
            if isinstance(child, ast.ExceptHandler | ast.match_case):
                yield from child.body
            else:
                yield child


def _own_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a scope, in whatever branch they stand, nothing inside functions and classes."""
    for one in body:
        yield one
        if not isinstance(one, _FunctionNode | ast.ClassDef):
            yield from _own_statements(list(_inner_statements(one)))


def _binds_getattr(node: ast.stmt) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign) and any(dotted(one) == "__getattr__" for one in node.targets)


def _function_scope(node: _FunctionNode, scope: Scope) -> Scope:
    """Return the scope of a function's body, which knows under which names it sees an instance or its class."""
    parameters = [*node.args.posonlyargs, *node.args.args]
    rebound = {one.arg for one in (*parameters, *node.args.kwonlyargs)}
    if scope.kind == "class":
        is_static = (
            any(dotted(one) == "staticmethod" for one in node.decorator_list) and node.name != "__new__"
        )
        names = {parameters[0].arg} if parameters and not is_static else set()
        return Scope(
            "function",
            None,
            scope.class_facts,
            names,
            node.name,
            defaults=_defaults(node.args),
            parameters=rebound,
        )
    return Scope(
        "function",
        None,
        scope.class_facts,
        scope.self_names - rebound,
        scope.function or node.name,
        defaults=_defaults(node.args),
        parameters=scope.parameters | rebound,
    )


def _defaults(arguments: ast.arguments) -> dict[str, set[str]]:
    """Return the names that stand in the default of each parameter, where there are any."""
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {
        parameter.arg: {dotted(default).rpartition(".")[2]}
        for parameter, default in pairs
        if default is not None and dotted(default)
    }


def _makes_instance(call: ast.Call, scope: Scope) -> bool:
    """Say whether `call` makes another instance of the class whose method this is.

    `cls(...)`, `cls.__new__(cls)`, `object.__new__(cls)`, `type(self)(...)`, `self.__class__(...)`, `copy.copy(self)`.
    """
    function = call.func
    if scope.is_self(function) or (isinstance(function, ast.Attribute) and function.attr == "__new__"):
        return True
    return dotted(function).rpartition(".")[2] in ("copy", "deepcopy") and any(map(scope.is_self, call.args))


def _is_left_to_others(node: _FunctionNode) -> bool:
    """Say whether a body without `return` tells nothing of the result: it raises, or is but a docstring or `...`."""
    last = node.body[-1]
    return isinstance(last, ast.Raise | ast.Pass) or (
        isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant)
    )
