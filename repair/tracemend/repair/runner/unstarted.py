"""Which interpreter a project has, for those who only read: nothing that the project brought along is started.

`tracemend check` on a fresh clone is no leave to run it, and starting the interpreter in its `.venv` would be that:
`bin/python` may be any program, and `pyvenv.cfg`, `.pth` files and `sitecustomize` run code before the first line does.
So such an environment is read (`virtual_environment` of the analysis), and an interpreter of this machine, of the same
version, stands in where the standard library is asked for its names. Without such a one the user is asked to agree.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from tracemend.analysis.symbols.virtual_environment import VirtualEnvironment, read_virtual_environment

from .environment import (
    FOUND,
    Choice,
    EnvironmentProblem,
    Interpreter,
    choose,
    how_to_agree,
    inspect_interpreter,
    recent,
)
from .installed import installed_of_version, is_installed
from .virtualenvs import FoundPython, lies_in_checkout

FIRST_WITH_MONITORING = (3, 12)


def read_interpreter(
    root: Path, choice: Choice = FOUND, *, environ: Mapping[str, str] | None = None
) -> Interpreter:
    """Return the interpreter whose packages the imports of the project at `root` find; pytest is not needed.

    It has a `stand_in` where it came with the project and the user has not agreed to start it. Raises
    `EnvironmentProblem`.
    """
    surroundings = os.environ if environ is None else environ

    def examine(found: FoundPython) -> Interpreter:
        if choice.consented or not found.by_project or _is_of_this_machine(found.path, root, surroundings):
            return recent(inspect_interpreter(found))
        return recent(_read(found, root, surroundings))

    return choose(root, choice, surroundings, examine)


def _is_of_this_machine(python: Path, root: Path, environ: Mapping[str, str]) -> bool:
    """Say whether a project merely names an installed interpreter, as it is: not by way of an environment."""
    is_environment = (python.parent.parent / "pyvenv.cfg").exists()
    return not is_environment and not lies_in_checkout(python, root) and is_installed(python, environ)


def _read(found: FoundPython, root: Path, environ: Mapping[str, str]) -> Interpreter:
    """Say of an interpreter what its files say. Raises `EnvironmentProblem`."""
    environment = read_virtual_environment(found.path)
    if environment is None:
        raise EnvironmentProblem(
            f"{found.path} ({found.why}) came with the project and is not started unasked, and its directory does not "
            "say which Python it is.",
            how_to_agree(found.path),
        )
    stand_in = next(_stand_ins(found.path, environment, root, environ), None)
    major, minor, micro = (*environment.version, 0)[:3]
    if stand_in is None:
        raise EnvironmentProblem(
            f"{found.path} ({found.why}) came with the project and is not started unasked, and this machine has no "
            f"other Python {major}.{minor}.",
            how_to_agree(found.path),
        )
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
        stand_in,
    )


def _stand_ins(
    python: Path, environment: VirtualEnvironment, root: Path, environ: Mapping[str, str]
) -> Iterator[Path]:
    """Yield interpreters of this machine that have the environment's version, the one it was made from first."""
    real = Path(os.path.realpath(python))
    if is_installed(real, environ) and not lies_in_checkout(real, root):
        yield real
    if sys.version_info[:2] == environment.version[:2]:
        yield Path(os.path.realpath(sys.executable))
    version = ".".join(map(str, environment.version[:2]))
    for one in installed_of_version(version, environ, ""):
        if not lies_in_checkout(one.path, root):
            yield one.path


def _packages(environment: VirtualEnvironment) -> Iterator[Distribution]:
    """Yield the packages that say what they are."""
    for one in distributions(path=list(environment.site_packages)):
        if one.read_text("METADATA") or one.read_text("PKG-INFO"):
            yield one


def _is_plugin(package: Distribution) -> bool:
    """Say whether pytest loads it; the text is searched, because to parse it is to trust that it is well-formed."""
    return "[pytest11]" in (package.read_text("entry_points.txt") or "")
