"""Which interpreter a project has, for those who only read: nothing that the project brought along is started.

`tracemend check` on a fresh clone is no leave to run it, and starting the interpreter in its `.venv` would be that:
`bin/python` may be any program, and `pyvenv.cfg`, `.pth` files and `sitecustomize` run code before the first line does.
So such an environment is read (`virtual_environment` of the analysis), and an interpreter of this machine, of the same
version, stands in where the standard library is asked for its names. Without such a one the user is asked to agree.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.virtual_environment import VirtualEnvironment, read_virtual_environment

from .installed import installed_of_version, is_installed
from .interpreter import EnvironmentProblem, Interpreter
from .virtualenvs import FoundPython, lies_in_checkout

if TYPE_CHECKING:
    from importlib.metadata import Distribution

FIRST_WITH_MONITORING = (3, 12)


def is_of_this_machine(python: Path, root: Path, environ: Mapping[str, str]) -> bool:
    """Say whether a project merely names an installed interpreter, as it is: not by way of an environment."""
    is_environment = (python.parent.parent / "pyvenv.cfg").exists()
    return not is_environment and not lies_in_checkout(python, root) and is_installed(python, environ)


def read_unstarted(found: FoundPython) -> Interpreter:
    """Say of an interpreter what its files say. Raises `EnvironmentProblem`."""
    environment = read_virtual_environment(found.path)
    if environment is None:
        raise EnvironmentProblem(
            f"{found.path} ({found.why}) came with the project and is not started unasked, and its directory does not "
            "say which Python it is.",
            how_to_agree(found.path),
        )
    major, minor, micro = (*environment.version, 0)[:3]
    installed = {str(one.metadata["Name"]).lower(): one for one in _packages(environment)}
    return Interpreter(
        found.path,
        (major, minor, micro),
        environment.implementation,
        sys.platform,
        installed["pytest"].version if "pytest" in installed else None,
        tuple(
            sorted(f"{one.metadata['Name']} {one.version}" for one in installed.values() if _is_plugin(one))
        ),
        hasattr(os, "fork"),
        (major, minor) >= FIRST_WITH_MONITORING,
        "pip" in installed,
        f"{found.why}, read and not started",
        sees_more=environment.has_system_packages,
    )


def with_stand_in(interpreter: Interpreter, root: Path, environ: Mapping[str, str]) -> Interpreter:
    """Return what was read of an interpreter with another one of its version. Raises `EnvironmentProblem`."""
    stand_in = next(_stand_ins(interpreter, root, environ), None)
    if stand_in is None:
        raise EnvironmentProblem(
            f"{interpreter.path} ({interpreter.why}) came with the project and is not started unasked, and this machine "
            f"has no other Python {interpreter.version[0]}.{interpreter.version[1]}.",
            how_to_agree(interpreter.path),
        )
    return replace(interpreter, stand_in=stand_in)


def how_to_agree(python: Path) -> str:
    """Say how a user has an interpreter of a project's own started."""
    return (
        f"If you trust the project, name it yourself, with --python {shlex.quote(str(python))} or in your editor's "
        "settings, or list the project in trusted-projects of your own settings."
    )


def _stand_ins(interpreter: Interpreter, root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield interpreters of this machine that have the same version, the one that it is made from first."""
    real = Path(os.path.realpath(interpreter.path))
    if is_installed(real, environ) and not lies_in_checkout(real, root):
        yield real
    if sys.version_info[:2] == interpreter.version[:2]:
        yield Path(os.path.realpath(sys.executable))
    version = ".".join(map(str, interpreter.version[:2]))
    for one in installed_of_version(version, environ, ""):
        if not lies_in_checkout(one.path, root):
            yield one.path


def _packages(environment: VirtualEnvironment) -> Iterator[Distribution]:
    """Yield the packages that say what they are. Most commands do without, and it takes long to import."""
    from importlib.metadata import distributions

    for one in distributions(path=list(environment.site_packages)):
        if one.read_text("METADATA") or one.read_text("PKG-INFO"):
            yield one


def _is_plugin(package: Distribution) -> bool:
    """Say whether pytest loads it; the text is searched, because to parse it is to trust that it is well-formed."""
    return "[pytest11]" in (package.read_text("entry_points.txt") or "")
