"""What must be known of the project's interpreter to find modules as it would.

The interpreter is run once, isolated and without `site`, so that no code of the project and of its packages runs: `site`
is then started by hand with `.pth` files and `sitecustomize` switched off. The `.pth` files are read here as text, by
`pth`; what they would do by code is understood where it is one of the known editable-install finders, and otherwise makes
the environment *opaque*, in which no module is certainly absent.

Even so the start of an environment that a project brought along is in the hands of whoever wrote the project. Where
nobody agreed to it, another interpreter of the same version stands in, and `virtual_environment` reads the rest.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from .pth import PathFiles, read_path_files
from .virtual_environment import VirtualEnvironment

MAX_ANSWER_BYTES = 4_000_000

_QUESTION = """
import json, os, sys
import site
site.addpackage = lambda *args, **kwargs: None
site.execsitecustomize = site.execusercustomize = lambda: None
site.main()
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
sites = [one for one in site.getsitepackages() if one in sys.path]
user = site.getusersitepackages()
if sys.prefix == sys.base_prefix and os.path.isdir(user):
    sites.insert(0, user)
    if user not in sys.path:
        sys.path.insert(next((i for i, one in enumerate(sys.path) if one in sites), len(sys.path)), user)
stdlib = sysconfig.get_path("stdlib")
names = set(getattr(sys, "stdlib_module_names", ()))
if not names:  # Python 3.9 has no list of its own.
    names = set(sys.builtin_module_names)
    for directory in (stdlib, os.path.join(stdlib, "lib-dynload")):
        for one in os.listdir(directory) if os.path.isdir(directory) else ():
            if one.endswith((".py", ".so")) or os.path.isfile(os.path.join(directory, one, "__init__.py")):
                names.add(one.partition(".")[0])
print(json.dumps({
    "version": sys.version_info[:2], "platform": sys.platform, "implementation": sys.implementation.name,
    "paths": sys.path, "stdlib": stdlib, "builtin": sys.builtin_module_names, "stdlib_modules": sorted(names),
    "site_packages": sites, "suffixes": EXTENSION_SUFFIXES,
}))
"""


class EnvironmentUnknown(Exception):
    """The interpreter could not be asked; the message is a sentence for the user."""


@dataclass(frozen=True)
class PythonEnvironment:
    """One interpreter, as far as finding modules is concerned."""

    python: str
    version: tuple[int, int]
    platform: str
    paths: tuple[str, ...]  # `sys.path` in its order, with what `.pth` files add; without the project itself.
    stdlib: str
    builtin_modules: frozenset[str]
    stdlib_modules: frozenset[str]  # Top-level names.
    site_packages: tuple[str, ...]
    extension_suffixes: tuple[str, ...]
    path_files: PathFiles = field(default_factory=PathFiles)

    def is_stdlib_path(self, path: str) -> bool:
        """Say whether `path` lies in the standard library, which may hold the directory of packages."""
        inside = path.startswith(os.path.join(self.stdlib, ""))
        return inside and not any(path.startswith(os.path.join(one, "")) for one in self.site_packages)


def probe_environment(
    python: Path, *, timeout_s: float = 10.0, stands_in_for: VirtualEnvironment | None = None
) -> PythonEnvironment:
    """Ask the interpreter at `python` where it finds modules. Raises `EnvironmentUnknown`.

    Where it stands in for the interpreter of an environment, it tells of its standard library alone. The interpreter is
    asked once for as long as its file stays the same; `.pth` files are read anew each time.
    """
    try:
        changed_ns = python.stat().st_mtime_ns
    except OSError as error:
        raise EnvironmentUnknown(
            f"{python} cannot be asked where it finds modules: {error.strerror}."
        ) from error
    environment = _ask(str(python), changed_ns, timeout_s)
    if stands_in_for is not None:
        environment = _standing_in(environment, stands_in_for)
    return with_path_files(environment)


def with_path_files(environment: PythonEnvironment) -> PythonEnvironment:
    """Add what PYTHONPATH and the `.pth` files of the site directories say, where the interpreter would add it."""
    found = {site: read_path_files(site) for site in environment.site_packages}
    paths = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]
    for path in environment.paths:
        paths += [path, *(found[path].paths if path in found else ())]
    archives = tuple(one for one in paths if os.path.isfile(one))  # Eggs and zips are not looked into.
    path_files = PathFiles.union([*found.values(), PathFiles(opaque=archives)])
    return replace(environment, paths=tuple(dict.fromkeys(paths)), path_files=path_files)


def _standing_in(environment: PythonEnvironment, meant: VirtualEnvironment) -> PythonEnvironment:
    """Put the packages of `meant` in place of the interpreter's own, which it may see as well."""
    own = environment.site_packages
    system_packages = own if meant.has_system_packages else ()
    paths = [one for one in environment.paths if one not in own]
    return replace(
        environment,
        paths=(*paths, *meant.site_packages, *system_packages),
        site_packages=(*meant.site_packages, *system_packages),
    )


@lru_cache(maxsize=16)
def _ask(python: str, changed_ns: int, timeout_s: float) -> PythonEnvironment:
    """Run the question; `changed_ns` is there for the cache alone."""
    command = [python, "-I", "-S", "-c", _QUESTION]
    try:
        ended = subprocess.run(
            command, capture_output=True, timeout=timeout_s, stdin=subprocess.DEVNULL, check=True
        )
        answer: Mapping[str, Any] = json.loads(ended.stdout[:MAX_ANSWER_BYTES])
        return _environment(python, answer)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise EnvironmentUnknown(f"{python} could not say where it finds modules: {error}") from error


def _environment(python: str, answer: Mapping[str, Any]) -> PythonEnvironment:
    major, minor = answer["version"]
    return PythonEnvironment(
        python,
        (int(major), int(minor)),
        str(answer["platform"]),
        tuple(map(str, answer["paths"])),
        str(answer["stdlib"]),
        frozenset(map(str, answer["builtin"])),
        frozenset(map(str, answer["stdlib_modules"])),
        tuple(map(str, answer["site_packages"])),
        tuple(map(str, answer["suffixes"])),
    )
