"""Which tests a change may affect: what each test executed, against what changed.

A *footprint* is the set of blocks that a test entered. Only one that was measured in a process where no other test had
run says all that the test needs: in a shared process the first test that comes along imports lazily, fills caches and
sets fixtures up for the others. So

* a change inside functions affects the tests that entered one of them, by a footprint measured alone; a test without
  such a footprint is affected by any change of a file that its own files reach by imports;
* a function that becomes a generator, or ceases to be one, changes like its body where calls of generators are recorded
  (before Python 3.12), like the module elsewhere and where pytest itself looks at it, in files of tests;
* a change at module level (imports, constants, class bodies, signatures, functions that come or go, functions that ran
  while the project was collected) affects the tests whose files reach the changed one, or reach a file that the changed
  one registers something in;
* a test that starts other processes, in which nothing is recorded, is affected by every change of Python code;
* a change of pytest's or the project's configuration, or of a file that is not Python, affects all tests; that of a text
  for people only its own doctests.

Wherever the answer is not certain the test runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from tracemend.repair.live.fingerprints import MODULE_LEVEL, Fingerprints, Imported, function_of_kind
from tracemend.repair.live.imports import CONFTEST, FactsOf, ProjectModules, files_reaching

Block = tuple[str, str]  # (path, qualified name; "" for module level)

CONFIGURATION = frozenset({
    "pyproject.toml", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "setup.cfg",
})  # fmt: skip
PROSE_SUFFIXES = frozenset({".md", ".rst", ".adoc"})


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a test entered. `alone`: no other test had run in its process. `processes`: it started other ones."""

    blocks: frozenset[Block]
    alone: bool
    processes: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What one update changed: blocks of a Python file, or a file that is none."""

    path: str
    blocks: frozenset[str] = frozenset()
    reached: frozenset[Imported] = frozenset()  # What module-level code reaches for, before or after.
    exists: bool = True  # False where the file came or went.

    @property
    def is_python(self) -> bool:
        """True for a change of Python code."""
        return self.path.endswith(".py")

    @property
    def changes_kinds(self) -> bool:
        """True where a function becomes a generator, or ceases to be one."""
        return any(function_of_kind(name) is not None for name in self.blocks)


class Impact:
    """The footprints of all tests. Masks of block numbers keep thousands of them small and quick to compare."""

    def __init__(self) -> None:
        self.collected: frozenset[Block] = frozenset()  # Functions that ran while the project was collected.
        self.sees_generators_called = False  # Or only that somebody iterates over what such a call returned.
        self._numbers: dict[Block, int] = {}
        self._blocks: list[Block] = []
        self._masks: dict[str, int] = {}
        self._files: dict[str, frozenset[str]] = {}
        self._shared_files: dict[frozenset[str], frozenset[str]] = {}  # Many tests touch the same files.
        self._alone: set[str] = set()
        self._processes: set[str] = set()

    @property
    def tests(self) -> Collection[str]:
        """The tests with a footprint."""
        return self._masks.keys()

    def put(self, test: str, footprint: Footprint) -> None:
        """Note what `test` executed last."""
        mask = 0
        for block in footprint.blocks:
            mask |= 1 << self._number(block)
        files = frozenset({path for path, _ in footprint.blocks} | {file_of(test)})
        self._masks[test] = mask
        self._files[test] = self._shared_files.setdefault(files, files)
        (self._alone.add if footprint.alone else self._alone.discard)(test)
        (self._processes.add if footprint.processes else self._processes.discard)(test)

    def footprint(self, test: str) -> Footprint | None:
        """Return what `test` executed last, None where it never ran."""
        mask = self._masks.get(test)
        if mask is None:
            return None
        return Footprint(frozenset(self._unmasked(mask)), test in self._alone, test in self._processes)

    def drop(self, tests: Iterable[str]) -> None:
        """Forget tests that are no more."""
        for test in tests:
            self._masks.pop(test, None)
            self._files.pop(test, None)
            self._alone.discard(test)
            self._processes.discard(test)

    def is_alone(self, test: str) -> bool:
        """Say whether the footprint of `test` was measured alone."""
        return test in self._alone

    def entering(self, blocks: Iterable[Block]) -> set[str]:
        """Return the tests that entered one of `blocks`."""
        wanted = self._mask(blocks)
        return {test for test, mask in self._masks.items() if mask & wanted}

    def files(self) -> set[str]:
        """Return all files that some test touches."""
        return {path for files in self._shared_files for path in files}

    def affected(self, change: Change, modules: ProjectModules, facts_of: FactsOf) -> set[str]:
        """Return the tests that `change` may affect."""
        if not change.is_python:
            return self._affected_by_data(change.path)
        if not change.blocks:
            return set()
        names = {(change.path, function_of_kind(name) or name) for name in change.blocks}
        wide = self._is_module_level(change) or not names.isdisjoint(self.collected)
        found = {test for test in self.entering(names) if test in self._alone} | self._processes
        found |= {test for test in self._masks if file_of(test) == change.path and is_doctest(test)}
        uncertain = self._masks.keys() if wide else self._masks.keys() - self._alone
        if uncertain:
            targets = {change.path}
            if wide and change.reached:
                targets |= modules.resolved(change.path, change.reached)
            if not change.exists:
                targets |= modules.around(change.path)  # Packages may look for what stands beside them.
            found |= self.reaching(targets, modules, facts_of) & uncertain
        return found

    def _is_module_level(self, change: Change) -> bool:
        if MODULE_LEVEL in change.blocks:
            return True
        read_by_pytest = is_test_file(change.path) or is_conftest(change.path)
        sees_calls = self.sees_generators_called and not read_by_pytest
        return change.changes_kinds and not sees_calls

    def reaching(self, targets: Collection[str], modules: ProjectModules, facts_of: FactsOf) -> set[str]:
        """Return the tests whose files reach one of the files `targets` by imports."""

        def imports_of(importer: str) -> frozenset[str]:
            facts = facts_of(importer)
            return modules.imported_by(importer, facts.imports) if facts else frozenset()

        among = {one for file in self.files() for one in (file, *modules.conftests_of(file))}
        files = files_reaching(targets, among, imports_of)
        return {test for test in self._masks if self._touches(test, files, modules)}

    def _touches(self, test: str, files: set[str], modules: ProjectModules) -> bool:
        return not files.isdisjoint(self._files[test]) or not files.isdisjoint(
            modules.conftests_of(file_of(test))
        )

    def _affected_by_data(self, path: str) -> set[str]:
        if is_prose(path):
            return {test for test in self._masks if file_of(test) == path}
        return set(self._masks)

    def _number(self, block: Block) -> int:
        number = self._numbers.get(block)
        if number is None:
            number = self._numbers[block] = len(self._blocks)
            self._blocks.append(block)
        return number

    def _mask(self, blocks: Iterable[Block]) -> int:
        mask = 0
        for block in blocks:
            if block in self._numbers:
                mask |= 1 << self._numbers[block]
        return mask

    def _unmasked(self, mask: int) -> Iterator[Block]:
        while mask:
            lowest = mask & -mask
            yield self._blocks[lowest.bit_length() - 1]
            mask ^= lowest


def footprint_of(
    functions: Iterable[tuple[str, int]],
    facts: Mapping[str, Fingerprints | None],
    *,
    alone: bool,
    processes: bool,
) -> Footprint:
    """Return the footprint of a test that entered the functions at these (path, first line)."""
    blocks: set[Block] = set()
    for path, line in functions:
        known = facts.get(path)
        names = known.blocks_at(line) if known is not None else {MODULE_LEVEL}
        blocks.update((path, name) for name in names)
    return Footprint(frozenset(blocks), alone, processes)


def file_of(test: str) -> str:
    """Return the file of a node id."""
    return test.partition("::")[0]


def is_doctest(test: str) -> bool:
    """Tell a doctest by its name, which is that of a module or of something in it: "shop.py::shop.discount"."""
    path, _, name = test.partition("::")
    name = name.partition("[")[0]
    return name == PurePosixPath(path).stem or "." in name


def is_test_file(path: str) -> bool:
    """Say whether pytest, by default, looks for tests in `path`."""
    name = PurePosixPath(path).name
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def is_conftest(path: str) -> bool:
    """Say whether `path` holds fixtures and hooks."""
    return PurePosixPath(path).name == CONFTEST


def is_prose(path: str) -> bool:
    """Say whether `path` is a text for people, which no test reads but its own doctests."""
    return PurePosixPath(path).suffix in PROSE_SUFFIXES
