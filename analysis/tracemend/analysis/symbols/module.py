"""A module as an importer sees it: stub and source united, with what the interpreter itself says of it."""

from __future__ import annotations

import keyword
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from .model import ANY_MODULE, Definition, ImportDef, ModuleSummary
from .resolve import absolute_name

ModuleKind = Literal["source", "stub", "compiled", "namespace", "builtin"]

# What every module has, whatever its file says.
MODULE_ATTRIBUTES = frozenset(dir(types.ModuleType("module"))) | {
    "__annotations__", "__builtins__", "__warningregistry__", "__cached__", "__dict__", "__file__", "__path__",
}  # fmt: skip


@dataclass(frozen=True)
class Module:
    """One module. Its summary is the union of its stub and its source, the stub's definitions first."""

    name: str
    path: str | None  # Of the source, else of the stub, else of the binary.
    kind: ModuleKind
    summary: ModuleSummary = field(default_factory=ModuleSummary)
    runtime_names: frozenset[str] = frozenset()  # Introspected; empty where nothing is known.
    runtime_classes: Mapping[str, frozenset[str]] = field(default_factory=dict)  # Own names of its classes.
    runtime_functions: Mapping[str, str] = field(default_factory=dict)  # Text signatures of those in C.
    is_partial_stub: bool = False
    is_workspace: bool = False
    is_package: bool = False
    is_stdlib: bool = False
    stub_path: str | None = None

    def absolute(self, spelled: str) -> str | None:
        """Return the absolute name of the module that this one imports as `spelled`."""
        return absolute_name(self.name, self.is_package, spelled)


@dataclass(frozen=True)
class ModuleNames:
    """The names that a module has. Where `closed` is false there may be others, for the reason `why_open`.

    A stub without a source is closed as far as its public names go, since stubs leave private names out.
    """

    names: frozenset[str]
    closed: bool
    why_open: str = ""
    is_public_only: bool = False
    follows_stars: bool = False  # Whether the names rest on other modules as well.

    def lacks(self, name: str) -> bool:
        """Say whether the module certainly has no attribute `name`, and no submodule either."""
        if not self.closed or name in self.names or (name.startswith("__") and name.endswith("__")):
            return False
        return not (self.is_public_only and name.startswith("_"))


def module_names(
    module: Module, find: Callable[[str], Module | None], submodules: Callable[[str], frozenset[str]]
) -> ModuleNames:
    """Return the names of `module`: its own, its submodules, and what its star imports bring from wherever they lead.

    Star imports are followed breadth first, each module once, so that cycles need no care. What a star brings is never
    underestimated: all public names and submodules, or the whole module where `__all__` is computed.
    """
    names = set(_own_names(module)) | MODULE_ATTRIBUTES | submodules(module.name)
    names.update(
        one.rpartition(".")[2].strip(ANY_MODULE)
        for one in module.summary.installs
        if one.startswith(f"{module.name}.")
    )
    hooked = makes_submodules(module, find) or installs(module.summary, f"{module.name}.{ANY_MODULE}")
    why_open = why_not_closed(module) or ("import-hook" if hooked else "")
    seen = {module.name}
    pending = _starred(module)
    knows_all = module.is_stdlib and bool(module.runtime_names)  # Those that its stars brought among them.
    while pending:
        name = pending.pop(0)
        target = find(name) if name else None
        if target is None:
            why_open = why_open or ("" if knows_all else "unknown-import")
            continue
        if target.name in seen:
            continue
        seen.add(target.name)
        if target.summary.exported is not None:
            names.update(target.summary.exported)
            continue
        names.update(_exported_by_default(target), submodules(target.name))
        why_open = why_open or ("" if knows_all else why_not_closed(target))
        pending += _starred(target)
    is_public_only = module.kind in ("compiled", "stub", "builtin") and not module.runtime_names
    follows_stars = bool(module.summary.star_imports)
    return ModuleNames(frozenset(names), not why_open, why_open, is_public_only, follows_stars)


def installs(summary: ModuleSummary, name: str) -> bool:
    """Say whether a module says that it puts module `name` into `sys.modules`, or any module of the package above it."""
    above = f"{name.rpartition('.')[0]}.{ANY_MODULE}"
    return name in summary.installs or above in summary.installs


def makes_submodules(module: Module, find: Callable[[str], Module | None]) -> bool:
    """Say whether modules may come into being below a package, by its own code or that of a part which it imports.

    They become names of the package. A part that hangs a finder into the import system is often a module of its own.
    """
    if not module.is_package or module.is_stdlib:
        return False
    if ANY_MODULE in module.summary.installs:
        return True
    parts = (find(one) for one in sorted(_imported_parts(module)))
    return any(one is not None and ANY_MODULE in one.summary.installs for one in parts)


def why_not_closed(module: Module) -> str:
    """Return why the module's own names, star imports aside, cannot be listed; empty where they can."""
    dynamic = module.summary.dynamic
    if module.kind == "namespace":
        return "namespace"
    if module.runtime_names:
        # Of the standard library's `__getattr__`s the runtime names include all that they can serve.
        return "getattr" if "__getattr__" in module.runtime_names and not module.is_stdlib else ""
    if module.kind in ("compiled", "builtin") and module.stub_path is None:
        return "compiled"
    return dynamic[0] if dynamic else ""


def union_of(
    stub: ModuleSummary | None, source: ModuleSummary | None, *, needs_source: bool
) -> ModuleSummary:
    """Return the union of a module's stub and source; `needs_source` says that a stub alone is not all.

    A stub that says itself to be partial (`def __getattr__`) opens the module only where there is no source to add.
    """
    if stub is None:
        return source or ModuleSummary()
    if source is None:
        return replace(stub, dynamic=(*stub.dynamic, "partial-stub")) if needs_source else stub
    dynamic = [one for one in stub.dynamic if one != "partial-stub"]
    both_exported = stub.exported is not None and source.exported is not None
    return ModuleSummary(
        _joined(stub.names, source.names),
        tuple(dict.fromkeys((*stub.star_imports, *source.star_imports))),
        tuple(dict.fromkeys((*(stub.exported or ()), *(source.exported or ())))) if both_exported else None,
        True,
        tuple(dict.fromkeys((*dynamic, *source.dynamic))),
        stub.stores | source.stores,
        source.installs,
        source.changes_sys_path,
        source.local_classes,
    )


def _joined(
    first: Mapping[str, tuple[Definition, ...]], second: Mapping[str, tuple[Definition, ...]]
) -> Mapping[str, tuple[Definition, ...]]:
    return {name: (*first.get(name, ()), *second.get(name, ())) for name in {**first, **second}}


def _imported_parts(module: Module) -> set[str]:
    """Return the names that a package imports from below itself; some of them are modules."""
    parts: set[str] = set()
    for definitions in module.summary.names.values():
        for one in definitions:
            if isinstance(one, ImportDef) and (source := module.absolute(one.module)) is not None:
                parts.update((source, f"{source}.{one.name}") if one.name else (source,))
    return {one for one in parts if one.startswith(f"{module.name}.")}


def _starred(module: Module) -> list[str]:
    return [module.absolute(one) or "" for one in module.summary.star_imports]


def _own_names(module: Module) -> Iterable[str]:
    return (*module.summary.names, *(module.summary.exported or ()), *module.runtime_names)


def _exported_by_default(module: Module) -> Iterable[str]:
    """Yield what a star import takes of a module whose `__all__` is missing or computed."""
    if "__all__" in module.summary.names or "__all__" in module.runtime_names:
        return _own_names(module)
    return (name for name in _own_names(module) if not name.startswith("_") and not keyword.iskeyword(name))
