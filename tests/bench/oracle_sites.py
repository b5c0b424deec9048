"""The places at which the oracle is asked: every attribute, bare name and import of a file, with what really stands there.

A site knows the three texts in which it can be asked: the whole file (`full`: the oracle must not look at the attribute
that is there), the file with the rest of the line cut behind the dot (`rest`), and the file that ends at the dot
(`prefix`).
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bench.oracle_packages import Package

from tracemend.analysis.syntax.positions import LineIndex

Condition = Literal["full", "rest", "prefix"]
CONDITIONS: tuple[Condition, ...] = ("full", "rest", "prefix")
Use = Literal["load", "store"]


@dataclass(frozen=True)
class SourceFile:
    """A file of a package, read and parsed."""

    package: Package
    path: Path
    module: str
    is_test: bool
    text: str
    tree: ast.Module
    lines: LineIndex


@dataclass(frozen=True)
class AttributeSite:
    """`receiver.gold`: `offset` is where the dot stands."""

    offset: int
    line: int
    gold: str
    use: Use
    receiver: str
    kind: str  # What the receiver looks like: self, module, parameter, ...

    def text(self, full: str, condition: Condition) -> str:
        """Return the text of the file under `condition`."""
        if condition == "full":
            return full
        before = full[: self.offset] + "."
        line_end = full.find("\n", self.offset)
        return before if condition == "prefix" or line_end < 0 else before + full[line_end:]


@dataclass(frozen=True)
class NameSite:
    """A bare name that is loaded."""

    offset: int
    line: int
    gold: str


@dataclass(frozen=True)
class ImportSite:
    """`from module import gold`, or `import module` with an empty `gold`; `module` is absolute."""

    line: int
    module: str
    gold: str


@dataclass(frozen=True)
class KeywordSite:
    """`call(gold=...)`."""

    path: Path
    line: int
    gold: str
    call: ast.Call = field(compare=False)
    place: tuple[int, int]


def read_files(package: Package, *, with_tests: bool) -> Iterator[SourceFile]:
    """Yield the files of `package` that this Python can parse."""
    for path, is_test in package.files(with_tests=with_tests):
        try:
            text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        yield SourceFile(package, path, _module_name(package, path), is_test, text, tree, LineIndex(text))


def attribute_sites(file: SourceFile) -> list[AttributeSite]:
    """Return every attribute of `file` whose dot can be found, in the order of the text."""
    found = []
    for node, function in _with_functions(file.tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Del):
            offset = _dot_offset(file, node)
            if offset is not None:
                use: Use = "store" if isinstance(node.ctx, ast.Store) else "load"
                receiver = ast.unparse(node.value)[:60]
                kind = _receiver_kind(node.value, function, file)
                found.append(
                    AttributeSite(offset, file.lines.line_of(offset), node.attr, use, receiver, kind)
                )
    return sorted(found, key=lambda site: site.offset)


def name_sites(file: SourceFile) -> list[NameSite]:
    """Return every bare name that is loaded."""
    found = []
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            offset = file.lines.offset(node.lineno, node.col_offset)
            if file.text.startswith(
                node.id, offset
            ):  # Positions inside f-strings are inexact before Python 3.12.
                found.append(NameSite(offset, node.lineno, node.id))
    return found


def import_sites(file: SourceFile) -> list[ImportSite]:
    """Return what is imported, one site a name, relative modules made absolute."""
    found = []
    is_package = file.path.name == "__init__.py"
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            found += [ImportSite(node.lineno, alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(file.module, is_package, node.level, node.module)
            found += [
                ImportSite(node.lineno, module, alias.name) for alias in node.names if alias.name != "*"
            ]
    return found


def keyword_sites(file: SourceFile) -> list[KeywordSite]:
    """Return every keyword argument that is spelled out, in the order of the text."""
    found = [
        KeywordSite(file.path, keyword.lineno, keyword.arg, node, (keyword.lineno, keyword.col_offset))
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg is not None
    ]
    return sorted(found, key=lambda site: site.place)


def misspelt(name: str, chance: random.Random) -> str:
    """Return `name` with one letter dropped, doubled, changed or two swapped; never the name itself."""
    while True:
        place = chance.randrange(len(name))
        letter = chance.choice("abcdefghijklmnopqrstuvwxyz_")
        swapped = name[:place] + name[place : place + 2][::-1] + name[place + 2 :]
        changed = name[:place] + letter + name[place + 1 :]
        dropped = name[:place] + name[place + 1 :]
        doubled = name[: place + 1] + name[place:]
        result = chance.choice((swapped, changed, dropped, doubled))
        if result != name and result.isidentifier():
            return result


def _module_name(package: Package, path: Path) -> str:
    """Return the dotted name: under the folder that holds a source tree, or under the root for tests."""
    parents = [(package.root / source).parent for source in package.sources]
    base = next(
        (parent for parent in parents if path.is_relative_to(parent) and parent != package.root), package.root
    )
    parts = list(path.relative_to(base).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _absolute(module: str, is_package: bool, level: int, name: str | None) -> str:
    """Return the absolute name of what `from ...name import` means in `module` (importlib's `resolve_name`)."""
    if not level:
        return name or ""
    parts = module.split(".")
    base = parts[: len(parts) - level + is_package]
    return ".".join([*base, *([name] if name else [])])


def _with_functions(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """Yield every node with the function that holds it."""
    stack: list[tuple[ast.AST, ast.AST | None]] = [(tree, None)]
    while stack:
        node, function = stack.pop()
        yield node, function
        inner = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else function
        stack += [(child, inner) for child in ast.iter_child_nodes(node)]


def _dot_offset(file: SourceFile, node: ast.Attribute) -> int | None:
    """Return where the dot of `node` stands, None where a comment or an f-string makes that uncertain."""
    assert node.end_lineno is not None and node.end_col_offset is not None, "parsed nodes have ends"
    name_start = file.lines.offset(node.end_lineno, node.end_col_offset) - len(node.attr)
    if not file.text.startswith(node.attr, name_start):
        return None
    before = file.text[:name_start].rstrip(" \t\\\n")
    return len(before) - 1 if before.endswith(".") else None


def _receiver_kind(value: ast.expr, function: ast.AST | None, file: SourceFile) -> str:
    """Return what `value` looks like, in one word."""
    if isinstance(value, ast.Name):
        if value.id in ("self", "cls"):
            return value.id
        if value.id in _imported_names(file):
            return "imported"
        arguments = getattr(function, "args", None)
        if arguments is not None and value.id in _parameters(arguments):
            return "parameter"
        return "local" if function is not None else "global"
    if isinstance(value, ast.Attribute):
        is_self = isinstance(value.value, ast.Name) and value.value.id in ("self", "cls")
        return "self.x" if is_self else "chain"
    names = {ast.Call: "call", ast.Subscript: "subscript", ast.Constant: "literal", ast.JoinedStr: "literal"}
    return names.get(type(value), "other")  # type: ignore[call-overload, no-any-return]


def _parameters(arguments: ast.arguments) -> set[str]:
    several = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    return {argument.arg for argument in several if argument is not None}


def _imported_names(file: SourceFile) -> frozenset[str]:
    """Return the names that imports bind anywhere in the file."""
    cached: frozenset[str] | None = getattr(file.tree, "imported_names", None)
    if cached is None:
        imports = [node for node in ast.walk(file.tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        bound = {alias.asname or alias.name.partition(".")[0] for node in imports for alias in node.names}
        cached = frozenset(bound)
        file.tree.imported_names = cached  # type: ignore[attr-defined]
    return cached
