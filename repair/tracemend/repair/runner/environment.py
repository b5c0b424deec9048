"""Which project, and which interpreter runs it.

`find_project` is the whole answer; `find_root`, `find_interpreter` and `inspect_interpreter` are its three steps, for
callers (the command line, `tracemend doctor`) that read configuration in between or tell each step.

**The root.** The search starts at the directory that holds everything that was named (without names: at the working
directory), and walks up to the nearest directory with one of `ROOT_MARKS`, as pytest does for its rootdir. It departs
from pytest in three ways, because the root must also hold the code under repair: any pyproject.toml counts, whether or
not it configures pytest; a directory called `tests` is passed over if a parent qualifies; and the home directory, where
people keep dotfiles under git, is accepted only if the search began there. Without any mark the working directory is
the root, or the common directory of the names where that lies elsewhere.

**The interpreter.** `--python`, else the environments of `virtualenvs.project_environments` in their order, else the
interpreter that runs tracemend, else the one on PATH. Only these three groups are different in kind: the project's
environments are tried until one has pytest, but where the project has any, no other interpreter is asked, as it would
merely lack the project's own dependencies and fail in a more puzzling way.

**Whose word counts.** An interpreter that the user names, or activated, is started as it is. One that the project itself
brought along, or that its pyproject.toml names, is started in order to run the project's tests, because that was asked
for, but only if it is what it seems: a link to an interpreter from outside of the checkout. A program of the project's
own in that place is started only once the user agreed. What only reads calls `unstarted.read_interpreter` instead, which
starts nothing that comes from the project.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracemend.analysis.symbols.virtual_environment import read_virtual_environment

from .installed import general_interpreters, has_interpreter_name, installed_of_version, on_search_path
from .settings import Project
from .virtualenvs import FoundPython, lies_in_checkout, project_environments, python_in

ROOT_MARKS = (
    "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg", "setup.py",
    ".git", ".hg",
)  # fmt: skip
TEST_DIRECTORIES = frozenset({"test", "tests", "testing"})
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

    @property
    def version_text(self) -> str:
        """The version as people write it, "3.12.1"."""
        return ".".join(map(str, self.version))

    @property
    def pip_install(self) -> str:
        """The command that installs into this interpreter, less the requirement."""
        python = shlex.quote(str(self.path))
        return f"{python} -m pip install" if self.has_pip else f"uv pip install --python {python}"


@dataclass(frozen=True, slots=True)
class Root:
    """A project's root, what was selected in it, and what marked it."""

    path: Path  # Absolute and resolved.
    selection: tuple[str, ...]  # Paths or node ids relative to the root, posix; empty for the whole project.
    mark: str | None


def find_project(
    names: Sequence[str], *, python: str | None = None, cwd: Path, pytest_args: Sequence[str] = ()
) -> Project:
    """Return the project that `names` (paths or node ids, relative to `cwd`) belong to.

    Raises `EnvironmentProblem`.
    """
    root = find_root(names, cwd=cwd)
    interpreter = find_interpreter(root.path, Choice(python))
    return Project(root.path, interpreter.path, root.selection, tuple(pytest_args))


def find_root(names: Sequence[str], *, cwd: Path) -> Root:
    """Return the root of the project that holds all `names`. Raises `EnvironmentProblem` for one that is not there."""
    named = [_split_name(name, cwd) for name in names]
    here = Path(os.path.abspath(cwd))
    start = Path(os.path.commonpath([_directory_of(path) for path, _ in named])) if named else here
    top, mark = _marked_ancestor(start)
    if top is None:
        top = here if start.is_relative_to(here) else start
    selection = tuple(
        path.relative_to(top).as_posix() + test_part for path, test_part in named if path != top or test_part
    )
    return Root(top.resolve(), selection, mark)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which interpreter is wanted: a path, a name on PATH, a virtual environment's directory or a version like "3.12"."""

    python: str | None = None  # What the user says.
    proposed: str | None = None  # What the project's own file says.
    consented: bool = False  # The user agreed that this project chooses what runs.


FOUND = Choice()  # Nobody says anything.


def find_interpreter(
    root: Path, choice: Choice = FOUND, *, environ: Mapping[str, str] | None = None
) -> Interpreter:
    """Return the interpreter that runs the project at `root`, which has a pytest that will do.

    Raises `EnvironmentProblem`.
    """

    def examine(found: FoundPython) -> Interpreter:
        return usable(inspect_interpreter(found if choice.consented else startable(found, root)))

    return choose(root, choice, os.environ if environ is None else environ, examine)


def choose(
    root: Path, choice: Choice, environ: Mapping[str, str], examine: Callable[[FoundPython], Interpreter]
) -> Interpreter:
    """Return the first of the candidates that `examine` does not raise `EnvironmentProblem` for."""
    if choice.python is not None:
        return _asked_for(choice.python, f"asked for by --python {choice.python}", root, environ, examine)
    if choice.proposed is not None:
        why = f"named by the project's pyproject.toml, python = {choice.proposed!r}"
        return _asked_for(choice.proposed, why, root, environ, examine, by_project=True)
    candidates = list(project_environments(root, environ)) or list(general_interpreters(environ))
    problems = []
    for candidate in candidates:
        try:
            return examine(candidate)
        except EnvironmentProblem as problem:
            problems.append(problem)
    raise problems[0]


def startable(found: FoundPython, root: Path) -> FoundPython:
    """Return `found` if no program of the project is started by starting it, else raise `EnvironmentProblem`.

    What it is made of must lie outside: the file behind the link, and the standard library that `pyvenv.cfg` leads to.
    """
    if not found.by_project:
        return found
    environment = read_virtual_environment(found.path)
    home = environment.home if environment is not None else None
    parts = [found.path, *([home] if home is not None else [])]
    if has_interpreter_name(found.path) and not any(lies_in_checkout(one, root) for one in parts):
        return found
    raise EnvironmentProblem(
        f"{found.path} ({found.why}) is no link to an interpreter of this machine but a program that came with the "
        "project, which is not started unasked.",
        how_to_agree(found.path),
    )


def how_to_agree(python: Path) -> str:
    """Say how a user has an interpreter of a project's own started."""
    return (
        f"If you trust the project, name it yourself, with --python {shlex.quote(str(python))} or in your editor's "
        "settings, or list the project in trusted-projects of your own settings."
    )


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


def _split_name(name: str, cwd: Path) -> tuple[Path, str]:
    """Split a path or node id into its absolute path and what follows, "::test" included."""
    path_part, separator, test_part = name.partition("::")
    path = Path(os.path.abspath(cwd / path_part))
    if not path.exists():
        raise EnvironmentProblem(
            f"There is no file or directory {path_part!r} in {cwd}.",
            "Give paths or pytest node ids (tests/test_x.py::test_y) relative to the working directory.",
        )
    return path, separator + test_part


def _directory_of(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _marked_ancestor(start: Path) -> tuple[Path | None, str | None]:
    """Return the nearest qualifying directory at or above `start`, and its mark."""
    passed_over: tuple[Path | None, str | None] = (None, None)
    home = Path.home()
    for directory in (start, *start.parents):
        if directory != start and directory in (home, Path(directory.anchor)):
            break
        mark = next((mark for mark in ROOT_MARKS if (directory / mark).exists()), None)
        if mark is None:
            continue
        if directory.name not in TEST_DIRECTORIES:
            return directory, mark
        passed_over = passed_over if passed_over[0] else (directory, mark)
    return passed_over


def _asked_for(
    python: str,
    why: str,
    root: Path,
    environ: Mapping[str, str],
    examine: Callable[[FoundPython], Interpreter],
    *,
    by_project: bool = False,
) -> Interpreter:
    """Return the interpreter that was asked for in one of the four ways."""
    if re.fullmatch(r"\d+(\.\d+){0,2}", python):
        return _of_version(python, why, root, environ, examine)
    path = Path(python).expanduser()
    if path.is_dir():
        inside = python_in(path)
        if inside is None:
            raise EnvironmentProblem(
                f"The directory {python!r} is not a virtual environment: it has no bin/python.",
                "Give --python the environment's directory or its interpreter.",
            )
        return examine(FoundPython(inside, why, by_project))
    if path.is_file():
        return examine(FoundPython(Path(os.path.abspath(path)), why, by_project))
    on_path = on_search_path(python, environ)
    if on_path is None:
        raise EnvironmentProblem(
            f"There is no interpreter {python!r}, neither as a path nor on PATH.",
            "Give --python a path, a name on PATH, or a version such as 3.12.",
        )
    return examine(FoundPython(on_path, why, by_project))


def _of_version(
    version: str,
    why: str,
    root: Path,
    environ: Mapping[str, str],
    examine: Callable[[FoundPython], Interpreter],
) -> Interpreter:
    """Return the first interpreter of that version: the project's environments first, then installed ones."""
    wanted = tuple(map(int, version.split(".")))
    for candidate in (
        *project_environments(root, environ),
        *installed_of_version(version, environ, why),
    ):
        try:
            interpreter = examine(candidate)
        except EnvironmentProblem:
            continue  # A pyenv shim of a version that is not active, for one, exists and does not run.
        if interpreter.version[: len(wanted)] == wanted:
            return interpreter
    raise EnvironmentProblem(
        f"There is no Python {version} in the project's environments, on PATH, or among those of pyenv and uv.",
        "Install it, or give --python a path.",
    )


# Run by an interpreter of any age, hence the old-fashioned spelling. The working directory leaves `sys.path`, or a
# project's own `json.py` would be imported.
_PROBE = """
import sys
sys.path = [entry for entry in sys.path if entry]
import json, os
facts = {"version": sys.version_info[:3], "executable": sys.executable, "platform": sys.platform, "pytest": None,
         "plugins": [], "has_fork": hasattr(os, "fork"), "has_monitoring": hasattr(sys, "monitoring"),
         "has_pip": False, "implementation": "unknown"}
if sys.version_info >= (3, 9):
    import importlib.metadata, importlib.util
    facts["implementation"] = sys.implementation.name
    facts["has_pip"] = importlib.util.find_spec("pip") is not None
    try:
        facts["pytest"] = importlib.metadata.version("pytest")
    except importlib.metadata.PackageNotFoundError:
        pass
    facts["plugins"] = sorted({"%s %s" % (one.metadata["Name"], one.version)
        for one in importlib.metadata.distributions()
        if any(point.group == "pytest11" for point in one.entry_points)})
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
