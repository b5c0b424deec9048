"""Where code means something else than it says: places at which a missing name is expected, handled or never reached.

The oracle proves what exists; a guard says that the author has thought of what does not. `Guard` travels down the tree
with the traversal of `sites`; the functions here decide when it grows. Every guard errs on the side of silence.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

EVERYTHING = frozenset({"Exception", "BaseException"})

# What a condition looks at when it asks which Python, platform or library this is.
_PROBED_ATTRIBUTES = frozenset(
    {
        "version_info", "hexversion", "version", "__version__", "implementation", "platform", "modules", "flags",
        "maxsize", "byteorder", "getwindowsversion", "find_spec", "machine", "system", "python_version",
    }
)  # fmt: skip
_PROBING_CALLS = frozenset({"find_spec", "importorskip"})
_RAISING_CONTEXTS = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
_CLASS_NAME = re.compile(r"_*[A-Z]\w*[a-z]\w*$")
_SKIPPING_DECORATORS = re.compile(r"skip|xfail|expectedFailure|no_type_check|overload|requires|needs")
_CONSTANT_FLAG = re.compile(r"(?!TYPE_CHECKING$)_*[A-Z][A-Z0-9_]+$")

_SUPPRESSION = re.compile(
    r"#.*?(?:type:\s*ignore|noqa(?!\s*:\s*(?![A-Z\d ,]*\bF))|pylint:\s*disable|pyright:|pyre-|ty:\s*ignore|tracemend:\s*ignore)"
)
_EXCLUSION = re.compile(r"#\s*pragma\b|#\s*(?:coverage|codecov)\b")
_FILE_SUPPRESSION = re.compile(
    r"^#\s*(?:type:\s*ignore|mypy:\s*ignore-errors|(?:flake8|ruff)[:=]\s*noqa\s*$|pyright:\s*(?:ignore|basic)|tracemend:\s*ignore)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Guard:
    """What surrounds a place: a reason for silence about everything, and the exceptions that are caught around it."""

    silent: str | None = None
    caught: frozenset[str] = frozenset()

    def silenced(self, why: str | None) -> Guard:
        """Return this guard, silent because of `why` unless it is already or `why` is None."""
        return self if why is None or self.silent else replace(self, silent=why)

    def catching(self, exceptions: frozenset[str]) -> Guard:
        """Return this guard inside a `try` that handles `exceptions`."""
        return replace(self, caught=self.caught | exceptions) if exceptions else self

    def reason(self, *exceptions: str) -> str | None:
        """Return why to be silent about a mistake that would raise one of `exceptions`, None to speak."""
        if self.silent:
            return self.silent
        return "caught" if not self.caught.isdisjoint((*exceptions, *EVERYTHING)) else None


class Suppressions:
    """The comments of one text that ask for silence, by line."""

    def __init__(self, text: str) -> None:
        self.whole_file = _FILE_SUPPRESSION.search(text) is not None
        self._suppressed: set[int] = set()
        self._excluded: set[int] = set()
        if "#" in text:
            self._read(text)

    def header(self, first_line: int, last_line: int) -> str | None:
        """Return the slug for the own expressions of a statement that covers these lines, None to speak."""
        return "suppressed" if self._any(self._suppressed | self._excluded, first_line, last_line) else None

    def body(self, first_line: int, last_line: int) -> str | None:
        """Return the slug for the blocks of a statement with this header, which coverage comments leave out whole."""
        return "suppressed" if self._any(self._excluded, first_line, last_line) else None

    def _read(self, text: str) -> None:
        for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
            if "#" in line:
                if _SUPPRESSION.search(line):
                    self._suppressed.add(number)
                if _EXCLUSION.search(line):
                    self._excluded.add(number)

    def _any(self, lines: set[int], first_line: int, last_line: int) -> bool:
        return bool(lines) and any(line in lines for line in range(first_line, last_line + 1))


def caught_by(handlers: Iterable[ast.ExceptHandler]) -> frozenset[str]:
    """Return the names of the exceptions that `handlers` handle; a handler that cannot be read handles everything.

    Handlers that only raise again hide nothing.
    """
    caught: set[str] = set()
    for handler in handlers:
        if not _only_raises_again(handler):
            caught |= exception_names(handler.type)
    return frozenset(caught)


def exception_names(expression: ast.expr | None) -> frozenset[str]:
    """Return the last names of the classes in an `except` clause, with the parents by which they are also known."""
    match expression:
        case None:
            return EVERYTHING
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return frozenset(_WIDER.get(name, (name,)))
        case ast.Tuple(elts=elements):
            return frozenset().union(*(exception_names(one) for one in elements))
        case _:
            return EVERYTHING


_WIDER = {
    "ImportError": ("ImportError", "ModuleNotFoundError"),
    "NameError": ("NameError", "UnboundLocalError"),
    "LookupError": ("LookupError", "KeyError"),
    "StandardError": ("Exception",),
}
_OF_COMPATIBILITY = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "NameError"})


def is_compatibility(handlers: Iterable[ast.ExceptHandler]) -> bool:
    """Say whether one of `handlers` answers a name that is not there, so that they too are code for other versions."""
    return any(
        one.type is not None and not exception_names(one.type).isdisjoint(_OF_COMPATIBILITY)
        for one in handlers
    )


def is_probing(test: ast.expr) -> bool:
    """Say whether a condition asks which Python, platform or library this is, or what an object has."""
    return any(_probes(node) for node in ast.walk(test)) or _tests_flag(test)


def chooses_alias(node: ast.If) -> bool:
    """Say whether both branches do nothing but give names to what exists: `if is_old: X = a.X` and `else: X = b.X`."""
    return bool(node.orelse) and all(map(_is_alias, (*node.body, *node.orelse)))


def never_true(test: ast.expr) -> bool:
    """Say whether a condition is a constant that is false."""
    return isinstance(test, ast.Constant) and not test.value


def ends_block(statement: ast.stmt) -> bool:
    """Say whether nothing after `statement` in its block is reached."""
    match statement:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.Assert(test=test):
            return never_true(test)
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(attr="exit" | "_exit" | "abort" | "skip" | "fail" | "xfail"))
        ):
            return True
        case ast.If(test=ast.Constant(value=value), body=body) if value:
            return ends_block(body[-1])
        case ast.If(body=body, orelse=orelse) if orelse:
            return ends_block(body[-1]) and ends_block(orelse[-1])
        case _:
            return False


def guards_rest(statement: ast.stmt) -> bool:
    """Say whether what follows `statement` in its block runs on some Pythons or platforms only."""
    match statement:
        case ast.If(test=test, body=body, orelse=[]):
            return ends_block(body[-1]) and is_probing(test)
        case ast.Assert(test=test):
            return is_probing(test)
        case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
            return _last_name(call.func) == "importorskip" and asks_for_version(call)
        case _:
            return False


def asks_for_version(call: ast.Call) -> bool:
    """Say whether `importorskip` asks for more than that there is such a module."""
    return len(call.args) != 1 or any(one.arg != "reason" for one in call.keywords)


def skipped_without(statement: ast.stmt) -> frozenset[str]:
    """Return the exceptions that cannot come behind `statement` in its block: it has left where an import fails."""
    match statement:
        case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
            is_skipping = _last_name(call.func) == "importorskip"
            return exception_names(ast.Name("ImportError")) if is_skipping else frozenset()
        case _:
            return frozenset()


def runs_as_script(test: ast.expr) -> bool:
    """Say whether a condition is that of a script's end, which no test runs: that is all that `no cover` says there."""
    match test:
        case ast.Compare(
            left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]
        ):
            return True
        case _:
            return False


def context_guard(items: Sequence[ast.withitem]) -> tuple[str | None, frozenset[str]]:
    """Return what a `with` does for its body: the slug of a test that expects an error, and the exceptions it catches.

    A test that expects a `ValueError` fails with any other error, so that only what it names is expected.
    """
    caught: frozenset[str] = frozenset()
    for item in items:
        call = item.context_expr
        name = _last_name(call.func) if isinstance(call, ast.Call) else None
        if not isinstance(call, ast.Call) or name is None:
            continue
        if name == "suppress":
            caught = caught.union(*(exception_names(one) for one in call.args))
        elif name == "RaisesGroup" or (name in _RAISING_CONTEXTS and not _names_classes(call.args[:1])):
            return "raises", caught
        elif name in _RAISING_CONTEXTS:
            caught |= exception_names(call.args[0])
    return None, caught


def _names_classes(expected: Sequence[ast.expr]) -> bool:
    """Say whether `expected` are classes by their names, no variables that may stand for any exception."""
    match expected:
        case [ast.Tuple(elts=elements)]:
            return bool(elements) and all(_names_classes([one]) for one in elements)
        case [ast.Attribute(value=ast.Name(id="self" | "cls"))]:
            return False
        case [ast.Name(id=name) | ast.Attribute(attr=name)]:
            return _CLASS_NAME.match(name) is not None
        case _:
            return False


def decorator_guard(decorators: Iterable[ast.expr]) -> str | None:
    """Return the slug of a function or class that is skipped, expected to fail, or an overload."""
    for decorator in decorators:
        if any(_SKIPPING_DECORATORS.search(_last_name(node) or "") for node in ast.walk(decorator)):
            return "decorated"
    return None


def probed_names(tree: ast.Module) -> frozenset[str]:
    """Return the attributes that the file asks for by name: hasattr(x, "y"), getattr(x, "y", z), setattr(x, "y", z)."""
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=function, args=[_, ast.Constant(value=str(name)), *_]) if _last_name(function) in (
                "hasattr", "getattr", "setattr", "delattr", "object", "__setattr__", "attrgetter", "methodcaller",
            ):  # fmt: skip
                names.add(name)
    return frozenset(names)


def _is_alias(statement: ast.stmt) -> bool:
    match statement:
        case (
            ast.Assign(targets=[ast.Name()], value=ast.Name() | ast.Attribute())
            | ast.Import()
            | ast.ImportFrom()
        ):
            return True
        case _:
            return False


def _only_raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and not any(
        isinstance(node, ast.Return | ast.Continue | ast.Break)
        for one in handler.body
        for node in ast.walk(one)
    )


def _probes(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr="name"):
            return True
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in _PROBED_ATTRIBUTES
        case ast.Call(func=function):
            return _last_name(function) in _PROBING_CALLS
        case _:
            return False


def _tests_flag(test: ast.expr) -> bool:
    """Say whether the truth of the condition is that of a constant such as PY2 or six.PY3."""
    match test:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _CONSTANT_FLAG.match(name) is not None
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _tests_flag(operand)
        case ast.BoolOp(values=values):
            return any(map(_tests_flag, values))
        case _:
            return False


def _last_name(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return None
