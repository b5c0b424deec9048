"""The project's source files as the engine sees them: read once, parsed once, editable or not.

What a file holds is fixed at the first look, so that every candidate, verdict and diff of one job refers to the same
text (the snapshot); `SourceText` keeps what is needed to write it back byte for byte.
"""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath

from tracemend.analysis.syntax.module import FunctionNode, Module, parse_module
from tracemend.analysis.syntax.source import SourceText, UndecodableSource, decode_source
from tracemend.repair.runner.results import CollectedTest

MAX_FILE_BYTES = 2 << 20
MAX_NEIGHBOURS = 25
MAX_LITERALS = 40
MAX_LITERAL_CHARACTERS = 60

_FOREIGN_PARTS = frozenset({
    "site-packages", "dist-packages", "node_modules", ".git", ".hg", ".tox", ".nox", ".venv", "venv", "env",
    ".eggs", "__pycache__",
})  # fmt: skip
_TEST_PARTS = frozenset({"test", "tests", "testing"})
_TEST_FILE = re.compile(r"(test_.*|.*_tests?|tests?|conftest|noxfile|setup)\.py$")


class Workspace:
    """A snapshot of the project's Python files, filled on demand. Safe to use from several threads."""

    def __init__(
        self,
        root: Path,
        test_files: Collection[str] = (),
        exclude: Collection[str] = (),
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        self.root = root
        self.files = dict(files or {})  # Seen in place of those on disk.
        self.test_files = frozenset(test_files)
        self.exclude = frozenset(PurePosixPath(one) for one in exclude)
        self._sources: dict[str, SourceText | None] = {}
        self._modules: dict[str, Module | None] = {}
        self._lock = threading.Lock()
        self.problems: dict[str, str] = {}  # Path -> why the file cannot be repaired.

    def source(self, path: str) -> SourceText | None:
        """Return the decoded file at project-relative `path`, None when it cannot be read; see `problems`."""
        with self._lock:
            if path not in self._sources:
                self._sources[path] = self._read(path)
            return self._sources[path]

    def parsed(self, path: str) -> Module | None:
        """Return the parsed file, test files too; None where it cannot be parsed."""
        source = self.source(path)
        with self._lock:
            if path not in self._modules:
                self._modules[path] = self._parse(path, source) if source else None
            return self._modules[path]

    def editable(self, path: str) -> Module | None:
        """Return the parsed file if a repair may change it: project code, not tests, not what is installed."""
        return self.parsed(path) if self.is_editable(path) else None

    def is_editable(self, path: str) -> bool:
        """Say whether `path` names project code that a repair may change."""
        parts = path.split("/")
        if path.startswith("/") or ".." in parts or not path.endswith(".py") or path in self.test_files:
            return False
        if _FOREIGN_PARTS.intersection(parts):
            return False
        if not self.exclude.isdisjoint((PurePosixPath(path), *PurePosixPath(path).parents)):
            return False
        return not _TEST_FILE.fullmatch(parts[-1]) and not _TEST_PARTS.intersection(parts[:-1])

    def neighbours(self, paths: Iterable[str]) -> list[Module]:
        """Return the editable modules among `paths` and beside them, whose code may serve as donors."""
        wanted = list(dict.fromkeys(paths))
        for path in list(wanted):
            folder = (self.root / path).parent
            if folder.is_dir():
                wanted += sorted(one.relative_to(self.root).as_posix() for one in folder.glob("*.py"))
        modules = (self.editable(path) for path in dict.fromkeys(wanted))
        return list(islice((one for one in modules if one is not None), MAX_NEIGHBOURS))

    def test_literals(self, tests: Iterable[str]) -> tuple[str, ...]:
        """Return the literals that the named tests hold, as source text, the expected values first."""
        found: dict[str, None] = {}
        for path, names in dict.fromkeys(_function_of(test) for test in tests):
            if len(found) >= MAX_LITERALS:
                break
            module = self.parsed(path)
            if module is None:
                continue
            name = names.rpartition("::")[2]
            for function in module.functions:
                if function.node.name == name:
                    for literal in _literals(module, function.node):
                        found.setdefault(literal)
        return tuple(found)[:MAX_LITERALS]

    def _read(self, path: str) -> SourceText | None:
        file = self.root / path
        try:
            data = self.files.get(path)
            if data is None:
                data = file.read_bytes() if file.stat().st_size <= MAX_FILE_BYTES else None
        except OSError as error:
            self.problems[path] = f"cannot be read: {error.strerror or error}"
            return None
        if data is None:
            self.problems[path] = f"is larger than {MAX_FILE_BYTES >> 20} MiB"
            return None
        try:
            return decode_source(data)
        except UndecodableSource as error:
            self.problems[path] = str(error)
            return None

    def _parse(self, path: str, source: SourceText) -> Module | None:
        try:
            return parse_module(path, source.text)
        except (SyntaxError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None)
            self.problems[path] = (
                f"does not parse{f' (line {line})' if line else ''}: {getattr(error, 'msg', error)}"
            )
            return None


def _function_of(test: str) -> tuple[str, str]:
    """Return the path and the names of a node id, without its parameters: one function may be a thousand tests."""
    path, _, names = test.partition("::")
    return path, names.partition("[")[0]


def files_of_tests(tests: Iterable[CollectedTest]) -> set[str]:
    """Return the files that hold `tests`; a module of which only doctests were collected is code to repair."""
    return {one.path for one in tests if not _is_doctest(one)}


def _is_doctest(test: CollectedTest) -> bool:
    """Tell a doctest by its name, which is that of a module or of something in it: "shop.py::shop.discount"."""
    name = test.test.rpartition("::")[2].partition("[")[0]
    return name == PurePosixPath(test.path).stem or "." in name


def _literals(module: Module, function: FunctionNode) -> list[str]:
    """Return literal expressions below `function`: those compared in asserts first, then the others."""
    asserted: list[str] = []
    others: list[str] = []
    docstring = ast.get_docstring(function, clean=False)
    for node in ast.walk(function):
        if not isinstance(node, ast.expr) or not module.has_exact_position(node) or not _is_literal(node):
            continue
        text = module.segment(node)
        if len(text) > MAX_LITERAL_CHARACTERS or "\n" in text or (docstring and docstring in text):
            continue
        compared = any(isinstance(one, ast.Compare) for one in (module.parents.get(node),))
        (asserted if compared else others).append(text)
    return asserted + others


def _is_literal(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return value is not Ellipsis
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return True
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return all(_is_literal(one) for one in elements)
        case ast.Dict(keys=keys, values=values):
            return all(one is not None and _is_literal(one) for one in keys) and all(map(_is_literal, values))
        case _:
            return False
