"""An interpreter: what it says of itself, and whether that will do."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .virtualenvs import FoundPython

OLDEST_PYTHON = (3, 9)
OLDEST_PYTEST = 7
PROBE_TIMEOUT_S = 20.0


class EnvironmentProblem(Exception):
    """Nothing can be run as things stand: a sentence for the user, and what to do about it."""

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__(f"{sentence} {next_step}")
        self.sentence = sentence
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What an interpreter said about itself."""

    path: Path  # Its own `sys.executable`: past wrappers such as pyenv's shims, yet inside a virtual environment.
    version: tuple[int, int, int]
    implementation: str  # "cpython", "pypy".
    platform: str  # `sys.platform`.
    pytest: str | None  # pytest's version.
    plugins: tuple[str, ...]  # Distributions with pytest plug-ins, as "name version".
    has_fork: bool
    has_monitoring: bool
    has_pip: bool
    why: str = ""  # Why this one, completing "chosen because it is ...".
    # Started in its stead, by those who only read: it came with the project, and was not started itself.
    stand_in: Path | None = None
    sees_more: bool = (
        False  # It was read, and sees packages that were not: pytest is looked for when it runs.
    )

    @property
    def version_text(self) -> str:
        """The version as people write it, "3.12.1"."""
        return ".".join(map(str, self.version))

    @property
    def pip_install(self) -> str:
        """The command that installs into this interpreter, less the requirement."""
        python = shlex.quote(str(self.path))
        return f"{python} -m pip install" if self.has_pip else f"uv pip install --python {python}"


def inspect_interpreter(found: FoundPython) -> Interpreter:
    """Ask the interpreter at `found.path` about itself, by running it once. Raises `EnvironmentProblem`."""
    facts = _probe(found.path)
    major, minor, micro = facts["version"]
    return Interpreter(
        Path(facts["executable"] or found.path),
        (int(major), int(minor), int(micro)),
        str(facts["implementation"]),
        str(facts["platform"]),
        facts["pytest"],
        tuple(facts["plugins"]),
        bool(facts["has_fork"]),
        bool(facts["has_monitoring"]),
        bool(facts["has_pip"]),
        found.why,
    )


def recent(interpreter: Interpreter) -> Interpreter:
    """Return `interpreter` if it is recent enough, else raise `EnvironmentProblem`."""
    if interpreter.version < OLDEST_PYTHON:
        raise EnvironmentProblem(
            f"{interpreter.path} is Python {interpreter.version_text}; tracemend repairs projects that run on 3.9 or "
            "later.",
            "Name a newer interpreter with --python.",
        )
    return interpreter


def usable(interpreter: Interpreter) -> Interpreter:
    """Return `interpreter` if it is recent enough and has a recent pytest, else raise `EnvironmentProblem`."""
    path = recent(interpreter).path
    if interpreter.pytest is None and interpreter.sees_more:
        return interpreter
    if interpreter.pytest is None:
        raise EnvironmentProblem(
            f"{path} ({interpreter.why}) has no pytest.",
            f"Install it with: {interpreter.pip_install} 'pytest>={OLDEST_PYTEST}' - or name the project's "
            "interpreter with --python.",
        )
    if int(re.match(r"\d*", interpreter.pytest)[0] or 0) < OLDEST_PYTEST:  # type: ignore[index]
        raise EnvironmentProblem(
            f"{path} has pytest {interpreter.pytest}; tracemend needs pytest {OLDEST_PYTEST} or later.",
            f"Upgrade it with: {interpreter.pip_install} --upgrade 'pytest>={OLDEST_PYTEST}'",
        )
    return interpreter


# Run by an interpreter of any age, hence the old-fashioned spelling. The working directory leaves `sys.path`, or a
# project's own `json.py` would be imported. `importlib.metadata` takes longer to import than all the rest, so that the
# folders of packages are read here as it would; it is asked where they show no pytest (one in a zip file, say).
_PROBE = """
import sys
sys.path = [entry for entry in sys.path if entry]
import json, os
facts = {"version": sys.version_info[:3], "executable": sys.executable, "platform": sys.platform, "pytest": None,
         "plugins": [], "has_fork": hasattr(os, "fork"), "has_monitoring": hasattr(sys, "monitoring"),
         "has_pip": False, "implementation": "unknown"}

def read(*path):
    try:
        with open(os.path.join(*path), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""

def package_folders():
    for entry in sys.path:
        for name in sorted(os.listdir(entry)) if os.path.isdir(entry) else ():
            if name.endswith((".dist-info", ".egg-info")):
                yield os.path.join(entry, name)

def name_and_version(folder):
    head = (read(folder, "METADATA") or read(folder, "PKG-INFO")).split("\\n\\n")[0]
    found = dict(line.split(": ", 1) for line in head.splitlines() if line.startswith(("Name: ", "Version: ")))
    return found.get("Name", ""), found.get("Version", "")

if sys.version_info >= (3, 9):
    from importlib.machinery import PathFinder
    facts["implementation"] = sys.implementation.name
    facts["has_pip"] = PathFinder.find_spec("pip") is not None
    plugins = {}
    for folder in package_folders():
        is_pytest = os.path.basename(folder).lower().startswith(("pytest-", "pytest."))
        if is_pytest or "[pytest11]" in read(folder, "entry_points.txt"):
            name, version = name_and_version(folder)
            if name.lower() == "pytest":
                facts["pytest"] = facts["pytest"] or version
            elif name and "[pytest11]" in read(folder, "entry_points.txt"):
                plugins.setdefault(name, version)
    facts["plugins"] = sorted("%s %s" % one for one in plugins.items())
    if not facts["pytest"]:
        import importlib.metadata
        try:
            facts["pytest"] = importlib.metadata.version("pytest")
        except importlib.metadata.PackageNotFoundError:
            facts["pytest"] = None
sys.stdout.write("\\n" + json.dumps(facts) + "\\n")
"""


def _probe(python: Path) -> dict[str, Any]:
    """Run the probe and return its facts. Raises `EnvironmentProblem`."""
    try:
        done = subprocess.run(
            [str(python), "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except OSError as error:
        raise EnvironmentProblem(
            f"{python} cannot be run: {error.strerror}.", "Name the project's interpreter with --python."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise EnvironmentProblem(
            f"{python} did not answer within {PROBE_TIMEOUT_S:.0f} s.",
            "Check that it starts, or name another interpreter with --python.",
        ) from error
    facts = _last_json_line(done.stdout)
    if facts is None:
        raise EnvironmentProblem(
            f"{python} is not a working Python interpreter (exit code {done.returncode}).",
            "Name the project's interpreter with --python.",
        )
    return facts


def _last_json_line(output: bytes) -> dict[str, Any] | None:
    """Return the object on the last line; what a `sitecustomize` prints before it does no harm."""
    try:
        facts = json.loads(output.decode("utf-8", "replace").strip().rpartition("\n")[2])
    except ValueError:
        return None
    return facts if isinstance(facts, dict) and "version" in facts else None
