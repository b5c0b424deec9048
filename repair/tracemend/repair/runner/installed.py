"""The interpreters of this machine, which belong to no project: where they are, and whether a given one is of them.

Whatever a project says or brings along, only these are started for it unasked. So the places are told, not guessed: those
of the system, of the tools that install interpreters for a user, and what the user's own PATH leads to.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from .virtualenvs import FoundPython, python_in

NEWEST_MINOR = 20

_SYSTEM_PLACES = (
    "/bin", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/local", "/opt/homebrew", "/opt/local",
    "/opt/conda", "/home/linuxbrew", "/nix/store", "/Library", "/System", "/Applications",
)  # fmt: skip
# Below the home directory: pyenv, asdf, mise, uv, Hatch, PDM, rye, and the installers of conda.
_USER_PLACES = (
    ".pyenv/versions", ".asdf/installs", ".local/share/mise/installs", ".local/share/uv/python",
    ".local/share/hatch/pythons", ".local/share/pdm/python", ".rye/py", "miniconda3", "miniforge3", "mambaforge",
    "anaconda3",
)  # fmt: skip
_INTERPRETER_NAME = re.compile(r"(python|pypy)[\d.]*t?(\.exe)?")


def general_interpreters(environ: Mapping[str, str]) -> Iterator[FoundPython]:
    """Yield what runs a project that has no environment of its own."""
    yield FoundPython(Path(sys.executable), "the interpreter that runs tracemend")
    for name in ("python3", "python"):
        on_path = on_search_path(name, environ)
        if on_path is not None:
            yield FoundPython(on_path, f"{name} on PATH")


def installed_of_version(version: str, environ: Mapping[str, str], why: str) -> Iterator[FoundPython]:
    """Yield the interpreters that have the version, "3.12" or "3.12.1", in their names or in those of their places."""
    on_path = on_search_path(f"python{'.'.join(version.split('.')[:2])}", environ)
    if on_path is not None:
        yield FoundPython(on_path, why)
    home = _home(environ)
    stores = [
        (Path(environ.get("PYENV_ROOT", home / ".pyenv")) / "versions", f"{version}*"),
        (Path(environ.get("UV_PYTHON_INSTALL_DIR", home / ".local/share/uv/python")), f"cpython-{version}*"),
    ]
    for store, pattern in stores:
        for directory in sorted(store.glob(pattern), reverse=True):
            inside = python_in(directory)
            if inside:
                yield FoundPython(inside, why)


def on_search_path(name: str, environ: Mapping[str, str]) -> Path | None:
    """Return the program `name` on PATH, of whose directories those that depend on where one stands do not count."""
    entries = [one for one in environ.get("PATH", "").split(os.pathsep) if os.path.isabs(one)]
    found = shutil.which(name, path=os.pathsep.join(entries)) if entries else None
    return Path(found) if found else None


def is_installed(python: Path, environ: Mapping[str, str]) -> bool:
    """Say whether the file behind `python` is an interpreter of this machine, judged by its name and its place."""
    real = Path(os.path.realpath(python))
    if not real.is_file() or _INTERPRETER_NAME.fullmatch(real.name) is None:
        return False
    return any(real.is_relative_to(place) for place in _places(environ))


def has_interpreter_name(python: Path) -> bool:
    """Say whether the file behind `python` is called as interpreters are."""
    return _INTERPRETER_NAME.fullmatch(os.path.basename(os.path.realpath(python))) is not None


def _places(environ: Mapping[str, str]) -> Iterator[Path]:
    home = _home(environ)
    ours = Path(sys.base_prefix, "bin")
    for place in (*map(Path, _SYSTEM_PLACES), *(home / one for one in _USER_PLACES), ours):
        yield Path(os.path.realpath(place))
    for variable in ("PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        if environ.get(variable):
            yield Path(os.path.realpath(environ[variable]))
    for minor in ("3", *(f"3.{number}" for number in range(9, NEWEST_MINOR))):
        on_path = on_search_path(f"python{minor}", environ)
        if on_path is not None:
            yield Path(os.path.realpath(on_path)).parent


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())
