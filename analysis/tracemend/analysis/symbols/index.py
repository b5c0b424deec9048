"""All modules that a project's code can import, looked up by name and read when asked for.

`Index` joins the parts: `resolve` finds files, `summarize` reads them, `store` keeps what was read, `introspect` knows the
standard library from its own mouth, `workspace` answers what concerns all files. An index is asked from many threads;
what it returns are values, and a changed file replaces them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .absence import is_certainly_absent
from .environment import PythonEnvironment
from .files import read_source
from .introspect import Introspector, RuntimeNames, stdlib_names
from .layout import project_roots
from .model import ModuleSummary
from .module import Module, ModuleKind, ModuleNames, module_names, union_of
from .resolve import Directories, Finder, Location, sibling_root
from .store import FileFacts, Stamp, SummaryStore, content_digest
from .summarize import summarize
from .text_signatures import summary_of
from .typeshed import typeshed_directory
from .workspace import Store, Workspace

MAX_SOURCE_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class _Read:
    """A summary with what it was made of: an unsaved text, or a file with this stamp."""

    summary: ModuleSummary
    text: str | None
    stamp: Stamp | None


class Index:
    """The modules of the project at `root` and of its interpreter.

    `overlay` maps absolute paths to unsaved text, which counts in place of the file. `cache` is a directory to keep
    summaries in. `introspector` answers for installed extension modules without a stub, if the caller may load them.
    """

    def __init__(
        self,
        root: Path,
        environment: PythonEnvironment,
        *,
        cache: Path | None = None,
        overlay: Mapping[str, str] | None = None,
        introspector: Introspector | None = None,
    ) -> None:
        self.root = Path(os.path.abspath(root))
        self.environment = environment
        self._cache = cache
        self._overlay = dict(overlay or {})
        self._introspector = introspector
        self._lock = threading.RLock()
        self._generation = 0
        self._store = SummaryStore(cache) if cache else None
        self._directories = Directories(self._overlay)
        roots = [str(one) for one in project_roots(self.root)]
        self._finder = Finder(environment, roots, typeshed_directory(), self._directories)
        self._reads: dict[str, _Read] = {}
        self._modules: dict[tuple[str, str], Module | None] = {}
        self._names: dict[str, ModuleNames] = {}
        self._sibling_roots: set[str] = set()
        self._workspace = Workspace(str(self.root), self._facts_of, self._known_facts)

    @property
    def generation(self) -> int:
        """A number that grows with each `update`; as long as it stays, answers may be kept."""
        return self._generation

    def module(self, name: str, *, near: str | None = None) -> Module | None:
        """Return the absolute module `name` as the interpreter would import it, None where it is not found.

        `near` is the path of the importing file, whose directory may stand on `sys.path` as well. That a module is not
        found does not say that there is none: for that ask `knows_absent`.
        """
        sibling = self._sibling_root(near)
        modules = self._modules
        key = (name, sibling)
        if key not in modules:
            modules[key] = self._build(name, sibling)
        return modules[key]

    def module_names(self, module: Module) -> ModuleNames:
        """Return the names of `module`, its star imports followed, and whether there can be others."""
        names = self._names
        key = module.path or module.name
        found = names.get(key)
        if found is None:
            near = module.path
            found = module_names(module, lambda name: self.module(name, near=near), self.submodules)
            names[key] = found
        return found

    def knows_absent(self, name: str, *, near: str | None = None) -> bool:
        """Say whether there certainly is no absolute module `name`, imported from the file at `near`."""
        return is_certainly_absent(self, name, near)

    def submodules(self, package: str) -> frozenset[str]:
        """Return the names of the modules directly inside the absolute `package`.

        A package that only files beside it can import is looked for beside every file that has asked for a module.
        """
        location = self._finder.find(package)
        if location is not None:
            return self._finder.submodules(location)
        beside = (self._finder.find(package, extra_roots=(one,)) for one in tuple(self._sibling_roots))
        return frozenset().union(*(self._finder.submodules(one) for one in beside if one is not None))

    def names_stdlib(self, name: str) -> bool:
        """Say whether the standard library has a top-level module `name`, which another may shadow."""
        return self._finder.names_stdlib(name)

    def top_level_modules(self) -> frozenset[str]:
        """Return the names of all modules that stand on the search path itself, those of the standard library included."""
        everywhere = Location("", directories=self._finder.search_path)
        packages = frozenset(self.environment.path_files.packages)
        return self._finder.submodules(everywhere) | frozenset(self.environment.stdlib_modules) | packages

    def module_name(self, path: str) -> str | None:
        """Return the absolute name under which the file at `path` is imported, None outside of all search paths."""
        return self._finder.module_name(os.path.abspath(path))

    def summary(self, path: str) -> ModuleSummary | None:
        """Return what the file at the absolute `path` defines by itself, None where it cannot be read."""
        unsaved = self._overlay.get(path)
        kept = self._reads.get(path)
        if kept is not None and kept.text is unsaved:
            return kept.summary
        generation = self._generation
        made = self._read_unsaved(path, unsaved) if unsaved is not None else self._read_file(path)
        if made is not None:
            with self._lock:
                if generation == self._generation:
                    self._reads[path] = made
        return made.summary if made else None

    def text(self, path: str) -> str | None:
        """Return the text of the file at the absolute `path`, unsaved if there is one; None where it cannot be read."""
        if path in self._overlay:
            return self._overlay[path]
        read = read_source(path)
        return None if read is None else read[1]

    def update(self, path: Path, text: str | None) -> None:
        """Take note of a change: `text` is the unsaved text of a buffer, None says that the disk counts again."""
        absolute = os.path.abspath(path)
        with self._lock:
            self._generation += 1
            was_there = self._directories.holds(absolute)
            if text is not None:
                self._overlay[absolute] = text
                self._directories.add_unsaved(absolute)
            else:
                self._overlay.pop(absolute, None)
                self._directories.remove_unsaved(absolute)
            self._reads.pop(absolute, None)
            self._forget(absolute, is_new_or_gone=was_there != self._directories.holds(absolute))
        self._workspace.update(absolute)

    def stores_on(self, attribute: str) -> frozenset[Store]:
        """Return where the workspace assigns `attribute` from outside of a class or module.

        `X.attr = ...`, `setattr(X, "attr", ...)`, `monkeypatch.setattr`, `mock.patch` and `del`; under `ANY_ATTRIBUTE`
        where a name is computed. Classes of installed packages have theirs in the `stores` of their own module.
        """
        return self._workspace.stores_on(attribute)

    def workspace_files(self) -> Iterator[Path]:
        """Yield the Python files of the project."""
        return map(Path, self._workspace.files())

    def workspace_facts(self) -> Mapping[str, FileFacts]:
        """Return the facts of every file of the project; the first call reads them all."""
        return self._workspace.facts()

    def has_other_languages(self, endings: tuple[str, ...], names: Collection[str]) -> bool:
        """Say whether the project holds files with these endings or names, from which modules may be built."""
        return self._workspace.holds(endings, names)

    def workspace_parts(self) -> frozenset[str]:
        """Return the names of all modules and directories of the project, on whatever path they may be found."""
        return self._workspace.parts()

    def close(self) -> None:
        """Write what has been learnt to the cache."""
        if self._store is not None:
            self._store.close()

    def _forget(self, path: str, *, is_new_or_gone: bool) -> None:
        """Forget what may rest on the file at `path`; tables are replaced, for other threads may be filling them.

        A file that comes or goes may turn any name to another module. The text of one concerns its own module, and the
        names of those that import with a star.
        """
        if is_new_or_gone:
            self._modules, self._names = {}, {}
            return
        self._modules = {
            key: one
            for key, one in tuple(self._modules.items())
            if one is None or path not in (one.path, one.stub_path)
        }
        self._names = {
            key: one for key, one in tuple(self._names.items()) if key != path and not one.follows_stars
        }

    # Building modules.

    def _build(self, name: str, sibling: str) -> Module | None:
        location = self._finder.find(name)
        if location is None and sibling:
            location = self._finder.find(name, extra_roots=(sibling,))
        if location is None:
            return None
        stub = self.summary(location.stub) if location.stub else None
        source = self.summary(location.source) if location.source else None
        runtime = self._runtime_names(location)
        is_workspace = self._finder.is_in_workspace(location)
        summary = union_of(stub, source, needs_source=location.is_partial_stub)
        if runtime is not None and stub is None and source is None:
            summary = summary_of(runtime)
        if is_workspace and self.names_stdlib(name.partition(".")[0]):
            summary = replace(summary, dynamic=(*summary.dynamic, "shadows-stdlib"))
        return Module(
            name,
            location.path,
            _kind(location),
            summary,
            runtime.names if runtime else frozenset(),
            runtime.classes if runtime else {},
            runtime.functions if runtime else {},
            location.is_partial_stub,
            is_workspace,
            location.is_package,
            self._finder.is_stdlib(location),
            location.stub,
        )

    def _runtime_names(self, location: Location) -> RuntimeNames | None:
        if self._finder.is_stdlib(location):
            return stdlib_names(self.environment, self._cache).get(location.name)
        binary = location.compiled
        if self._introspector is None or not binary or location.source or location.stub:
            return None
        is_installed = any(binary.startswith(os.path.join(one, "")) for one in self.environment.site_packages)
        return self._introspector(location.name, binary) if is_installed else None

    def _sibling_root(self, near: str | None) -> str:
        if near is None or not near.startswith(os.path.join(str(self.root), "")):
            return ""
        found = sibling_root(near, self._directories)
        self._sibling_roots.add(found)
        return found

    # Reading files.

    def _read_unsaved(self, path: str, text: str) -> _Read:
        return _Read(summarize(text, is_stub=path.endswith(".pyi")), text, None)

    def _read_file(self, path: str) -> _Read | None:
        try:
            found = os.stat(path)
        except OSError:
            return None
        stamp = (found.st_mtime_ns, found.st_size)
        if found.st_size > MAX_SOURCE_BYTES:
            return _Read(ModuleSummary(dynamic=("too-large",)), None, stamp)
        kept = self._store.lookup(path, stamp) if self._store else None
        if kept is not None:
            return _Read(kept, None, stamp)
        read = read_source(path)
        return None if read is None else _Read(self._summarized(path, stamp, *read), None, stamp)

    def _summarized(self, path: str, stamp: Stamp, data: bytes, text: str) -> ModuleSummary:
        is_stub = path.endswith(".pyi")
        if self._store is None:
            return summarize(text, is_stub=is_stub)
        digest = content_digest(data, is_stub=is_stub)
        known = self._store.lookup_content(path, stamp, digest)
        if known is not None:
            return known
        summary = summarize(text, is_stub=is_stub)
        self._store.put(path, stamp, digest, summary)
        return summary

    def _facts_of(self, path: str) -> FileFacts | None:
        """Read the facts of one file without holding on to its summary."""
        is_held = path in self._reads or path in self._overlay
        summary = self.summary(path)
        if not is_held:
            self._reads.pop(path, None)
        return FileFacts.of(summary) if summary is not None else None

    def _known_facts(self, root: str) -> dict[str, tuple[Stamp, FileFacts]]:
        known = self._store.facts_below(root) if self._store else {}
        return {path: facts for path, facts in known.items() if path not in self._overlay}


def _kind(location: Location) -> ModuleKind:
    if location.is_builtin:
        return "builtin"
    if location.is_namespace:
        return "namespace"
    if location.source:
        return "source"
    return "compiled" if location.compiled else "stub"
