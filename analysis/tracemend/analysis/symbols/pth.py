"""`.pth` files and the editable installs behind them, read as text (the `site` module documents the format).

A line is a path to add, a comment, or code that starts with `import`. Code is never run. Known code is that which
setuptools, scikit-build-core and the `editables` library write for editable installs, whose tables are literals, the
namespace packages of old setuptools, and a few lines that define no module. All other code is *opaque*.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MAX_FILE_BYTES = 2_000_000

# Code that adds no module, or one that is named here: the distutils of setuptools.
_HARMLESS = re.compile(
    r"_virtualenv|_distutils_hack|distutils-precedence|coverage|pytest_cov|pytest-cov|site_customize|_pdbpp_path_hack"
    r"|ddtrace|sentry|debugpy|zope\.deferredimport|google_auth|certifi|pip_system_certs|truststore"
)
_NAMESPACE_PATH = re.compile(r"\*\(((?:\s*'[\w.]+',?)+)\)")
_IMPORTED = re.compile(r"^import\s+([\w.]+)")


@dataclass(frozen=True)
class PathFiles:
    """What the `.pth` files of one or more site directories add."""

    paths: tuple[str, ...] = ()
    packages: dict[str, str] = field(default_factory=dict)  # Module name to file or directory.
    namespaces: dict[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # Package name to further directories.
    replaced: frozenset[str] = frozenset()  # Names that a hook provides, where from is not known.
    opaque: tuple[str, ...] = ()  # Files whose code may provide any module.

    @staticmethod
    def union(parts: Iterable[PathFiles]) -> PathFiles:
        """Return all that `parts` add; of two homes of one package the first."""
        paths: list[str] = []
        packages: dict[str, str] = {}
        namespaces: dict[str, tuple[str, ...]] = {}
        replaced: frozenset[str] = frozenset()
        opaque: list[str] = []
        for part in parts:
            paths += part.paths
            packages = {**part.packages, **packages}
            for name, directories in part.namespaces.items():
                namespaces[name] = (*namespaces.get(name, ()), *directories)
            replaced |= part.replaced
            opaque += part.opaque
        return PathFiles(tuple(dict.fromkeys(paths)), packages, namespaces, replaced, tuple(opaque))


def read_path_files(site: str) -> PathFiles:
    """Return what the `.pth` files in the directory `site` add."""
    try:
        names = sorted(
            name for name in os.listdir(site) if name.endswith(".pth") and not name.startswith(".")
        )
    except OSError:
        return PathFiles()
    return PathFiles.union(
        _line(site, name, line) for name in names for line in _read(Path(site, name)).splitlines()
    )


def _line(site: str, name: str, line: str) -> PathFiles:
    """Return what one line of the file `name` adds."""
    line = line.strip()
    if not line or line.startswith("#"):
        return PathFiles()
    if not line.startswith(("import ", "import\t")):
        path = os.path.normpath(os.path.join(site, line))
        return PathFiles((path,)) if os.path.exists(path) else PathFiles()
    if "_distutils_hack" in line or name == "distutils-precedence.pth":
        return PathFiles(replaced=frozenset({"distutils"}))
    namespace = _NAMESPACE_PATH.search(line)
    if namespace and name.endswith("-nspkg.pth"):
        parts = re.findall(r"'([\w.]+)'", namespace[1])
        return PathFiles(namespaces={".".join(parts): (os.path.join(site, *parts),)})
    imported = _IMPORTED.match(line)
    finder = _read(Path(site, *imported[1].split(".")).with_suffix(".py")) if imported else ""
    editable = _editable(finder, name) if finder else None
    if editable is not None:
        return editable
    return PathFiles() if _HARMLESS.search(line + name) else PathFiles(opaque=(name,))


def _editable(finder: str, name: str) -> PathFiles | None:
    """Read the tables of an editable install's finder; None where it is none that is known."""
    try:
        tree = ast.parse(finder)
    except (SyntaxError, ValueError, RecursionError):
        return None
    tables = dict(_literal_tables(tree))
    if "__editable__" in name and "MAPPING" in tables:  # setuptools
        return PathFiles(
            packages=_homes(tables["MAPPING"]), namespaces=_portions(tables.get("NAMESPACES", {}))
        )
    mapped = dict(_mapped_modules(tree))  # The `editables` library, used by hatchling, pdm and others.
    if mapped:
        return PathFiles(packages=mapped)
    return PathFiles(packages=_homes(tables["install"])) if "install" in tables else None  # scikit-build-core


def _homes(table: dict[object, object]) -> dict[str, str]:
    return {str(key): value for key, value in table.items() if isinstance(value, str)}


def _portions(table: dict[object, object]) -> dict[str, tuple[str, ...]]:
    return {
        str(key): tuple(map(str, value)) for key, value in table.items() if isinstance(value, list | tuple)
    }


def _literal_tables(tree: ast.Module) -> Iterator[tuple[str, dict[object, object]]]:
    """Yield (name, dictionary) of `NAME = {...}` at module level and of `install({...})`."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict() as value):
                pass
            case ast.Expr(
                value=ast.Call(func=ast.Name(id="install" as name), args=[ast.Dict() as value, *_])
            ):
                pass
            case _:
                continue
        try:
            yield name, ast.literal_eval(value)
        except (ValueError, TypeError):
            continue


def _mapped_modules(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the arguments of `F.map_module("name", "path")`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="map_module"),
                args=[ast.Constant(value=str() as name), ast.Constant(value=str() as path)],
            ):
                yield name, path


def _read(path: Path) -> str:
    """Return the text of a file that may be missing or not be text, both of which mean that nothing is known."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
