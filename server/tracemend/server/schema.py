"""Every setting there is, one row each: its key, what it takes, what it means.

The rows make everything that has to agree: how `[tool.tracemend]` and the editor's settings are checked (`config`), the
table of `docs/configuration.md` and the settings page of VS Code (`python -m tracemend.server.schema_pages`).
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tracemend.repair.runner.settings import NetworkMode, SandboxMode

RunOn = Literal["save", "type", "request"]
CompletionTemplate = Literal[
    "auto", "qwen-coder", "starcoder", "deepseek-coder", "codellama", "codestral", "suffix", "plain", "chat"
]
LogLevel = Literal["error", "warning", "info", "debug"]


class BadValue(ValueError):
    """A value is not what its key takes; the message says what it takes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a setting takes: the check, the words for it, and the same as a JSON schema."""

    convert: Callable[[Any], Any]  # Raises `BadValue`.
    takes: str
    json_schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """One row. `default` is for people, where `Config` says None or the value needs a word."""

    key: str  # As in pyproject.toml; editors spell it in camelCase.
    attribute: str  # Of `Config`.
    kind: Kind
    meaning: str
    default: str = ""
    decides_what_runs: bool = False  # Then it is taken from an editor only where the workspace is trusted.
    editor_only: bool = False  # Then a project cannot say it about itself.
    user_only: bool = False  # Then no file of a project counts: it decides where text and keys go.
    not_in_editors: bool = False

    @property
    def editor_key(self) -> str:
        """The key in the spelling of editors."""
        first, *others = self.key.split("-")
        return first + "".join(one.capitalize() for one in others)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise BadValue("a text")
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise BadValue("a positive number of seconds")
    return float(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadValue("a whole number from 1 on")
    return value


def _amount(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise BadValue("a number from 0 on")
    return float(value)


# Neither blanks, control characters nor what means something to a shell, for a project's proposal is shown for copying;
# and no "@", behind which a password would stand in front of everybody.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/\[\]%-]+")


def _endpoint(value: Any) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise BadValue("an address such as http://localhost:8000/v1")
    return value.rstrip("/")


def _endpoints(value: Any) -> tuple[str, ...]:
    return tuple(map(_endpoint, _texts(value)))


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadValue("true or false")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadValue("a list of texts")
    return tuple(value)


def _directories(value: Any) -> tuple[str, ...]:
    """Take directories that mean the same from everywhere."""
    written = _texts(value)
    if not all(one.startswith(("/", "~")) or os.path.isabs(one) for one in written):
        raise BadValue("a list of directories that begin with / or ~")
    return written


def _arguments(value: Any) -> tuple[str, ...]:
    """Take a list, or one text that is split as a shell would, as pytest does with its own `addopts`."""
    if not isinstance(value, str):
        return _texts(value)
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise BadValue("arguments with balanced quotes") from error


def _one_of(literal: Any) -> Kind:
    choices: tuple[str, ...] = get_args(literal)

    def convert(value: Any) -> str:
        if value not in choices:
            raise BadValue(f"one of {', '.join(choices)}")
        return str(value)

    words = ", ".join(f"`{one}`" for one in choices)
    return Kind(convert, words, {"type": "string", "enum": list(choices)})


_LIST_OF_TEXTS = {"type": "array", "items": {"type": "string"}}

TEXT = Kind(_text, "text", {"type": "string"})
SECONDS = Kind(_seconds, "seconds", {"type": "number", "exclusiveMinimum": 0})
COUNT = Kind(_count, "number", {"type": "integer", "minimum": 1})
AMOUNT = Kind(_amount, "number", {"type": "number", "minimum": 0})
ENDPOINT = Kind(_endpoint, "address", {"type": "string"})
ENDPOINTS = Kind(_endpoints, "list of addresses", _LIST_OF_TEXTS)
SWITCH = Kind(_switch, "`true`, `false`", {"type": "boolean"})
DIRECTORIES = Kind(_directories, "list of directories", _LIST_OF_TEXTS)
PATHS = Kind(_texts, "list of paths", _LIST_OF_TEXTS)
ARGUMENTS = Kind(_arguments, "list of texts, or one text", _LIST_OF_TEXTS)

PROJECT_SETTINGS = (
    Setting(
        "python",
        "python",
        TEXT,
        "the project's interpreter: a path, a name, or a version",
        default="found",
        decides_what_runs=True,
    ),
    Setting(
        "pytest-args",
        "pytest_args",
        ARGUMENTS,
        "arguments added to every pytest run",
        decides_what_runs=True,
    ),
    Setting("max-time", "max_time_s", SECONDS, "for each failure", default="60"),
    Setting("budget", "budget_s", SECONDS, "for all failures together", default="none"),
    Setting("jobs", "jobs", COUNT, "runners at work at the same time", default="the cores, at most 4"),
    Setting("max-patches", "max_patches", COUNT, "patches shown for each failure", default="3"),
    Setting(
        "sandbox",
        "sandbox",
        _one_of(SandboxMode),
        "see [containment](containment.md)",
        default="`auto`",
        decides_what_runs=True,
    ),
    Setting(
        "network",
        "network",
        _one_of(NetworkMode),
        "what runs may reach; `loopback` is their own, private one",
        default="`loopback`",
        decides_what_runs=True,
    ),
    Setting("exclude", "exclude", PATHS, "files and directories that no patch may change"),
    Setting(
        "allow-paths",
        "allow_paths",
        PATHS,
        "files and directories outside the project that tests may write to, for real: a cache, a data directory",
        decides_what_runs=True,
    ),
    Setting(
        "startup-time",
        "startup_time_s",
        SECONDS,
        "for importing the project and collecting its tests",
        default="120",
    ),
    Setting(
        "journal",
        "keep_journal",
        SWITCH,
        "write down what each job tries; see [journal](memory-and-journal.md)",
    ),
    Setting(
        "memory",
        "use_memory",
        SWITCH,
        "learn from repairs that were proven; see [memory](memory-and-journal.md)",
    ),
)

CONSENT_SETTINGS = (
    Setting(
        "trusted-projects",
        "trusted_projects",
        DIRECTORIES,
        "projects here and below may choose the interpreter that is started, and loosen what holds their tests in",
        user_only=True,
        not_in_editors=True,
    ),
)

MODEL_SETTINGS = (
    Setting(
        "model-base-url",
        "model_base_url",
        ENDPOINT,
        "the OpenAI-compatible endpoint to ask; without one, no model is",
        decides_what_runs=True,
    ),
    Setting("model-name", "model_name", TEXT, "the model", default="the only one that is served"),
    Setting("model-fast-name", "model_fast_name", TEXT, "the model for quick answers", default="the same"),
    Setting(
        "model-api-key-env",
        "model_api_key_env",
        TEXT,
        "the environment variable that holds the key; a key itself is never a setting",
        default="`OPENAI_API_KEY`",
        decides_what_runs=True,
        user_only=True,
    ),
    Setting(
        "model-trusted-endpoints",
        "model_trusted_endpoints",
        ENDPOINTS,
        "endpoints that a project may name and then use",
        user_only=True,
        not_in_editors=True,
    ),
    Setting("model-max-tokens", "model_max_tokens", COUNT, "tokens of one job", default="200000"),
    Setting("model-max-requests", "model_max_requests", COUNT, "requests of one job", default="200"),
    Setting("model-max-seconds", "model_max_s", SECONDS, "the model's time in one job", default="600"),
    Setting("model-max-cost", "model_max_cost", AMOUNT, "money for one job, in your currency", default="1"),
    Setting(
        "model-price-in",
        "model_price_in",
        AMOUNT,
        "price of a million tokens asked",
        default="0",
        user_only=True,  # A price of nothing would undo the cap on money.
    ),
    Setting(
        "model-price-out",
        "model_price_out",
        AMOUNT,
        "price of a million tokens answered",
        default="0",
        user_only=True,
    ),
    Setting(
        "model-timeout", "model_timeout_s", SECONDS, "silence before a request is given up", default="120"
    ),
)

EDITOR_SETTINGS = (
    Setting(
        "run-on",
        "run_on",
        _one_of(RunOn),
        "when the tests that an edit touches run: with each save, also while you type, or only when asked to",
    ),
    Setting("type-delay", "type_delay_s", SECONDS, "quiet before tests run while you type"),
    Setting("inlay-hints", "inlay_hints", SWITCH, "show the values of the failing path beside the code"),
    Setting(
        "code-lenses", "code_lenses", SWITCH, "show Run, Trace and Repair above tests and failing functions"
    ),
    Setting("hovers", "hovers", SWITCH, "show the history of values when the pointer rests on a name"),
    Setting("suspect-diagnostics", "suspect_diagnostics", SWITCH, "mark the lines suspected of a failure"),
    Setting("static-diagnostics", "static_diagnostics", SWITCH, "mark names and members that cannot exist"),
    Setting(
        "completion-names",
        "completion_names",
        SWITCH,
        "complete names of known type; switch it off where another server does and two lists are one too many",
    ),
    Setting(
        "completion-inline",
        "completion_inline",
        SWITCH,
        "let the model complete at the cursor, where one is configured; see [completion](completion.md)",
    ),
    Setting(
        "completion-delay", "completion_delay_s", SECONDS, "quiet before the model is asked while you type"
    ),
    Setting("completion-context", "completion_context", COUNT, "tokens that the model is shown"),
    Setting("completion-length", "completion_length", COUNT, "tokens that the model may write"),
    Setting(
        "completion-template",
        "completion_template",
        _one_of(CompletionTemplate),
        "how the model fills in; `auto` goes by its name",
    ),
    Setting("background-repair", "background_repair", SWITCH, "search for a repair as soon as a test fails"),
    Setting(
        "log-level", "log_level", _one_of(LogLevel), "what goes to stderr, or to the file of `--log-file`"
    ),
    Setting(
        "trusted",
        "trusted",
        SWITCH,
        "whether the code of this workspace may be run; only the editor can say it, never the project",
        default="`true`",
        decides_what_runs=True,
        editor_only=True,
    ),
)

# A project may propose an endpoint, and only its user can agree to it.
CHOOSES_ENDPOINT = frozenset({"model-base-url"} | {one.key for one in MODEL_SETTINGS if one.user_only})

SETTINGS = (*PROJECT_SETTINGS, *CONSENT_SETTINGS, *MODEL_SETTINGS, *EDITOR_SETTINGS)
BY_KEY: Mapping[str, Setting] = {one.key: one for one in SETTINGS}
BY_EDITOR_KEY: Mapping[str, Setting] = {one.editor_key: one for one in SETTINGS if not one.not_in_editors}
