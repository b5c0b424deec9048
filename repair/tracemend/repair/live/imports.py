"""Which files of the project reach which by their imports.

Names are resolved by path alone: a dotted name may be any file that ends so and begins in a folder that is no package,
for such folders are what stands on `sys.path`. Where that finds more than the interpreter would, a test runs once too
often. Every import counts, those inside functions and of modules named by a string too, and importing a module imports
the packages around it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import PurePosixPath

from tracemend.repair.live.fingerprints import Fingerprints, Imported

FactsOf = Callable[[str], Fingerprints | None]

CONFTEST = "conftest.py"
_PACKAGE = "__init__.py"


class ProjectModules:
    """The project's Python files by the names that they can be imported under."""

    def __init__(self, paths: Collection[str]) -> None:
        self.paths = frozenset(paths)
        self._packages = {str(PurePosixPath(one).parent) for one in paths if one.endswith(_PACKAGE)}
        self._by_name: dict[str, list[str]] = {}
        for path in sorted(paths):
            for name in self._names(path):
                self._by_name.setdefault(name, []).append(path)

    def imported_by(self, path: str, imports: Iterable[Imported]) -> frozenset[str]:
        """Return the files that `path` imports, the packages around them and around itself included."""
        return (self.around(path) | self.resolved(path, imports)) - {path}

    def resolved(self, path: str, imports: Iterable[Imported]) -> frozenset[str]:
        """Return the files that `imports`, as written in `path`, may name, with the packages around them."""
        found: set[str] = set()
        for one in imports:
            found.update(self._relative(path, one) if one.level else self._absolute(one.name))
        return frozenset(found)

    def around(self, path: str) -> frozenset[str]:
        """Return the packages that `path` stands in."""
        return frozenset(self._around(path))

    def conftests_of(self, test_file: str) -> frozenset[str]:
        """Return the conftest files that pytest loads for `test_file`."""
        candidates = {str(folder / CONFTEST) for folder in PurePosixPath(test_file).parents}
        return frozenset(candidates & self.paths)

    def _absolute(self, name: str) -> Iterator[str]:
        while name:
            yield from self._by_name.get(name, ())
            name = name.rpartition(".")[0]

    def _relative(self, path: str, imported: Imported) -> Iterator[str]:
        parents = PurePosixPath(path).parents
        if imported.level > len(parents):
            return
        folder = parents[imported.level - 1]
        parts = imported.name.split(".") if imported.name else []
        for count in range(len(parts) + 1):
            place = folder.joinpath(*parts[:count])
            yield from {f"{place}.py", str(place / _PACKAGE)} & self.paths

    def _around(self, path: str) -> Iterator[str]:
        for folder in PurePosixPath(path).parents:
            if str(folder) not in self._packages:
                return
            yield str(folder / _PACKAGE)

    def _names(self, path: str) -> Iterator[str]:
        whole = PurePosixPath(path)
        parts = [*whole.parent.parts] if whole.name == _PACKAGE else [*whole.parent.parts, whole.stem]
        for start in range(len(parts)):
            if str(PurePosixPath(*parts[:start])) not in self._packages:
                yield ".".join(parts[start:])


def files_reaching(
    targets: Collection[str], among: Iterable[str], imports_of: Callable[[str], frozenset[str]]
) -> set[str]:
    """Return the `targets` and all files, starting from `among`, whose imports lead to one of them."""
    importers: dict[str, set[str]] = {}
    waiting, seen = list(among), set(among)
    while waiting:
        path = waiting.pop()
        for imported in imports_of(path):
            importers.setdefault(imported, set()).add(path)
            if imported not in seen:
                seen.add(imported)
                waiting.append(imported)
    found, waiting = set(targets), list(targets)
    while waiting:
        for importer in importers.get(waiting.pop(), ()):
            if importer not in found:
                found.add(importer)
                waiting.append(importer)
    return found
