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
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .settings import Project
from .virtualenvs import FoundPython, project_environments, python_in

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
    interpreter = find_interpreter(root.path, python=python)
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


def find_interpreter(
    root: Path,
    *,
    python: str | None = None,
    environ: Mapping[str, str] | None = None,
    needs_pytest: bool = True,
) -> Interpreter:
    """Return the interpreter that runs the project at `root`, which has a pytest that will do.

    `python` is a path, a name on PATH, a virtual environment's directory or a version such as "3.12". Whoever only
    reads what is installed does without pytest. Raises `EnvironmentProblem`.
    """
    environ = os.environ if environ is None else environ
    suits = usable if needs_pytest else recent
    if python is not None:
        return suits(_asked_for(python, root, environ))
    candidates = list(project_environments(root, environ)) or list(_general_interpreters(environ))
    problems = []
    for candidate in candidates:
        try:
            return suits(inspect_interpreter(candidate))
        except EnvironmentProblem as problem:
            problems.append(problem)
    raise problems[0]


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


def _asked_for(python: str, root: Path, environ: Mapping[str, str]) -> Interpreter:
    """Return the interpreter that the user asked for in one of the four ways."""
    if re.fullmatch(r"\d+(\.\d+){0,2}", python):
        return _of_version(python, root, environ)
    why = f"asked for by --python {python}"
    path = Path(python).expanduser()
    if path.is_dir():
        inside = python_in(path)
        if inside is None:
            raise EnvironmentProblem(
                f"The directory {python!r} is not a virtual environment: it has no bin/python.",
                "Give --python the environment's directory or its interpreter.",
            )
        return inspect_interpreter(FoundPython(inside, why))
    if path.is_file():
        return inspect_interpreter(FoundPython(Path(os.path.abspath(path)), why))
    on_path = shutil.which(python, path=environ.get("PATH"))
    if on_path is None:
        raise EnvironmentProblem(
            f"There is no interpreter {python!r}, neither as a path nor on PATH.",
            "Give --python a path, a name on PATH, or a version such as 3.12.",
        )
    return inspect_interpreter(FoundPython(Path(on_path), why))


def _of_version(version: str, root: Path, environ: Mapping[str, str]) -> Interpreter:
    """Return the first interpreter of that version: the project's environments first, then installed ones."""
    wanted = tuple(map(int, version.split(".")))
    candidates = [*project_environments(root, environ), *_installed(version, environ)]
    for candidate in candidates:
        try:
            interpreter = inspect_interpreter(candidate)
        except EnvironmentProblem:
            continue  # A pyenv shim of a version that is not active, for one, exists and does not run.
        if interpreter.version[: len(wanted)] == wanted:
            return interpreter
    raise EnvironmentProblem(
        f"There is no Python {version} in the project's environments, on PATH, or among those of pyenv and uv.",
        "Install it, or give --python a path.",
    )


def _installed(version: str, environ: Mapping[str, str]) -> Iterator[FoundPython]:
    why = f"asked for by --python {version}"
    minor = ".".join(version.split(".")[:2])
    on_path = shutil.which(f"python{minor}", path=environ.get("PATH"))
    if on_path:
        yield FoundPython(Path(on_path), why)
    home = Path(environ.get("HOME", str(Path.home())))
    stores = [
        (Path(environ.get("PYENV_ROOT", home / ".pyenv")) / "versions", f"{version}*"),
        (Path(environ.get("UV_PYTHON_INSTALL_DIR", home / ".local/share/uv/python")), f"cpython-{version}*"),
    ]
    for store, pattern in stores:
        for directory in sorted(store.glob(pattern), reverse=True):
            inside = python_in(directory)
            if inside:
                yield FoundPython(inside, why)


def _general_interpreters(environ: Mapping[str, str]) -> Iterator[FoundPython]:
    """Yield what runs a project that has no environment of its own."""
    yield FoundPython(Path(sys.executable), "the interpreter that runs tracemend")
    for name in ("python3", "python"):
        on_path = shutil.which(name, path=environ.get("PATH"))
        if on_path:
            yield FoundPython(Path(on_path), f"{name} on PATH")


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
