"""The packages on which the oracle is measured: pinned source distributions, and one environment with all of them.

Varied on purpose: typed and untyped, old and new style, much inheritance (django, sqlalchemy), plain functions (toolz,
more-itertools), dispatch through `__getattr__` (werkzeug's proxies), their tests where the distribution has them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.projects import PIP, cache_dir, make_once

PIP_TIMEOUT_S = 600
TEST_REQUIREMENTS = (
    "pytest==8.4.2",
    "trio==0.30.0",
    "numpy==2.3.1",
    "hypothesis==6.135.0",
    "uvicorn==0.35.0",
)


@dataclass(frozen=True)
class Package:
    """One PyPI package: `sources` and `tests` are folders or files of its source distribution."""

    name: str
    version: str
    sources: tuple[str, ...]
    tests: tuple[str, ...] = ()
    typed: bool = False  # It ships annotations (`py.typed` or stubs).

    @property
    def root(self) -> Path:
        """The unpacked tree, which is the workspace of the oracle."""
        return cache_dir() / "oracle" / f"{self.name}-{self.version}"

    def files(self, *, with_tests: bool) -> Iterator[tuple[Path, bool]]:
        """Yield the Python files, and whether each is a test."""
        for places, is_test in ((self.sources, False), (self.tests if with_tests else (), True)):
            for place in places:
                path = self.root / place
                for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
                    parts = file.relative_to(self.root).parts
                    yield file, is_test or "tests" in parts or "testing" in parts


PACKAGES: tuple[Package, ...] = (
    Package("requests", "2.34.2", ("src/requests",), ("tests",)),
    Package("rich", "15.0.0", ("rich",), typed=True),
    Package("flask", "3.1.3", ("src/flask",), ("tests",), typed=True),
    Package("httpx", "0.28.1", ("httpx",), ("tests",), typed=True),
    Package("click", "8.5.1", ("src/click",), ("tests",), typed=True),
    Package("jinja2", "3.1.6", ("src/jinja2",), ("tests",), typed=True),
    Package("werkzeug", "3.1.9", ("src/werkzeug",), ("tests",), typed=True),
    Package("attrs", "26.1.0", ("src/attr", "src/attrs"), ("tests",), typed=True),
    Package("networkx", "3.6.1", ("networkx",)),
    Package("sqlparse", "0.6.1", ("sqlparse",), ("tests",)),
    Package("boltons", "26.2.0", ("boltons",), ("tests",)),
    Package("more-itertools", "11.2.1", ("more_itertools",), ("tests",), typed=True),
    Package("toolz", "1.2.0", ("toolz",)),
    Package("pluggy", "1.7.0", ("src/pluggy",), ("testing",), typed=True),
    Package("django", "5.2.19", ("django",)),
    Package("sqlalchemy", "2.1.9", ("lib/sqlalchemy",), typed=True),
)


def packages_named(names: str) -> tuple[Package, ...]:
    """Return the packages of a comma-separated list, all of them for an empty one."""
    wanted = [name for name in names.split(",") if name]
    known = {package.name: package for package in PACKAGES}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise SystemExit(f"No package {', '.join(unknown)}; known: {', '.join(known)}")
    return tuple(known[name] for name in wanted) or PACKAGES


def prepare(packages: tuple[Package, ...]) -> Path:
    """Unpack `packages`, make the environment the first time, and return its interpreter."""
    for package in packages:
        make_once(package.root, lambda package=package: _unpack(package))  # type: ignore[misc]
    environment = cache_dir() / "oracle" / f"venv-{sys.version_info.major}.{sys.version_info.minor}"
    make_once(environment, lambda: _make_environment(environment))
    return environment / "bin" / "python"


def _unpack(package: Package) -> None:
    """Download the source distribution and unpack its one top folder."""
    with tempfile.TemporaryDirectory() as scratch:
        pinned = f"{package.name}=={package.version}"
        options = ("--no-deps", "--no-binary", package.name, "--dest", scratch)
        _run((*PIP, "download", *options, pinned))
        (archive,) = Path(scratch).glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
        (unpacked,) = (entry for entry in Path(scratch).iterdir() if entry.is_dir())
        shutil.move(unpacked, package.root)


def _make_environment(target: Path) -> None:
    """Make one virtual environment with every package, its dependencies, and what their tests import."""
    _run((sys.executable, "-m", "venv", "--without-pip", str(target)))
    pinned = [f"{package.name}=={package.version}" for package in PACKAGES]
    _run((*PIP, "--python", str(target), "install", *pinned, *TEST_REQUIREMENTS))


def _run(command: tuple[str, ...]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
