"""Where a project keeps its top-level modules: the directories that its tests and its installation put on `sys.path`.

Read from the configuration files as far as they are static: pytest's `pythonpath` and the package directories of the
common build backends. A directory that is named although the project would not import from it does no harm, as it only
makes more modules known.
"""

from __future__ import annotations

import configparser
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_SETUP_PACKAGE_DIRECTORY = re.compile(r"""package_dir\s*=\s*\{\s*['"]{2}\s*:\s*['"]([\w./-]+)['"]""")
_SETUP_FIND_PACKAGES = re.compile(r"""find(?:_namespace)?_packages\(\s*(?:where\s*=\s*)?['"]([\w./-]+)['"]""")


def project_roots(root: Path) -> tuple[Path, ...]:
    """Return the directories in the absolute directory `root` that hold top-level modules, in the order of `sys.path`."""
    named = [*_pytest_paths(root), ".", *_build_paths(root), "src", "lib"]
    roots = (Path(os.path.normpath(root / name)) for name in dict.fromkeys(named))
    return tuple(dict.fromkeys(one for one in roots if one.is_dir() and one.is_relative_to(root)))


def _pytest_paths(root: Path) -> Iterator[str]:
    """Yield what pytest's `pythonpath` names, of whichever file holds its configuration."""
    pytest_options = _table(_toml(root / "pyproject.toml"), "tool", "pytest")
    yield from _strings(pytest_options.get("pythonpath"))
    yield from _strings(_table(pytest_options, "ini_options").get("pythonpath"))
    yield from _strings(_table(_toml(root / "pytest.toml"), "pytest").get("pythonpath"))
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        yield from _ini(root / name).get(section, {}).get("pythonpath", "").split()


def _build_paths(root: Path) -> Iterator[str]:
    """Yield the package directories that the build backend is told of."""
    tools = _table(_toml(root / "pyproject.toml"), "tool")
    setuptools = _table(tools, "setuptools")
    yield from _strings(list(_table(setuptools, "package-dir").values()))
    yield from _strings(_table(setuptools, "packages", "find").get("where"))
    yield from _parents(_table(tools, "hatch", "build", "targets", "wheel").get("packages"))
    yield from _strings(list(_table(tools, "hatch", "build", "targets", "wheel", "sources")))
    yield from _strings(_table(tools, "hatch", "build").get("dev-mode-dirs"))
    for package in _table(tools, "poetry").get("packages") or ():
        yield from _strings(package.get("from")) if isinstance(package, dict) else ()
    yield from _strings(_table(tools, "pdm", "build").get("package-dir"))
    yield from _strings(_table(tools, "maturin").get("python-source"))
    yield from _strings(_table(tools, "uv", "build-backend").get("module-root"))
    yield from _parents(_table(tools, "scikit-build", "wheel").get("packages"))
    setup = _ini(root / "setup.cfg")
    yield from re.findall(r"=\s*([\w./-]+)", setup.get("options", {}).get("package_dir", ""))
    yield from setup.get("options.packages.find", {}).get("where", "").split()
    setup_py = _text(root / "setup.py")
    yield from _SETUP_PACKAGE_DIRECTORY.findall(setup_py)
    yield from _SETUP_FIND_PACKAGES.findall(setup_py)


def _parents(packages: object) -> Iterator[str]:
    for package in _strings(packages):
        yield Path(package).parent.as_posix()


def _strings(value: object) -> list[str]:
    """Return the strings that a setting holds, which may be one, a list of them or something unexpected."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _table(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return the table at `keys`, empty where the document holds something else there."""
    for key in keys:
        inner = document.get(key)
        document = inner if isinstance(inner, Mapping) else {}
    return document


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError:
        return {}


def _ini(path: Path) -> Mapping[str, Mapping[str, str]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_text(path))
    except configparser.Error:
        return {}
    return {name: dict(parser[name]) for name in parser.sections()}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
