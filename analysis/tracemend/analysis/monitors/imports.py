"""M2: modules and names that an import asks for.

A name is wrong if its module was found and its names are closed. A submodule is wrong if its package was found and is
closed. A top-level module that is not installed is no mistake by itself, it may be an optional dependency: it is one
only if its name is a slip of the pen away from a module that is there (see `_misspelt`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import ImportDef

from .guards import Guard
from .nearest import edit_distance, nearest_names
from .position import position_of
from .protocol import (
    Allowed,
    Finding,
    Forbidden,
    Hole,
    Judgement,
    Passed,
    Silent,
    Unknown,
    Verdict,
    judge_word,
)
from .sites import FileView

if TYPE_CHECKING:
    from tracemend.analysis.symbols.index import Index
    from tracemend.analysis.types.document import Document

RULE_NAME = "unknown-import"
RULE_MODULE = "unknown-module"
# Shorter names, and names that differ in their first letter, are too often modules of their own: re, ujson.
SHORTEST_MISSPELT = 5

_FROM_NAMES = re.compile(r"\s*from\s*(\.*)\s*([\w.\s]*?)\s*\bimport\s*\(?\s*(?:[\w\s]+,\s*)*$")
_MODULE_NAME = re.compile(r"\s*(?:import\s+(?:[\w.\s]+,\s*)*|from\s*)(\.*)((?:\w+\.)*)$")
_FROM_MODULE = re.compile(r"from\s*(\.*)\s*([\w.]+)")
_WORD = re.compile(r"\w*")


class ImportMonitor:
    """Judges `import a.b` and `from a import b`."""

    name = "imports"

    def __init__(self, index: Index) -> None:
        self._index = index

    def judge(self, hole: Hole, partial: str, *, complete: bool) -> Judgement:
        """Judge the name that `partial` begins with."""
        position = position_of(hole)
        if not position.is_code:
            return Unknown("no-code")
        word = _WORD.match(partial.lstrip())
        assert word is not None, "the pattern matches the empty text"
        ended = complete or word.end() < len(partial.lstrip())
        if found := _FROM_NAMES.match(position.statement):
            known = self._names(hole.document, len(found[1]), found[2])
        elif found := _MODULE_NAME.match(position.statement):
            known = self._modules(hole.document, len(found[1]), found[2].rstrip("."))
        else:
            return Unknown("no-import")
        if isinstance(known, str):
            return Unknown(known)
        names, module = known
        allowed = judge_word(names, word[0], complete=ended)
        if allowed:
            return Allowed(allowed)
        return Forbidden(f"{module} has no {word[0]!r}", nearest_names(word[0], names))

    def review(self, view: FileView) -> Iterator[Verdict]:
        """Yield a verdict for each imported module and each imported name."""
        for node, guard in view.sites(ast.Import):
            for alias in node.names:
                start = view.span(alias)[0]
                yield self._module_verdict(view, alias.name, start, start + len(alias.name), guard)
        for from_node, guard in view.sites(ast.ImportFrom):
            yield from self._review_from(view, from_node, guard)

    def _review_from(self, view: FileView, node: ast.ImportFrom, guard: Guard) -> Iterator[Verdict]:
        module = absolute_module(view.document, node.level, node.module or "")
        start, end = _module_span(view, node)
        if module is None:
            verdict: Verdict = Silent(start, "outside-package")
        else:
            verdict = self._module_verdict(view, module, start, end, guard)
        yield verdict
        known: frozenset[str] | str
        if isinstance(verdict, Passed) and module is not None:
            known = exported_names(self._index, module, view.document.path)
        else:
            known = verdict.why if isinstance(verdict, Silent) else "unknown-module"
        for alias in node.names:
            if alias.name != "*":
                yield self._name_verdict(view, alias, known, module or "")

    def _name_verdict(
        self, view: FileView, alias: ast.alias, known: frozenset[str] | str, module: str
    ) -> Verdict:
        start = view.span(alias)[0]
        if isinstance(known, str):
            return Silent(start, known)
        if alias.name in known and not self._binds_only_itself(view.document, module, alias.name):
            return Passed(start)
        near = nearest_names(alias.name, known - {alias.name})
        message = f"module `{module}` has no name `{alias.name}`"
        return Finding(RULE_NAME, start, start + len(alias.name), message, f"closed module {module}", near)

    def _module_verdict(self, view: FileView, name: str, start: int, end: int, guard: Guard) -> Verdict:
        """Return what is to be said of the module itself."""
        guarded = guard.reason("ImportError", "ModuleNotFoundError")
        if guarded:
            return Silent(start, guarded)
        absent = first_absent(self._index, name, view.document.path)
        if absent is None:
            return Passed(start)
        if isinstance(absent, Unknown):
            return Silent(start, absent.why)
        package, _, last = absent.rpartition(".")
        if package:
            near = nearest_names(last, self._index.submodules(package))
            whole = tuple(f"{package}.{one}{name[len(absent) :]}" for one in near)
            why = f"closed package {package}"
            return Finding(RULE_MODULE, start, end, f"package `{package}` has no module `{last}`", why, whole)
        meant = _misspelt(absent, self._index)
        if not meant or _is_deliberate(view.tree, absent):
            return Silent(start, "not-installed")
        whole = tuple(f"{one}{name[len(absent) :]}" for one in meant)
        return Finding(RULE_MODULE, start, end, f"there is no module `{absent}`", "no such module", whole)

    def _binds_only_itself(self, document: Document, module: str, name: str) -> bool:
        """Say whether a package has `name` only because it imports it from itself, as in `from . import name`."""
        found = self._index.module(module, near=document.path)
        if module != document.module or found is None or name in self._index.submodules(module):
            return False
        definitions = found.summary.names.get(name, ())
        return bool(definitions) and all(
            isinstance(one, ImportDef) and one.name == name and found.absolute(one.module) == module
            for one in definitions
        )

    def _names(self, document: Document, level: int, written: str) -> tuple[frozenset[str], str] | str:
        module = absolute_module(document, level, "".join(written.split()))
        if module is None:
            return "outside-package"
        names = exported_names(self._index, module, document.path)
        return names if isinstance(names, str) else (names, f"module {module}")

    def _modules(self, document: Document, level: int, package: str) -> tuple[frozenset[str], str] | str:
        """Return what may follow `import package.`; top-level modules are never masked."""
        absolute = absolute_module(document, level, package)
        if not absolute:
            return "top-level"
        why = _open_package(self._index, absolute, document.path)
        return why or (self._index.submodules(absolute), f"package {absolute}")


def absolute_module(document: Document, level: int, module: str) -> str | None:
    """Return the absolute name that a possibly relative import names, None if it leaves the package or has none.

    This is `importlib._bootstrap._resolve_name` (Python reference 5.7).
    """
    if level == 0:
        return module
    package = document.module
    if not (document.path or "").endswith(("__init__.py", "__init__.pyi")):
        package = package.rpartition(".")[0]
    if not package:
        return None
    parts = package.split(".")
    if level > len(parts):
        return None
    base = ".".join(parts[: len(parts) - level + 1])
    return f"{base}.{module}" if module else base


def exported_names(index: Index, module: str, near: str | None) -> frozenset[str] | str:
    """Return every name that `from module import` can reach, or the slug why they cannot be listed."""
    found = index.module(module, near=near)
    if found is None:
        return "unknown-module"
    names = index.module_names(found)
    return names.names if names.closed else names.why_open


def first_absent(index: Index, name: str, near: str | None) -> str | Unknown | None:
    """Return the shortest prefix of the dotted `name` that certainly is no module, None if all of it is there."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        prefix = ".".join(parts[:length])
        if index.module(prefix, near=near) is None:
            return prefix if index.knows_absent(prefix, near=near) else Unknown("unknown-module")
    return None


def _open_package(index: Index, package: str, near: str | None) -> str | None:
    """Return the slug why the submodules of `package` cannot be listed, None if they can."""
    if index.module(package, near=near) is None:
        return "unknown-module"
    known = index.knows_absent(f"{package}.{_SURELY_ABSENT}", near=near)
    return None if known else "unknown-module"


# A name that nobody gives to a module: asking for it tells whether a package's submodules are known completely.
_SURELY_ABSENT = "_tracemend_no_such_module"


def _misspelt(name: str, index: Index) -> tuple[str, ...]:
    """Return the top-level modules that `name` is one slip of the pen away from."""
    if len(name) < SHORTEST_MISSPELT:
        return ()
    known = index.top_level_modules()
    return tuple(
        sorted(
            one
            for one in known
            if one[0] == name[0] and edit_distance(name, one, 1) == 1 and not _differ_by_version(name, one)
        )
    )[:3]


def _is_deliberate(tree: ast.Module, name: str) -> bool:
    """Say whether a file imports top-level module `name` as nobody does by a slip of the pen: in a function, or repeatedly.

    That is how a package is imported that need not be installed, whatever other module is spelt like it.
    """
    imports = [node for node in ast.walk(tree) if _imports(node, name)]
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return len(imports) > 1 or any(_imports(node, name) for one in functions for node in ast.walk(one))


def _imports(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Import(names=aliases):
            return any(one.name.partition(".")[0] == name for one in aliases)
        case ast.ImportFrom(module=str(module), level=0):
            return module.partition(".")[0] == name
        case _:
            return False


def _differ_by_version(name: str, other: str) -> bool:
    """Say whether only digits, underscores or a plural tell the two apart: pathlib2, attr and attrs."""
    return name.rstrip("s_0123456789") == other.rstrip("s_0123456789")


def _module_span(view: FileView, node: ast.ImportFrom) -> tuple[int, int]:
    """Return where the module stands in `from module import name`; the statement's start where it stands apart."""
    start, end = view.span(node)
    found = _FROM_MODULE.match(view.document.text, start, end)
    return found.span(2) if found else (start, min(end, start + len("from")))
