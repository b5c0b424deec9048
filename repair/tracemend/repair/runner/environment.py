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
for, inside the walls (`payload/__main__`) and only if it is what it seems: a link to an interpreter from outside of the checkout. A program of the project's
own in that place is started only once the user agreed. What only reads calls `read_interpreter` instead, which
starts nothing that comes from the project.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracemend.analysis.symbols.virtual_environment import read_virtual_environment

from .installed import general_interpreters, has_interpreter_name, installed_of_version, on_search_path
from .interpreter import EnvironmentProblem, Interpreter, inspect_interpreter, recent, usable
from .settings import Project
from .unstarted import how_to_agree, is_of_this_machine, read_unstarted, with_stand_in
from .virtualenvs import FoundPython, lies_in_checkout, project_environments, python_in

__all__ = [
    "Choice", "EnvironmentProblem", "Interpreter", "Root", "find_interpreter", "find_project", "find_root",
    "inspect_interpreter", "read_interpreter", "usable",
]  # fmt: skip

ROOT_MARKS = (
    "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg", "setup.py",
    ".git", ".hg",
)  # fmt: skip
TEST_DIRECTORIES = frozenset({"test", "tests", "testing"})


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
    surroundings = os.environ if environ is None else environ

    def examine(found: FoundPython) -> Interpreter:
        if _may_be_asked(found, choice, root, surroundings):
            return usable(inspect_interpreter(found))
        return usable(read_unstarted(startable(found, root)))

    return choose(root, choice, surroundings, examine)


def read_interpreter(
    root: Path, choice: Choice = FOUND, *, environ: Mapping[str, str] | None = None, for_tests: bool = False
) -> Interpreter:
    """Return the interpreter whose packages the imports of the project at `root` find.

    It needs a pytest only where it is to be the one that `find_interpreter` takes, `for_tests`. It has a `stand_in`
    where it came with the project and the user has not agreed to start it. Raises `EnvironmentProblem`.
    """
    surroundings = os.environ if environ is None else environ
    accepted = usable if for_tests else recent

    def examine(found: FoundPython) -> Interpreter:
        if _may_be_asked(found, choice, root, surroundings):
            return accepted(inspect_interpreter(found))
        return with_stand_in(accepted(read_unstarted(found)), root, surroundings)

    return choose(root, choice, surroundings, examine)


def _may_be_asked(found: FoundPython, choice: Choice, root: Path, environ: Mapping[str, str]) -> bool:
    """Say whether an interpreter may be asked about itself: it is the user's, or they agreed to start the project's."""
    return choice.consented or not found.by_project or is_of_this_machine(found.path, root, environ)


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
