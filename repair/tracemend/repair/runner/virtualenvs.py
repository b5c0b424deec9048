"""Where the tools of the trade keep a project's environment.

Every tool is answered by reading what it leaves on disk, never by running it: poetry alone takes half a second to say
where its environment is, and a tool may not be on PATH at all. Each convention is one function that names its source.

What lies inside of the project's own checkout, or is named by a file there, comes from whoever wrote the project. That is
noted with it, and decides about what may be started (`environment`, `unstarted`). An environment that the user has
activated is theirs, wherever it lies: activating it has run code of it already.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

_Origin = Literal[
    "user", "project", "place"
]  # Who says so; "place": the user's own tool, unless it leads into the project.

IN_PROJECT = (".venv", "venv", "env")
CHECKOUT_MARKS = (".git", ".hg", ".svn", ".jj")
_NAME_LENGTH = (
    42  # Of poetry's and pipenv's directory names, chosen by both for the kernel's limit on "#!" lines.
)


@dataclass(frozen=True, slots=True)
class FoundPython:
    """An interpreter and why it was thought of, a phrase that completes "it is ..."."""

    path: Path
    why: str
    by_project: bool = False  # The project brought it along, or a file of the project names it.


def project_environments(root: Path, environ: Mapping[str, str]) -> Iterator[FoundPython]:
    """Yield the interpreters that belong to the project at `root`, the most telling first."""
    places: list[tuple[Path, str, _Origin]] = []
    if environ.get("VIRTUAL_ENV"):
        places.append((Path(environ["VIRTUAL_ENV"]), "the active virtual environment (VIRTUAL_ENV)", "user"))
    if environ.get("UV_PROJECT_ENVIRONMENT"):
        place = root / environ["UV_PROJECT_ENVIRONMENT"]
        places.append((place, "uv's environment (UV_PROJECT_ENVIRONMENT)", "place"))
    places += [(root / name, f"{name} in the project", "project") for name in IN_PROJECT]
    places += [(place, "poetry's environment", "place") for place in _poetry(root, environ)]
    places += [(place, "PDM's environment", "project") for place in _pdm(root)]
    places += [(place, "pipenv's environment", "project") for place in _named_by_file(root, environ)]
    places += [(place, "pipenv's environment", "place") for place in _pipenv(root, environ)]
    places += [(place, "Hatch's environment", "place") for place in _hatch(root, environ)]
    if environ.get("CONDA_PREFIX") and environ.get("CONDA_DEFAULT_ENV") != "base":
        place = Path(environ["CONDA_PREFIX"])
        places.append((place, "the active conda environment (CONDA_PREFIX)", "user"))
    seen = set()
    for place, why, origin in places:
        python = python_in(place)
        if python is not None and python not in seen:
            seen.add(python)
            by_project = origin == "project" or (origin == "place" and lies_in_checkout(place, root))
            yield FoundPython(python, why, by_project)


def lies_in_checkout(path: Path, root: Path) -> bool:
    """Say whether `path`, past all links, lies in the checkout of which the project at `root` is the whole or a part."""
    top = next((one for one in (root, *root.parents) if _is_checkout(one)), root)
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(top))


def python_in(environment: Path) -> Path | None:
    """Return the interpreter in an environment's directory, `None` if there is none.

    The path is left unresolved: its symbolic link is what makes it the environment's.
    """
    for name in ("bin/python", "bin/python3", "Scripts/python.exe"):
        path = Path(os.path.abspath(environment / name))
        if path.exists():
            return path
    return None


def _is_checkout(directory: Path) -> bool:
    return any((directory / mark).exists() for mark in CHECKOUT_MARKS)


def _poetry(root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """`EnvManager.generate_env_name` in poetry's `utils/env/env_manager.py`; `envs.toml` remembers `poetry env use`."""
    name = _project_name(root)
    if name is None or not ((root / "poetry.lock").exists() or _configures(root, "poetry")):
        return
    cache = Path(
        environ.get(
            "POETRY_CACHE_DIR", _home(environ) / _by_platform("Library/Caches", ".cache") / "pypoetry"
        )
    )
    store = Path(environ.get("POETRY_VIRTUALENVS_PATH", cache / "virtualenvs"))
    digest = hashlib.sha256(os.path.normcase(os.path.realpath(root)).encode()).digest()
    safe_name = re.sub(r'[ $`!*@"\\\r\n\t]', "_", name.lower())[:_NAME_LENGTH]
    base = f"{safe_name}-{base64.urlsafe_b64encode(digest).decode()[:8]}"
    chosen = _table(_read_toml(store / "envs.toml"), base).get("minor")
    if chosen:
        yield store / f"{base}-py{chosen}"
    yield from sorted(store.glob(f"{base}-py*"), key=_trailing_version, reverse=True)


def _pdm(root: Path) -> Iterator[Path]:
    """The file `.pdm-python` holds the interpreter's path (PDM documentation, "Working with virtual environments")."""
    path = _first_line(root / ".pdm-python")
    if path:
        yield Path(path).parent.parent


def _named_by_file(root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """A *file* called .venv names the environment (pipenv documentation, "Virtual Environments")."""
    named = _first_line(root / ".venv")
    if named:
        yield (root / named) if "/" in named else _pipenv_store(environ) / named


def _pipenv(root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """`Project._get_virtualenv_hash` in pipenv's `project.py`."""
    pipfile = root / "Pipfile"
    store = _pipenv_store(environ)
    if pipfile.exists():
        digest = base64.urlsafe_b64encode(hashlib.sha256(str(pipfile).encode()).digest()[:6]).decode()
        safe_name = re.sub(r'[ &$`!*@"()\[\]\\\r\n\t]', "_", root.name)[:_NAME_LENGTH]
        yield store / environ.get("PIPENV_CUSTOM_VENV_NAME", f"{safe_name}-{digest[:8]}")


def _pipenv_store(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("WORKON_HOME", _home(environ) / ".local/share/virtualenvs")).expanduser()


def _hatch(root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """`VirtualEnvironment.__init__` in Hatch's `env/virtual.py`: <data>/env/virtual/<project>/<checksum>/<environment>."""
    name = _project_name(root)
    if name is None or not ((root / "hatch.toml").exists() or _configures(root, "hatch")):
        return
    data = Path(
        environ.get(
            "HATCH_DATA_DIR",
            _home(environ) / _by_platform("Library/Application Support", ".local/share") / "hatch",
        )
    )
    checksum = base64.urlsafe_b64encode(hashlib.sha256(str(root).encode()).digest()).decode()[:8]
    normal_name = re.sub(r"[-_.]+", "-", name).lower()
    for store in (data / "env/virtual" / normal_name / checksum, root / ".hatch"):
        environments = sorted(store.glob("*")) if store.is_dir() else []
        yield from sorted(environments, key=lambda one: "test" not in one.name)


def _project_name(root: Path) -> str | None:
    """Return the name that the project gives itself; one that leads to other directories or matches many is none."""
    pyproject = _read_toml(root / "pyproject.toml")
    name = _table(pyproject, "project").get("name") or _table(pyproject, "tool", "poetry").get("name")
    return name if isinstance(name, str) and not set(name) & set("/\\*?[") else None


def _configures(root: Path, tool: str) -> bool:
    return tool in _table(_read_toml(root / "pyproject.toml"), "tool")


def _table(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return the nested table, empty where it is missing or something else stands in its place."""
    for key in keys:
        inner = content.get(key)
        content = inner if isinstance(inner, dict) else {}
    return content


def _read_toml(path: Path) -> dict[str, Any]:
    """Return the file's content, empty where it is missing or broken: a hint that cannot be read is no hint."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip().partition("\n")[0]
    except (OSError, ValueError):
        return ""


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or Path.home())


def _by_platform(mac: str, other: str) -> str:
    return mac if sys.platform == "darwin" else other


def _trailing_version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", path.name.rpartition("-py")[2]))
