"""The settings of a project: the defaults, the user's own file, `[tool.tracemend]`, then the editor's.

What a key takes stands in `schema`. A project's file is read strictly: all bad values are reported at once, and an
unknown key is an error with a suggestion, for a misspelt setting that is silently ignored costs an afternoon. An
editor's settings are read leniently: a bad value falls back to what stood before it, and one message names them all,
for a server that refuses to start helps nobody. What the command line says goes before all of this.

A project's file comes with the project, which may be a stranger's. So it may tighten what holds its tests in, and never
loosen it; it may propose an interpreter and an endpoint. What it says beyond that is kept apart until its user agrees
(`consent`).
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.runner.environment import Choice, EnvironmentProblem
from tracemend.repair.runner.settings import NetworkMode, SandboxMode

from .schema import (
    BY_EDITOR_KEY,
    BY_KEY,
    CONSENT_SETTINGS,
    MODEL_SETTINGS,
    PROJECT_SETTINGS,
    SETTINGS,
    BadValue,
    CompletionTemplate,
    LogLevel,
    RunOn,
    Setting,
)

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
    keep_journal: bool = True
    use_memory: bool = True
    # From here on only the language server asks.
    run_on: RunOn = "save"
    type_delay_s: float = 0.5
    inlay_hints: bool = True
    code_lenses: bool = True
    hovers: bool = True
    suspect_diagnostics: bool = True
    static_diagnostics: bool = True
    completion_names: bool = True
    completion_inline: bool = True
    completion_delay_s: float = 0.25
    completion_context: int = 2048
    completion_length: int = 128
    completion_template: CompletionTemplate = "auto"
    background_repair: bool = True
    log_level: LogLevel = "warning"
    trusted: bool | None = None
    # What the user lets projects decide, and what this one said.
    trusted_projects: tuple[str, ...] = ()
    consented: bool = False  # The user agreed that this project chooses what runs, and how it is held in.
    proposed_python: str | None = None  # By the project, not by the user.
    refused: tuple[str, ...] = ()  # Settings of the project that do not count, as they are written.
    # About models, see `model_settings`.
    model_base_url: str | None = None
    model_name: str | None = None
    model_fast_name: str | None = None
    model_api_key_env: str | None = None
    model_trusted_endpoints: tuple[str, ...] = ()
    model_max_tokens: int | None = None
    model_max_requests: int | None = None
    model_max_s: float | None = None
    model_max_cost: float | None = None
    model_price_in: float | None = None
    model_price_out: float | None = None
    model_timeout_s: float | None = None
    model_proposed_url: str | None = (
        None  # By the project, without the user's consent: nothing is sent there.
    )

    def choice(self, python: str | None = None) -> Choice:
        """Return which interpreter is wanted; `python` is what the command line says."""
        return Choice(python or self.python, self.proposed_python, self.consented)


DEFAULTS = Config()


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


def load_config(root: Path, *, trusted: bool = False) -> Config:
    """Return the settings of the project at `root`, the user's and the defaults where it has none.

    `trusted`: the user has said of this very project that it may decide what runs. Raises `EnvironmentProblem` that lists everything that is wrong with them.
    """
    user = load_user_config()
    path = root / "pyproject.toml"
    content = _read_toml(path, "Correct it; pytest reads its settings there too.")
    tools = content.get("tool", {})
    table = tools.get("tracemend", {}) if isinstance(tools, dict) else {}
    return parse_config(table, path, root, user, consented=trusted or _is_trusted(user, root))


def load_user_config() -> Config:
    """Return the settings in the user's own file, which no project can write.

    Raises `EnvironmentProblem` that lists everything that is wrong with them.
    """
    path = user_config_file()
    table = _read_toml(path, "Correct it, or remove it.")
    takes = [one.key for one in (*CONSENT_SETTINGS, *MODEL_SETTINGS)]
    return replace(Config(), **_converted(table, f"{path}", takes))


def user_config_file() -> Path:
    """Return where the user's own settings stand, whether there are any or not."""
    return user_config_path("tracemend") / "config.toml"


def parse_config(
    table: Any, path: Path, root: Path, user: Config = DEFAULTS, *, consented: bool = False
) -> Config:
    """Return the settings that `table` holds. `path` is named in messages, paths in it are relative to `root`."""
    if not isinstance(table, Mapping):
        raise EnvironmentProblem(f"{path}: tool.tracemend is not a table.", "Write it as [tool.tracemend].")
    takes = [one.key for one in SETTINGS if not one.editor_only and not one.user_only]
    values = _converted(table, f"{path}, [tool.tracemend]", takes)
    try:
        return with_project_settings(user, _located(values, root), consented=consented)
    except BadValue as error:
        raise EnvironmentProblem(
            f"{path}, [tool.tracemend]: {error}.", "Correct the list, or create what it names first."
        ) from error


def with_project_settings(user: Config, values: Mapping[str, Any], *, consented: bool = False) -> Config:
    """Put what a project says over what its user says, except that a project does not decide where text goes.

    An endpoint that the user has not agreed to is only kept as a proposal, and the models that the project names are
    dropped with it, as they are where the user has named one. A project can lower the caps on what models may take, and
    never raise them. Unless the user has
    `consented`, its interpreter is a proposal too, and nothing that it says loosens what holds its tests in.
    """
    merged = dict(values)
    proposed = merged.get("model_base_url")
    if proposed is not None and proposed not in (user.model_base_url, *user.model_trusted_endpoints):
        merged = {name: value for name, value in merged.items() if name not in _ABOUT_ENDPOINT}
        merged["model_proposed_url"] = proposed
    if user.model_name or user.model_fast_name:  # Models of one endpoint differ in price.
        merged = {name: value for name, value in merged.items() if name not in _ABOUT_MODEL}
    for cap in _CAPS.keys() & merged.keys():
        merged[cap] = min(merged[cap], _cap(user, cap))
    if "python" in merged:
        merged["proposed_python"] = merged.pop("python")
    if not consented:
        loose = [name for name in merged if _loosens(name, merged[name])]
        merged["refused"] = tuple(_as_written(name, merged.pop(name)) for name in loose)
    return replace(user, consented=consented, **merged)


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
        if setting is None or setting.not_in_editors:
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


_ABOUT_MODEL = frozenset({"model_name", "model_fast_name"})
_ABOUT_ENDPOINT = _ABOUT_MODEL | {"model_base_url"}
_CAPS: Mapping[str, str] = {
    "model_max_tokens": "max_tokens",
    "model_max_requests": "max_requests",
    "model_max_s": "max_seconds",
    "model_max_cost": "max_cost",
    "model_timeout_s": "timeout_s",
}


def _cap(user: Config, attribute: str) -> Any:
    """Return the cap that holds without the project."""
    said = getattr(user, attribute)
    return getattr(ModelSettings("", ""), _CAPS[attribute]) if said is None else said


def _loosens(attribute: str, value: Any) -> bool:
    """Say whether a setting holds the tests in less than it would be without it."""
    return (attribute, value) in (("sandbox", "off"), ("network", "open")) or attribute == "allow_paths"


def _as_written(attribute: str, value: Any) -> str:
    key = attribute.replace("_", "-")
    return f'{key} = "{value}"' if isinstance(value, str) else key


def _is_trusted(user: Config, root: Path) -> bool:
    """Say whether the user's own settings list the project, or a directory that holds it."""
    listed = (Path(one).expanduser().resolve() for one in user.trusted_projects)
    return any(root.resolve().is_relative_to(one) for one in listed)


def _read_toml(path: Path, advice: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(f"{path} cannot be read: {error}.", advice) from error


def _converted(table: Mapping[str, Any], where: str, takes: list[str]) -> dict[str, Any]:
    """Return the values of `table` by attribute. Raises `EnvironmentProblem` if one of them is not as it should be."""
    values: dict[str, Any] = {}
    problems = []
    for key, value in table.items():
        if key not in takes:
            problems.append(_no_such_key(key, BY_KEY.get(key), takes))
            continue
        setting = BY_KEY[key]
        try:
            values[setting.attribute] = setting.kind.convert(value)
        except BadValue as error:
            problems.append(f"{key} takes {error}, not {value!r}")
    if problems:
        raise EnvironmentProblem(f"{where}: {'; '.join(problems)}.", f"The keys are {', '.join(takes)}.")
    return values


def _no_such_key(key: str, setting: Setting | None, takes: list[str]) -> str:
    if setting is not None and setting.user_only:
        return f"{key!r} is for your own {user_config_file()}, a project does not decide about trust, keys and money"
    if setting is not None and setting.editor_only:
        return f"{key!r} is for the editor's settings, a project does not say it about itself"
    if setting is not None:
        return f"{key!r} is for a project's [tool.tracemend] or the editor's settings"
    near = difflib.get_close_matches(key, takes, 1)
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
