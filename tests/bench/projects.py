"""Real projects from PyPI whose own tests serve as the oracle of the benchmarks.

`PROJECTS` is the data: a pinned version, how its suite is run, and which files bugs may be planted in. `fetch` brings
one project to this machine through the ordinary pip client and keeps it in a cache, with an environment of its own.
The checkout gets a `pytest.ini` of ours, so that every project is run the same way from its source tree, without
being installed: a copy of the tree in another folder then tests the copy, never the installed package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PYTEST = "pytest==8.4.2"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
PIP_TIMEOUT_S = 300


@dataclass(frozen=True)
class Project:
    """One PyPI project: what to download, what to run, and where to plant bugs."""

    name: str
    version: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    import_root: str = "."
    requirements: tuple[str, ...] = ()
    deselected: tuple[str, ...] = ()

    @property
    def pytest_ini(self) -> str:
        """The configuration that replaces the project's own: a path, the tests, and what is left out."""
        options = " ".join(f"--deselect={test}" for test in self.deselected)
        return f"[pytest]\npythonpath = {self.import_root}\ntestpaths = {' '.join(self.tests)}\naddopts = {options}\n"


@dataclass(frozen=True)
class Checkout:
    """A project on this machine: an unpacked tree that must never be changed, and its interpreter."""

    project: Project
    root: Path
    python: Path


PROJECTS: tuple[Project, ...] = (
    Project(
        "boltons",
        "25.0.0",
        sources=(
            "boltons/cacheutils.py",
            "boltons/dictutils.py",
            "boltons/formatutils.py",
            "boltons/funcutils.py",
            "boltons/ioutils.py",
            "boltons/iterutils.py",
            "boltons/listutils.py",
            "boltons/mathutils.py",
            "boltons/namedutils.py",
            "boltons/setutils.py",
            "boltons/statsutils.py",
            "boltons/strutils.py",
            "boltons/tableutils.py",
            "boltons/timeutils.py",
            "boltons/urlutils.py",
        ),
        tests=("tests",),
    ),
    Project("cachetools", "5.5.2", sources=("src/cachetools",), tests=("tests",), import_root="src"),
    Project(
        "humanize",
        "4.12.3",
        sources=(
            "src/humanize/filesize.py",
            "src/humanize/lists.py",
            "src/humanize/number.py",
            "src/humanize/time.py",
        ),
        tests=("tests",),
        import_root="src",
        requirements=("freezegun==1.5.1",),
    ),
    Project("inflection", "0.5.1", sources=("inflection/__init__.py",), tests=("test_inflection.py",)),
    Project(
        "jinja2",
        "3.1.6",
        sources=(
            "src/jinja2/compiler.py",
            "src/jinja2/environment.py",
            "src/jinja2/filters.py",
            "src/jinja2/lexer.py",
            "src/jinja2/loaders.py",
            "src/jinja2/parser.py",
            "src/jinja2/runtime.py",
            "src/jinja2/utils.py",
        ),
        tests=("tests",),
        import_root="src",
        requirements=("markupsafe==3.0.2", "trio==0.30.0"),
    ),
    Project(
        "more-itertools",
        "10.7.0",
        sources=("more_itertools/more.py", "more_itertools/recipes.py"),
        tests=("tests",),
        # The two slowest tests take nine of the twelve seconds of the suite.
        deselected=(
            "tests/test_recipes.py::PrimeFunctionTests::test_primes",
            "tests/test_more.py::DiscreteFourierTransformTests::test_roundtrip",
        ),
    ),
    Project("parse", "1.20.2", sources=("parse.py",), tests=("tests",)),
    Project("semver", "3.0.4", sources=("src/semver/version.py",), tests=("tests",), import_root="src"),
    Project(
        "sqlparse",
        "0.5.3",
        sources=(
            "sqlparse/engine",
            "sqlparse/filters",
            "sqlparse/formatter.py",
            "sqlparse/sql.py",
            "sqlparse/utils.py",
        ),
        tests=("tests",),
    ),
    Project(
        "tabulate",
        "0.9.0",
        sources=("tabulate/__init__.py",),
        tests=("test",),
        requirements=("wcwidth==0.2.13",),
    ),
    Project(
        "toolz",
        "1.0.0",
        sources=("toolz/dicttoolz.py", "toolz/functoolz.py", "toolz/itertoolz.py", "toolz/recipes.py"),
        tests=("toolz/tests",),
    ),
    Project("xmltodict", "0.14.2", sources=("xmltodict.py",), tests=("tests",)),
)


def project_named(name: str) -> Project:
    """Return the project called `name`."""
    for project in PROJECTS:
        if project.name == name:
            return project
    raise ValueError(
        f"No benchmark project {name!r}; known: {', '.join(project.name for project in PROJECTS)}"
    )


def cache_dir() -> Path:
    """Return where checkouts are kept: $TRACEMEND_BENCH_CACHE, or a folder of the user's cache."""
    configured = os.environ.get("TRACEMEND_BENCH_CACHE")
    return Path(configured) if configured else Path.home() / ".cache" / "tracemend-bench"


def base_python() -> str:
    """Return the interpreter that projects' environments are made from: $TRACEMEND_BENCH_PYTHON, or this one."""
    return os.environ.get("TRACEMEND_BENCH_PYTHON", sys.executable)


def fetch(project: Project) -> Checkout:
    """Return a checkout of `project`, downloading it and building its environment the first time."""
    home = cache_dir() / f"{project.name}-{project.version}"
    environment = home / f"venv-{_python_version()}"
    make_once(home / "project", lambda: _unpack_sdist(project, home / "project"))
    make_once(environment, lambda: _make_environment(project, environment))
    (home / "project" / "pytest.ini").write_text(project.pytest_ini, encoding="utf-8")
    return Checkout(project, home / "project", environment / "bin" / "python")


def make_once(folder: Path, make: Callable[[], None]) -> None:
    """Make `folder` unless an earlier call completed it; what an interrupted call left is made anew."""
    complete = folder.with_name(f"{folder.name}.complete")
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        make()
        complete.touch()


def source_files(checkout: Checkout) -> list[str]:
    """Return the paths, relative to the checkout, of the files in which bugs may be planted."""
    found = []
    for source in checkout.project.sources:
        path = checkout.root / source
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        found += [file.relative_to(checkout.root).as_posix() for file in files]
    return found


def test_files(project: Project, root: Path) -> list[str]:
    """Return the paths, relative to `root`, of the files that hold the project's tests."""
    found = []
    for place in project.tests:
        path = root / place
        files = sorted(path.rglob("test*.py")) if path.is_dir() else [path]
        found += [file.relative_to(root).as_posix() for file in files]
    return found


@cache
def _python_version() -> str:
    """Return the version of the base interpreter, such as 3.12: each has its own environments."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run(
        (base_python(), "-c", code), capture_output=True, text=True, check=True
    ).stdout.strip()


def _unpack_sdist(project: Project, target: Path) -> None:
    """Download the source distribution and unpack its one top folder as `target`.

    Only the project itself is asked for as source: its build backend may come as a wheel.
    """
    with tempfile.TemporaryDirectory() as scratch:
        wanted = f"{project.name}=={project.version}"
        download = ("download", "--no-deps", "--no-binary", project.name, "--dest", scratch, wanted)
        _run((*PIP, *download))
        (archive,) = Path(scratch).glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
        (unpacked,) = (entry for entry in Path(scratch).iterdir() if entry.is_dir())
        shutil.move(unpacked, target)


def _make_environment(project: Project, target: Path) -> None:
    """Make a virtual environment with pytest and what the project's tests import."""
    _run((base_python(), "-m", "venv", "--without-pip", str(target)))
    _run((*PIP, "--python", str(target), "install", PYTEST, *project.requirements))


def _run(command: tuple[str, ...]) -> None:
    """Run `command`, and show what it said if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
