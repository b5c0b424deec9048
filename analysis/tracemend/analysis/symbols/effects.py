"""What expressions do to names: attributes set by call, namespaces written as dictionaries, modules installed.

`Effects.examine` is given the statements that hold a telltale word. What it can read becomes names and stores; what it
cannot becomes a reason why a module or a class is open. Namespace dictionaries (`globals()`, `vars(x)`, `x.__dict__`)
are harmless in a short list of uses that only read; any other use, passing one on for instance, opens its owner.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from .facts import ModuleFacts, Scope
from .local_uses import installs_what_is_found, keys_written
from .model import ANY_ATTRIBUTE, ANY_MODULE, CLASS_OF_PARAMETER, ClassDef, ValueDef
from .spelling import dotted, string_constant

_READING_METHODS = frozenset({"get", "items", "keys", "values", "copy", "pop", "__contains__", "__getitem__"})
_READING_FUNCTIONS = frozenset(
    {"all", "any", "bool", "dict", "eval", "frozenset", "id", "isinstance", "iter", "len", "list", "max", "min", "print",
     "repr", "set", "sorted", "str", "tuple", "type", "zip"}
)  # fmt: skip
_PATH_CHANGERS = frozenset({"addsitedir"})
_MODULE_PATH_CHANGERS = frozenset({"extend_path", "declare_namespace"})
# What these put back under computed names was an attribute of the object before.
_RESTORING_METHODS = frozenset({"__setstate__", "__copy__", "__deepcopy__"})
_STORE_METHODS = frozenset({"__setattr__", "__delattr__"})

BindTarget = Callable[..., None]


class Effects:
    """The effects of the expressions of one file, added to `module` and to the class of the scope."""

    def __init__(self, module: ModuleFacts, bind_target: BindTarget, tree: ast.Module) -> None:
        self._module = module
        self._bind_target = bind_target
        self._tree = tree
        self._copies: set[ast.AST] = set()  # Where one object's `__dict__` is copied to another.

    def examine(self, statement: ast.stmt, scope: Scope) -> None:
        """Add what the expressions of `statement` do; statements inside it are left to their own turn."""
        for node, parent in _expressions(statement):
            match node:
                case ast.NamedExpr():
                    self._bind_target(node.target, scope, value=node.value)
                case ast.Yield() | ast.YieldFrom():
                    scope.is_generator = True
                case ast.Call():
                    self._call(node, parent, scope)
                case ast.Attribute(attr="__dict__"):
                    self._dictionary(node, parent, scope)
                case ast.Attribute():
                    self._import_system(node, parent, statement)
                case ast.Name(id="__path__") if not _is_read_or_passed(node, parent):
                    self._module.installs.setdefault(ANY_MODULE)
                case ast.Subscript(ctx=ast.Store()):
                    self._literal_namespace_write(node, scope)
                case ast.Subscript() if is_this_module(node) and not _is_harmless_load(parent):
                    self._module.dynamic.setdefault("self-module")

    # Calls.

    def _call(self, call: ast.Call, parent: ast.AST, scope: Scope) -> None:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func)
        match name:
            case "globals" | "vars" | "locals":
                self._namespace(call, name, parent, scope)
            case "setattr" | "delattr":
                self._set_by_name(call.args, scope)
            case "__setattr__" | "__delattr__":
                self._store_method(call, scope)
            case "exec" if isinstance(call.func, ast.Name) and scope.kind != "function":
                self._open(scope, "exec")
            case "patch" | "object" | "multiple":
                self._patch(call, name, scope)
            case "update":
                self._copies.update(_copied_dictionaries(call, scope))
            case "update_wrapper" if call.args and scope.is_self(call.args[0]):
                self._open(scope, "update-wrapper")
            case "_convert" | "_convert_" if any(dotted(one) == "__name__" for one in call.args):
                self._module.dynamic.setdefault("enum-convert")
            case "type" if isinstance(call.func, ast.Name) and len(call.args) == 3:
                self._made_class(call, scope)
            case "new_class" if len(call.args) >= 2:
                self._made_class(call, scope)
            case "mapper" | "map_imperatively" if call.args:
                self._store(
                    call.args[0], None, scope
                )  # SQLAlchemy gives the class an attribute for each column.
            case "initpkg":
                self._module.dynamic.setdefault("lazy")
            case _ if name in _MODULE_PATH_CHANGERS:
                self._module.installs.setdefault(ANY_MODULE)
            case _ if name in _PATH_CHANGERS:
                self._module.changes_sys_path = True

    def _made_class(self, call: ast.Call, scope: Scope) -> None:
        """Record what `type(name, bases, namespace)` derives from, its parameters' defaults where those are bases."""
        names: set[str] = set()
        reason = "type-call"
        for one in ast.walk(call.args[1]):
            if scope.is_self(one):
                self._open(scope, "type-call")
            elif isinstance(one, ast.Name | ast.Attribute):
                name = one.id if isinstance(one, ast.Name) else one.attr
                names |= scope.defaults.get(name, {name})
                reason = CLASS_OF_PARAMETER if name in scope.defaults else reason
        if names:
            made = ClassDef("type", call.lineno, tuple(sorted(names)), dynamic=(reason,))
            self._module.local_classes.append(made)

    def _namespace(self, call: ast.Call, name: str, parent: ast.AST, scope: Scope) -> None:
        """Follow `globals()`, `vars()`, `locals()` and `vars(x)` where they are not merely read."""
        if not isinstance(call.func, ast.Name) or _is_read(call, parent) or self._is_kept_to_read(parent):
            return
        if call.args:
            self._store(call.args[0], None, scope)
        elif name == "globals":
            if not _keeps_what_is_served(parent, scope):
                self._module.dynamic.setdefault("globals")
        elif scope.kind != "function":
            self._open(scope, "locals")

    def _dictionary(self, node: ast.Attribute, parent: ast.AST, scope: Scope) -> None:
        """Follow `x.__dict__` where it is not merely read, under a local name too (`d = self.__dict__`)."""
        if _is_read(node, parent) or node in self._copies:
            return
        written = keys_written(parent, self._tree)
        for key in (None,) if written is None else written:
            self._store(node.value, key, scope)

    def _is_kept_to_read(self, parent: ast.AST) -> bool:
        """Say whether a namespace is given a private name, `_mine = locals()`, of which all other uses only read."""
        if not (isinstance(parent, ast.Assign) and len(parent.targets) == 1):
            return False
        target = parent.targets[0]
        if not (isinstance(target, ast.Name) and target.id.startswith("_")):
            return False
        uses = [
            (child, node)
            for node in ast.walk(self._tree)
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.Name) and child.id == target.id and child is not target
        ]
        return all(_is_read(child, node) for child, node in uses)

    def _set_by_name(self, arguments: list[ast.expr], scope: Scope) -> None:
        """Follow `setattr(x, "name", value)`, `monkeypatch.setattr` alike and its form with one dotted string."""
        path = string_constant(arguments[0]) if arguments else None
        if path is not None:
            self._store_path(path)
        elif len(arguments) >= 2:
            self._store(arguments[0], arguments[1], scope)

    def _store_method(self, call: ast.Call, scope: Scope) -> None:
        """Follow `object.__setattr__(x, "name", v)`, `super().__setattr__("name", v)` and `x.__setattr__("name", v)`.

        Handing on one's own arguments inside `__setattr__` adds no name that a store elsewhere does not show.
        """
        if scope.function in _STORE_METHODS or not isinstance(call.func, ast.Attribute) or not call.args:
            return
        takes_value = call.func.attr == "__setattr__"
        if len(call.args) == (3 if takes_value else 2):
            self._store(call.args[0], call.args[1], scope)
        elif isinstance(call.func.value, ast.Call) and dotted(call.func.value.func) == "super":
            self._store_on_self(string_constant(call.args[0]), call.lineno, scope)
        else:
            self._store(call.func.value, call.args[0], scope)

    def _patch(self, call: ast.Call, name: str, scope: Scope) -> None:
        """Follow `patch("a.b.c")`, `patch.object(x, "name")` and `patch.multiple(x, name=...)` of `unittest.mock`."""
        if not call.args or (name != "patch" and not dotted(call.func).endswith(f"patch.{name}")):
            return
        target = string_constant(call.args[0])
        if name == "multiple":
            receiver = target if target is not None else dotted(call.args[0])
            self._module.stores |= {(receiver, one.arg) for one in call.keywords if one.arg}
        elif name == "object" and len(call.args) >= 2:
            self._store(call.args[0], call.args[1], scope)
        elif name == "patch" and target is not None:
            self._store_path(target)

    # Stores.

    def _store_path(self, path: str) -> None:
        receiver, dot, attribute = path.rpartition(".")
        if dot and all(part.isidentifier() for part in path.split(".")):
            self._module.stores.add((receiver, attribute))

    def _store(self, receiver: ast.expr, attribute: ast.expr | None, scope: Scope) -> None:
        """Store under the name that `attribute` spells, or under a name that is not known."""
        name = string_constant(attribute)
        if scope.is_self(receiver):
            self._store_on_self(name, receiver.lineno, scope)
        elif not is_this_module(receiver):
            if name is not None or not scope.is_parameter(receiver):
                self._module.stores.add((dotted(receiver), ANY_ATTRIBUTE if name is None else name))
            if name is None and attribute is not None and isinstance(receiver, ast.Name):
                self._module.stores |= {(maker, ANY_ATTRIBUTE) for maker in scope.made.get(receiver.id, ())}
        elif name is None:
            self._module.dynamic.setdefault("setattr")
        else:
            self._module.add(name, ValueDef(receiver.lineno, binding="other"))

    def _store_on_self(self, name: str | None, line: int, scope: Scope) -> None:
        if scope.class_facts is None:
            return
        if name is None:
            if scope.function not in _RESTORING_METHODS:
                scope.class_facts.dynamic.setdefault("setattr")
        else:
            found = ValueDef(line, binding="other", function=scope.function)
            scope.class_facts.attributes.setdefault(name, []).append(found)

    def _open(self, scope: Scope, reason: str) -> None:
        """Record why the scope's own names cannot be listed; a method stands for its class."""
        facts = self._module if scope.kind == "module" or scope.class_facts is None else scope.class_facts
        facts.dynamic.setdefault(reason)

    def _literal_namespace_write(self, node: ast.Subscript, scope: Scope) -> None:
        """Bind the name of `globals()["name"] = value` and `self.__dict__["name"] = value`."""
        name = string_constant(node.slice)
        if name is None:
            return
        if isinstance(node.value, ast.Call) and dotted(node.value.func) == "globals":
            self._module.add(name, ValueDef(node.lineno, binding="other"))
        elif isinstance(node.value, ast.Attribute) and node.value.attr == "__dict__":
            self._store(node.value.value, node.slice, scope)

    # The import system.

    def _import_system(self, node: ast.Attribute, parent: ast.AST, statement: ast.stmt) -> None:
        """Follow changes of `sys.path`, `sys.modules`, the import hooks and `__path__`."""
        spelled = dotted(node)
        if spelled == "sys.modules" and isinstance(parent, ast.Subscript):
            if not installs_what_is_found(statement, self._tree):
                self._install(parent)
        elif _is_read_or_passed(node, parent):
            return
        elif spelled == "sys.path":
            self._module.changes_sys_path = True
        elif spelled in ("sys.modules", "sys.meta_path", "sys.path_hooks") or node.attr == "__path__":
            self._module.installs.setdefault(ANY_MODULE)

    def _install(self, subscript: ast.Subscript) -> None:
        """Follow `sys.modules[name] = module`: this module replaced, a known one added, or any."""
        if not isinstance(subscript.ctx, ast.Store):
            return
        if isinstance(subscript.slice, ast.Name) and subscript.slice.id == "__name__":
            self._module.dynamic.setdefault("replaced")
        else:
            self._module.installs.setdefault(_installed_name(subscript.slice))


def _installed_name(node: ast.expr) -> str:
    """Return the module that a key of `sys.modules` names, "package.*" for any below a package that it names."""
    match node:
        case ast.Constant(value=str(name)):
            return name
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if "." in start:
            return f"{start.rpartition('.')[0]}.{ANY_MODULE}"
        case _:
            return ANY_MODULE


def _copied_dictionaries(call: ast.Call, scope: Scope) -> tuple[ast.expr, ...]:
    """Return both dictionaries of `x.__dict__.update(y.__dict__)` where both are of objects of the class at hand.

    What one of them has under any name, the class is known to give its objects.
    """
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(value=written, attr="__dict__") as target),
            args=[ast.Attribute(value=read, attr="__dict__") as source],
            keywords=[],
        ) if scope.is_self(written) and scope.is_self(read):
            return (target, source)
        case _:
            return ()


def _keeps_what_is_served(parent: ast.AST, scope: Scope) -> bool:
    """Say whether `globals()[name] = value` in a module's `__getattr__` keeps what it serves, which is told by itself."""
    return (
        isinstance(parent, ast.Subscript)
        and isinstance(parent.slice, ast.Name)
        and scope.function == "__getattr__"
        and scope.class_facts is None
    )


def _expressions(statement: ast.stmt) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield (node, parent) for what stands in `statement` itself, not in the statements inside it."""
    stack: list[tuple[ast.AST, ast.AST]] = [(statement, statement)]
    while stack:
        parent, _ = stack.pop()
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.stmt | ast.ExceptHandler):
                continue
            yield child, parent
            stack.append((child, parent))


def _is_read(node: ast.AST, parent: ast.AST) -> bool:
    """Say whether `parent` uses the dictionary or list `node` in a way that cannot change it."""
    match parent:
        case ast.Attribute(attr=attr):
            return attr in _READING_METHODS
        case ast.Subscript(ctx=context, value=value):
            stores_literal = isinstance(context, ast.Store) and string_constant(parent.slice) is not None
            return value is not node or not isinstance(context, ast.Store) or stores_literal
        case ast.Call(func=ast.Name(id=name)):
            return name in _READING_FUNCTIONS
        case (
            ast.keyword(arg=None) | ast.Compare() | ast.Starred() | ast.comprehension() | ast.FormattedValue()
        ):
            return True
        case ast.For() | ast.Dict() | ast.BinOp() | ast.Expr() | ast.Assert() | ast.UnaryOp():
            return True
    return False


def _is_read_or_passed(node: ast.AST, parent: ast.AST) -> bool:
    """Say whether a list or table of the import system is read or passed on, which functions take to read it."""
    return isinstance(parent, ast.Call | ast.keyword) or _is_read(node, parent)


def _is_harmless_load(parent: ast.AST) -> bool:
    """Say whether `sys.modules[__name__]` below `parent` is only read, or changed in a way that is followed."""
    match parent:
        case ast.Attribute():
            return True
        case ast.Call(func=ast.Name(id="getattr" | "hasattr" | "dir" | "vars" | "setattr" | "delattr")):
            return True
    return False


def is_this_module(node: ast.AST) -> bool:
    """Say whether `node` is `sys.modules[__name__]`."""
    return (
        isinstance(node, ast.Subscript)
        and dotted(node.value) == "sys.modules"
        and isinstance(node.slice, ast.Name)
        and node.slice.id == "__name__"
    )
