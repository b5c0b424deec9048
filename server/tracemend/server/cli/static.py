"""From the command line's words to the static oracle: which project, which interpreter, which place in which file.

Nothing here runs code of the project, and no interpreter that came with it (`unstarted`). Installed extension modules
without a stub are loaded, contained, where the environment is the user's own (`extension_names`). The oracle is imported
when it is needed, for that takes longer than `--help` should.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from platformdirs import user_cache_path

from tracemend.analysis.syntax.positions import LineIndex
from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.runner.environment import Choice, EnvironmentProblem, find_root, read_interpreter
from tracemend.server.config import Config, load_config

if TYPE_CHECKING:
    from tracemend.analysis.review import Reviewer
    from tracemend.analysis.symbols.environment import PythonEnvironment
    from tracemend.analysis.types.engines.protocol import MemberEngine

EngineName = Literal["none", "ty"]

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+):(?P<column>\d+)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file: line and column count from 1, columns are characters."""

    path: Path
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class StaticSetting:
    """A project and the interpreter whose packages its imports find."""

    root: Path
    python: Path
    config: Config
    stand_in: Path | None = None  # Asked in its stead, where `python` came with the project and is only read.
    loads_extensions: bool = (
        False  # Behind the walls; never those of an environment that came with the project.
    )

    def reviewer(self, engine: EngineName = "none") -> Reviewer:
        """Return a reviewer of the project; the caller closes it."""
        from tracemend.analysis.review import Reviewer
        from tracemend.analysis.symbols.environment import EnvironmentUnknown
        from tracemend.repair.runner.extension_names import ExtensionNames

        try:
            environment = self._environment()
        except EnvironmentUnknown as error:
            raise EnvironmentProblem(
                f"{self.python} cannot be asked about its packages: {error}.",
                "Check that it starts, or name another interpreter with --python.",
            ) from error
        cache = user_cache_path("tracemend") / "symbols"
        introspector = ExtensionNames(environment, cache) if self.loads_extensions else None
        return Reviewer(self.root, environment, self._engine(engine), cache=cache, introspector=introspector)

    def _environment(self) -> PythonEnvironment:
        """Return where modules are found; an interpreter that came with the project is read, and another one asked."""
        from tracemend.analysis.symbols.environment import probe_environment
        from tracemend.analysis.symbols.virtual_environment import read_virtual_environment

        if self.stand_in is None:
            return probe_environment(self.python)
        return probe_environment(self.stand_in, stands_in_for=read_virtual_environment(self.python))

    def _engine(self, name: EngineName) -> MemberEngine | None:
        if name == "none":
            return None
        from tracemend.analysis.types.engines.ty import TyEngine

        return TyEngine(self.root, self.python)


def find_static_setting(paths: Sequence[Path], python: str | None) -> StaticSetting:
    """Return the project that holds `paths`. Raises `EnvironmentProblem`."""
    root = outside_packages(find_root([shown_path(path) for path in paths], cwd=Path.cwd()).path)
    config = load_config(root)
    return static_setting(root, config, config.choice(python))


def static_setting(root: Path, config: Config, choice: Choice) -> StaticSetting:
    """Return the setting of a project whose root is known. Raises `EnvironmentProblem`."""
    interpreter = read_interpreter(root, choice)
    return StaticSetting(
        outside_packages(root),
        interpreter.path,
        config,
        interpreter.stand_in,
        loads_extensions=interpreter.stand_in is None,
    )


def outside_packages(directory: Path) -> Path:
    """Return `directory`, or the nearest one above it that is no package: what is inside is imported through it."""
    while (directory / "__init__.py").is_file() and directory.parent != directory:
        directory = directory.parent
    return directory


def parse_place(written: str) -> Place:
    """Return the place that FILE:LINE:COL names. Raises `EnvironmentProblem`."""
    found = _PLACE.match(written)
    if found is None:
        raise EnvironmentProblem(
            f"{written!r} is no place in a file.", "Write FILE:LINE:COL, such as src/shop.py:12:8."
        )
    return Place(Path(os.path.abspath(found["file"])), int(found["line"]), int(found["column"]))


def read_source(path: Path) -> str:
    """Return the text of the file at `path`. Raises `EnvironmentProblem`."""
    try:
        return decode_source(path.read_bytes()).text
    except OSError as error:
        raise EnvironmentProblem(
            f"{path} cannot be read: {error.strerror}.", "Name a file that is there."
        ) from error
    except UndecodableSource as error:
        raise EnvironmentProblem(f"{path} is no Python source: {error}.", "Save it as UTF-8.") from error


def offset_of(text: str, place: Place) -> int:
    """Return the offset of `place` in `text`. Raises `EnvironmentProblem` for one outside it."""
    lines, name = LineIndex(text), place.path.name
    if not 1 <= place.line <= len(lines):
        raise EnvironmentProblem(
            f"{name} has no line {place.line}.", f"Its lines count from 1 to {len(lines)}."
        )
    last = len(lines.line_text(place.line)) + 1
    if not 1 <= place.column <= last:
        raise EnvironmentProblem(
            f"Line {place.line} of {name} has no column {place.column}.",
            f"Its columns count from 1 to {last}, behind its last character.",
        )
    return lines.line_start(place.line) + place.column - 1


def shown_path(path: Path) -> str:
    """Return `path` as people write it here: relative to the working directory where it lies below."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
