"""Checks of the symbol index: snippets in, names out. The only place in the tests that knows how an index is made."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import replace
from functools import cache
from pathlib import Path

from project_fixture import project_files

from tracemend.analysis.symbols.environment import PythonEnvironment, probe_environment, with_path_files
from tracemend.analysis.symbols.index import Index
from tracemend.analysis.symbols.model import ClassDef, ModuleSummary
from tracemend.analysis.symbols.summarize import summarize


def summary_of(code: str, *, is_stub: bool = False) -> ModuleSummary:
    return summarize(textwrap.dedent(code), is_stub=is_stub)


def class_of(code: str, name: str = "C") -> ClassDef:
    """Return the class `name` of `code`, which defines it once."""
    (found,) = (one for one in summary_of(code).names[name] if isinstance(one, ClassDef))
    return found


@cache
def own_environment() -> PythonEnvironment:
    return probe_environment(Path(sys.executable))


def bare_environment(*site_packages: Path) -> PythonEnvironment:
    """Return this interpreter with nothing installed but what stands in `site_packages`."""
    own = own_environment()
    outside = tuple(one for one in own.paths if own.is_stdlib_path(one) or one == own.stdlib)
    sites = tuple(map(str, site_packages))
    return with_path_files(replace(own, paths=(*outside, *sites), site_packages=sites))


def write_files(folder: Path, snippet: str) -> None:
    for path, text in project_files(snippet).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def make_index(folder: Path, snippet: str, **options: object) -> Index:
    """Write `snippet` and index `folder/project`, with `folder/site` as the only site directory."""
    write_files(folder, snippet)
    (folder / "project").mkdir(exist_ok=True)
    return Index(folder / "project", bare_environment(folder / "site"), **options)  # type: ignore[arg-type]


def open_again(folder: Path) -> Index:
    """Return another index of what `make_index` wrote, with the cache in `folder/cache`."""
    return Index(folder / "project", bare_environment(folder / "site"), cache=folder / "cache")


def read_again(folder: Path) -> int:
    """Read all files of the project and return how many there are; here, where another process can import it."""
    index = open_again(folder)
    count = len(index.workspace_facts())
    index.close()
    return count
