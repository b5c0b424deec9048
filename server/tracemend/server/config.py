"""The settings of a project: the defaults, then `[tool.tracemend]` of its pyproject.toml, then what the editor says.

What a key takes stands in `schema`. A project's file is read strictly: all bad values are reported at once, and an
unknown key is an error with a suggestion, for a misspelt setting that is silently ignored costs an afternoon. An
editor's settings are read leniently: a bad value falls back to what stood before it, and one message names them all,
for a server that refuses to start helps nobody. What the command line says goes before all of this.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.repair.runner.settings import NetworkMode, SandboxMode

from .schema import BY_EDITOR_KEY, BY_KEY, PROJECT_SETTINGS, SETTINGS, BadValue, LogLevel, RunOn, Setting

# What the command line reads, too.
KEYS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    one.key: (one.attribute, one.kind.convert) for one in PROJECT_SETTINGS
}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one project; `None` stands for "not said"."""

    python: str | None = None
    pytest_args: tuple[str, ...] = ()
    max_time_s: float | None = None
    budget_s: float | None = None
    jobs: int | None = None
    max_patches: int | None = None
    sandbox: SandboxMode | None = None
    network: NetworkMode | None = None
    exclude: tuple[str, ...] = ()
    allow_paths: tuple[str, ...] = ()  # Absolute, once loaded.
    startup_time_s: float | None = None
    # From here on only the language server asks.
    run_on: RunOn = "save"
    type_delay_s: float = 0.5
    inlay_hints: bool = True
    code_lenses: bool = True
    hovers: bool = True
    suspect_diagnostics: bool = True
    static_diagnostics: bool = True
    background_repair: bool = True
    log_level: LogLevel = "warning"
    trusted: bool | None = None


@dataclass(frozen=True, slots=True)
class EditorSettings:
    """What an editor said and what of it counts. `problems` are parts of one sentence for the user."""

    values: Mapping[str, Any]  # By attribute of `Config`.
    problems: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # Keys for the log; a plug-in may have settings of its own.

    @property
    def trusted(self) -> bool | None:
        """What the editor says about trust, None if nothing."""
        said = self.values.get("trusted")
        return said if isinstance(said, bool) else None


def load_config(root: Path) -> Config:
    """Return the settings of the project at `root`, the defaults where it has none.

    Raises `EnvironmentProblem` that lists everything that is wrong with them.
    """
    path = root / "pyproject.toml"
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            f"{path} cannot be read: {error}.", "Correct it; pytest reads its settings there too."
        ) from error
    tools = content.get("tool", {})
    return parse_config(tools.get("tracemend", {}) if isinstance(tools, dict) else {}, path, root)


def parse_config(table: Any, path: Path, root: Path) -> Config:
    """Return the settings that `table` holds. `path` is named in messages, paths in it are relative to `root`."""
    if not isinstance(table, Mapping):
        raise EnvironmentProblem(f"{path}: tool.tracemend is not a table.", "Write it as [tool.tracemend].")
    values: dict[str, Any] = {}
    problems = []
    for key, value in table.items():
        setting = BY_KEY.get(key)
        if setting is None or setting.editor_only:
            problems.append(_no_such_key(key, setting))
            continue
        try:
            values[setting.attribute] = setting.kind.convert(value)
        except BadValue as error:
            problems.append(f"{key} takes {error}, not {value!r}")
    if problems:
        raise EnvironmentProblem(
            f"{path}, [tool.tracemend]: {'; '.join(problems)}.", f"The keys are {', '.join(BY_KEY)}."
        )
    try:
        return replace(Config(), **_located(values, root))
    except BadValue as error:
        raise EnvironmentProblem(
            f"{path}, [tool.tracemend]: {error}.", "Correct the list, or create what it names first."
        ) from error


def parse_editor_settings(section: Any, root: Path) -> EditorSettings:
    """Read the section `tracemend` of an editor's settings, with keys in camelCase or as in pyproject.toml.

    `null` means "not said", as it does in VS Code.
    """
    if section is None:
        return EditorSettings({})
    if not isinstance(section, Mapping):
        return EditorSettings({}, ("the settings are not an object with one value for each key",))
    values: dict[str, Any] = {}
    problems, unknown = [], []
    for key, value in section.items():
        setting = BY_EDITOR_KEY.get(key) or BY_KEY.get(key)
        if setting is None:
            unknown.append(str(key))
            continue
        if value is None:
            continue
        try:
            values |= _located({setting.attribute: setting.kind.convert(value)}, root)
        except BadValue as error:
            problems.append(f"{key} takes {error}")
    problems += [f"{key} is not known; did you mean {near}?" for key, near in _misspelt(unknown)]
    return EditorSettings(values, tuple(problems), tuple(unknown))


def with_editor_settings(config: Config, editor: EditorSettings, *, trusted: bool) -> Config:
    """Put the editor's settings over `config`; those that decide what runs only for a trusted workspace.

    An editor may have read them from a file of the workspace, and such a file may come with code of strangers.
    """
    restricted = {one.attribute for one in SETTINGS if one.decides_what_runs}
    counted = {name: value for name, value in editor.values.items() if trusted or name not in restricted}
    return replace(config, **counted)


def _no_such_key(key: str, setting: Setting | None) -> str:
    if setting is not None:
        return f"{key!r} is for the editor's settings, a project does not say it about itself"
    near = difflib.get_close_matches(key, BY_KEY, 1)
    return f"there is no key {key!r}{f'; did you mean {near[0]!r}?' if near else ''}"


def _misspelt(keys: list[str]) -> Iterator[tuple[str, str]]:
    """Yield those of the unknown keys that are nearly a known one, and which."""
    for key in keys:
        near = difflib.get_close_matches(key, BY_EDITOR_KEY, 1, cutoff=0.75)
        if near:
            yield key, near[0]


def _located(values: dict[str, Any], root: Path) -> dict[str, Any]:
    """Make the paths among `values` absolute. Raises `BadValue`."""
    located = dict(values)
    if values.get("python") and (root / values["python"]).exists():
        located["python"] = str(root / values["python"])
    if "allow_paths" in values:
        located["allow_paths"] = tuple(_allowed_path(one, root) for one in values["allow_paths"])
    return located


def _allowed_path(written: str, root: Path) -> str:
    """Return the absolute path of a directory or file outside the project, which runs may write to."""
    allowed = (root / Path(written).expanduser()).resolve()
    if not allowed.exists():
        raise BadValue(f"paths that exist, and allow-paths names {written!r}, which is not there")
    if allowed.is_relative_to(root) or root.is_relative_to(allowed):
        raise BadValue(
            f"paths outside the project: allow-paths names {written!r}, and the project is no place outside itself "
            "(what tests write into it is thrown away with the view they ran in)"
        )
    return str(allowed)
