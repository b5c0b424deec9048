"""From a dotted name to files, as the import system of the project's interpreter would go (PEP 420, PEP 561).

Where the interpreter takes the first match, so does this; where what it would find depends on how it is started, all
that it might find is kept: every portion of a package is searched for submodules, a `.pyi` beside a `.py` and a stub-only
distribution are named along with the source. Files of unsaved buffers count as present.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from .environment import PythonEnvironment

_STUBS = "-stubs"


@dataclass(frozen=True)
class Location:
    """The files of one module. `directories` is where its submodules are; a namespace package has nothing else."""

    name: str
    source: str | None = None
    stub: str | None = None
    compiled: str | None = None
    directories: tuple[str, ...] = ()
    is_package: bool = False
    is_builtin: bool = False
    is_partial_stub: bool = False

    @property
    def is_namespace(self) -> bool:
        """Whether the package has no file of its own."""
        return self.is_package and not (self.source or self.stub or self.compiled)

    @property
    def is_stub_only(self) -> bool:
        """Whether there is a stub and nothing that could be run, so that the search for that goes on."""
        return self.stub is not None and not (self.source or self.compiled)

    @property
    def path(self) -> str | None:
        """The file that tells most: the source before the stub before the binary."""
        return self.source or self.stub or self.compiled


class Directories:
    """What stands in directories, listed once each; `forget` when something has changed.

    Unsaved files count as present, with the directories above them that are yet to be made.
    """

    def __init__(self, unsaved: Collection[str] = ()) -> None:
        self._listed: dict[str, frozenset[str]] = {}
        self._unsaved = set(unsaved)

    def names(self, directory: str) -> frozenset[str]:
        """Return the names in `directory`; none where it cannot be read."""
        found = self._listed.get(directory)
        if found is None:
            try:
                found = frozenset(os.listdir(directory))
            except OSError:
                found = frozenset()
            inside = os.path.join(directory, "")
            unsaved = (path[len(inside) :] for path in tuple(self._unsaved) if path.startswith(inside))
            found |= {path.partition(os.sep)[0] for path in unsaved}
            self._listed[directory] = found
        return found

    def holds(self, path: str) -> bool:
        """Say whether the file at `path` is present."""
        directory, name = os.path.split(path)
        return name in self.names(directory)

    def add_unsaved(self, path: str) -> None:
        """Count the file at `path` as present."""
        if path not in self._unsaved:
            self._unsaved.add(path)
            self.forget(path)

    def remove_unsaved(self, path: str) -> None:
        """No longer count the file at `path` as present, unless it is."""
        self._unsaved.discard(path)
        self.forget(path)

    def forget(self, path: str) -> None:
        """List the directories around `path` again when they are asked for next."""
        while path != (path := os.path.dirname(path)):
            self._listed.pop(path, None)


class Finder:
    """Finds modules on one search path."""

    def __init__(
        self, environment: PythonEnvironment, roots: Sequence[str], typeshed: str, directories: Directories
    ) -> None:
        self.environment = environment
        self.roots = tuple(roots)
        self.typeshed = typeshed
        self.directories = directories
        self.search_path = (*dict.fromkeys((*self.roots, *environment.paths)),)

    def find(self, name: str, *, extra_roots: Sequence[str] = ()) -> Location | None:
        """Return where the absolute module `name` is, None where it is not found."""
        if not all(part.isidentifier() for part in name.split(".")):
            return None
        parent, _, last = name.rpartition(".")
        if not parent:
            return self._top_level(name, extra_roots)
        package = self.find(parent, extra_roots=extra_roots)
        if package is None:
            return None
        editable = self._editable(name)
        found = editable or self._in(name, last, package.directories)
        return self._with_typeshed(found, name) if self.is_stdlib(package) else found

    def submodules(self, location: Location) -> frozenset[str]:
        """Return the names of the modules directly inside a package, stubs included."""
        return frozenset(
            found
            for directory in location.directories
            for name in self.directories.names(directory)
            if (found := self._module_name(directory, name)) is not None
        )

    def is_in_workspace(self, location: Location) -> bool:
        """Say whether the module is one of the project rather than an installed one."""
        path = location.path or next(iter(location.directories), "")
        inside = any(path.startswith(os.path.join(root, "")) for root in self.roots)
        return inside and not any(
            path.startswith(os.path.join(one, ""))
            for one in (*self.environment.site_packages, self.environment.stdlib)
        )

    def is_stdlib(self, location: Location) -> bool:
        """Say whether the module is one of the standard library."""
        path = location.path or next(iter(location.directories), "")
        return location.is_builtin or path.startswith(self.typeshed) or self.environment.is_stdlib_path(path)

    def names_stdlib(self, name: str) -> bool:
        """Say whether the standard library has the top-level module `name`, its `test` package included."""
        inside = self.directories.names(self.environment.stdlib)
        return name in self.environment.stdlib_modules or name in inside or f"{name}.py" in inside

    def module_name(self, path: str) -> str | None:
        """Return the absolute name of the module in the file at `path`, by the longest directory of the search path."""
        stem, ending = os.path.splitext(path)
        homes = [one for one in self.search_path if path.startswith(os.path.join(one, ""))]
        if ending not in (".py", ".pyi") or not homes:
            return None
        parts = os.path.relpath(stem, max(homes, key=len)).split(os.sep)
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        parts[:1] = [one.removesuffix(_STUBS) for one in parts[:1]]
        return ".".join(parts) if parts and all(one.isidentifier() for one in parts) else None

    def _top_level(self, name: str, extra_roots: Sequence[str]) -> Location | None:
        environment = self.environment
        editable = self._editable(name)
        if editable is not None:
            return editable
        found = self._in(name, name, (*extra_roots, *self.search_path))
        is_builtin = name in environment.builtin_modules
        if is_builtin and (found is None or not self.is_in_workspace(found)):
            found = Location(name, is_builtin=True)
        if name in environment.stdlib_modules or name in ("_typeshed", "typing_extensions"):
            return self._with_typeshed(found, name)
        return self._with_stub_distribution(found, name)

    def _editable(self, name: str) -> Location | None:
        """Return the module that an editable install's finder knows, which comes before `sys.path` is searched."""
        home = self.environment.path_files.packages.get(name)
        if home is None:
            return None
        last = name.rpartition(".")[2]
        directory, base = os.path.split(home)
        if base == last or base.startswith((f"{last}.", "__init__.")):
            at = directory if not base.startswith("__init__.") else os.path.dirname(directory)
            return self._in(name, last, (at,))
        initial = self._package(name, home)
        return initial or Location(name, directories=(home,), is_package=True)

    def _in(self, name: str, last: str, search_path: Sequence[str]) -> Location | None:
        """Search `search_path` for one component; a regular package or module ends the search, namespaces add up."""
        portions: list[str] = []
        found: Location | None = None
        for directory in search_path:
            names = self.directories.names(directory)
            inner = os.path.join(directory, last)
            if found is None or found.is_stub_only:
                there = self._package(name, inner) if last in names else None
                found = _merged(found, there or self._module(name, directory, last, names))
            if last in names and inner not in portions and self._is_directory(directory, last):
                portions.append(inner)
        portions += self.environment.path_files.namespaces.get(name, ())
        if found is None:
            return Location(name, directories=tuple(portions), is_package=True) if portions else None
        further = (one for one in portions if one not in found.directories)
        return replace(found, directories=(*found.directories, *further)) if found.is_package else found

    def _package(self, name: str, directory: str) -> Location | None:
        names = self.directories.names(directory)
        files = self._files(directory, "__init__", names)
        return None if files is None else Location(name, *files, (directory,), is_package=True)

    def _module(self, name: str, directory: str, last: str, names: frozenset[str]) -> Location | None:
        files = self._files(directory, last, names)
        return None if files is None else Location(name, *files)

    def _files(
        self, directory: str, stem: str, names: frozenset[str]
    ) -> tuple[str | None, str | None, str | None] | None:
        """Return (source, stub, compiled) of the module `stem`, None where there is none of them."""
        source = f"{stem}.py" if f"{stem}.py" in names else None
        stub = f"{stem}.pyi" if f"{stem}.pyi" in names else None
        endings = (*self.environment.extension_suffixes, ".pyc")
        compiled = next((f"{stem}{one}" for one in endings if f"{stem}{one}" in names), None)
        if not (source or stub or compiled):
            return None
        at = [os.path.join(directory, one) if one else None for one in (source, stub, compiled)]
        return at[0], at[1], at[2]

    def _with_stub_distribution(self, found: Location | None, name: str) -> Location | None:
        """Add the stubs of a `name-stubs` distribution, which come before the package's own (PEP 561)."""
        for directory in self.search_path:
            if name + _STUBS not in self.directories.names(directory):
                continue
            home = os.path.join(directory, name + _STUBS)
            initial = self._package(name, home) or Location(name, directories=(home,), is_package=True)
            if found is None:
                return initial
            return replace(
                found,
                stub=initial.stub or found.stub,
                directories=(*initial.directories, *found.directories),
                is_package=True,
                is_partial_stub=self._is_partial(home),
            )
        return found

    def _with_typeshed(self, found: Location | None, name: str) -> Location | None:
        """Add the stub of typeshed to a module of the standard library; only the interpreter says that it is there."""
        parts = name.split(".")
        *above, last = parts
        stub = self._in(name, last, (os.path.join(self.typeshed, *above),))
        if stub is None or stub.is_namespace:
            return found
        if found is None:
            known = name in self.environment.stdlib_modules or parts[0] in ("_typeshed", "typing_extensions")
            return stub if known else None
        return replace(
            found,
            stub=found.stub or stub.stub,
            directories=(*found.directories, *stub.directories),
            is_package=found.is_package or stub.is_package,
        )

    def _is_partial(self, stubs: str) -> bool:
        if "py.typed" not in self.directories.names(stubs):
            return False
        try:
            with open(os.path.join(stubs, "py.typed"), encoding="utf-8", errors="replace") as file:
                return "partial" in file.read(100).split()
        except OSError:
            return False

    def _is_directory(self, directory: str, name: str) -> bool:
        inner = os.path.join(directory, name)
        return bool(self.directories.names(inner)) or os.path.isdir(inner)

    def _module_name(self, directory: str, name: str) -> str | None:
        """Return the module that the directory entry `name` stands for, if any."""
        stem, dot, _ = name.partition(".")
        if not stem.isidentifier() or stem in ("__init__", "__pycache__"):
            return None
        if not dot:
            return stem if self._is_directory(directory, name) else None
        endings = (".py", ".pyi", ".pyc", *self.environment.extension_suffixes)
        return stem if name[len(stem) :] in endings else None


def absolute_name(module: str, is_package: bool, spelled: str) -> str | None:
    """Return the absolute name of what `module` imports as `spelled`, None where the dots leave the top package."""
    name = spelled.lstrip(".")
    level = len(spelled) - len(name)
    if level == 0:
        return name or None
    parts = module.split(".")
    above = level - 1 if is_package else level
    if not module or above >= len(parts):
        return None
    base = parts[: len(parts) - above]
    return ".".join([*base, name] if name else base)


def sibling_root(path: str, directories: Directories) -> str:
    """Return the directory that running or collecting the file at `path` puts on `sys.path`.

    That is the nearest directory above it which is not a package (pytest's `rootdir/conftest` rule, import mode prepend).
    """
    directory = os.path.dirname(path)
    while "__init__.py" in directories.names(directory) and directory != os.path.dirname(directory):
        directory = os.path.dirname(directory)
    return directory


def walk(root: str, skipped: Collection[str]) -> Iterator[os.DirEntry[str]]:
    """Yield the files below `root`; directories that are hidden, of an environment or named in `skipped` are left out."""
    stack = [root]
    while stack:
        try:
            with os.scandir(stack.pop()) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        if any(entry.name == "pyvenv.cfg" for entry in found):
            continue
        for entry in found:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and entry.name not in skipped:
                        stack.append(entry.path)
                elif entry.is_file():
                    yield entry
            except OSError:
                continue


def _merged(stub: Location | None, found: Location | None) -> Location | None:
    """Return `found` with the stub that was met before it on the search path."""
    if stub is None or found is None:
        return stub or found
    if found.is_stub_only:
        return stub
    directories = tuple(dict.fromkeys((*stub.directories, *found.directories)))
    is_package = stub.is_package or found.is_package
    return replace(found, stub=stub.stub, directories=directories, is_package=is_package)
