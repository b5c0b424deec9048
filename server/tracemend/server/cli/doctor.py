"""`tracemend doctor`: what was found, and what to do about what is missing.

The checks build on one another (no tests without pytest, no pytest without an interpreter), so they are made in order
and the first one that fails for good ends them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from tracemend.repair.explain.reasons import collection_failures
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.environment import find_root, read_interpreter
from tracemend.repair.runner.errors import RunnerError
from tracemend.repair.runner.interpreter import EnvironmentProblem, Interpreter
from tracemend.repair.runner.results import Collection
from tracemend.repair.runner.sandbox import advice, probe
from tracemend.repair.runner.settings import Project
from tracemend.repair.runner.unstarted import how_to_agree
from tracemend.server.config import KEYS, Config, load_config, load_user_config
from tracemend.server.consent import loosening_notice
from tracemend.server.model_settings import consent_notice, model_settings

from .errors import EXIT_OK, EXIT_PROBLEM, reported
from .outputs import STDOUT
from .progress import sandbox_phrase
from .project import runner_settings
from .terminal import count, printable, result_console

if TYPE_CHECKING:
    from .endpoint_checks import EndpointReport, Health

JSON_VERSION = 1
MARKS: dict[Health, tuple[str, str]] = {
    "good": ("ok", "green"),
    "weak": ("weak", "yellow"),
    "bad": ("bad", "red"),
}
NAME_WIDTH = 12
MARK_WIDTH = 5
SHOWN_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `advice` are next steps, sentences or commands."""

    name: str
    health: Health
    found: str
    advice: tuple[str, ...] = ()


@reported
def doctor(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="PATH_OR_NODEID", help="As for `tracemend fix`.")
    ] = None,
    python: Annotated[
        str | None, typer.Option(metavar="P", help="The project's interpreter: a path, a name, or a version.")
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Look at this endpoint for models instead: what it can do."),
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="M", help="The model to try there.")] = None,
    json_to: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write JSON; - is stdout.")
    ] = None,
) -> int:
    """Say what was found: project, interpreter, pytest, sandbox; and what to do about what is missing.

    Exit code 0: tracemend can work here. 2: it cannot.
    """
    report = _look_at(endpoint, model) if endpoint is not None or model is not None else None
    checks = _endpoint_checks(report) if report is not None else examine(names or [], python)
    console = result_console()
    made = []
    for check in checks:
        made.append(check)
        if json_to is None:
            print_check(console, check)
    if json_to is not None:
        _write_json(json_to, made, report)
    return EXIT_PROBLEM if any(check.health == "bad" for check in made) else EXIT_OK


def examine(names: Sequence[str], python: str | None) -> Iterator[Check]:
    """Yield the checks as they are made; one that is "bad" is the last."""
    yield Check("tracemend", "good", f"{version('tracemend')}, with ruff {version('ruff')} to lint patches")
    subject = "project"
    try:
        root = find_root(names, cwd=Path.cwd())
        yield Check("project", "good", f"{root.path} ({_mark_phrase(root.mark)})")
        subject = "settings"
        config = load_config(root.path)
        yield _settings(config)
        yield from _model(config)
        subject = "interpreter"
        interpreter = read_interpreter(root.path, config.choice(python), for_tests=True)
    except EnvironmentProblem as problem:
        yield Check(subject, "bad", problem.sentence, (problem.next_step,))
        return
    yield from _interpreter(interpreter)
    yield _sandbox(interpreter)
    if interpreter.stand_in is None:
        yield from _tests(Project(root.path, interpreter.path, root.selection, config.pytest_args), config)
    else:
        yield _not_collected(interpreter)


def print_check(console: Console, check: Check) -> None:
    """Print the check on one line, and its advice below."""
    mark, style = MARKS[check.health]
    head = ((f"{mark:<{MARK_WIDTH}}", f"bold {style}"), f"{check.name:<{NAME_WIDTH}}")
    console.print(Text.assemble(*head, printable(check.found)), soft_wrap=True)
    for step in check.advice:
        console.print(
            Text(" " * (MARK_WIDTH + NAME_WIDTH) + printable(f"-> {step}"), style=style), soft_wrap=True
        )


def _look_at(base_url: str | None, model: str | None) -> EndpointReport:
    """Look at an endpoint that the user named, or at the one of their own settings."""
    from .endpoint_checks import look_at_endpoint

    settings = model_settings(load_user_config(), base_url=base_url, model=model)
    assert settings is not None, "a model or an endpoint was named"
    return look_at_endpoint(settings)


def _endpoint_checks(report: EndpointReport) -> Iterator[Check]:
    from .endpoint_checks import endpoint_lines

    for line in endpoint_lines(report):
        yield Check(*line)


def _write_json(path: str, checks: Sequence[Check], report: EndpointReport | None) -> None:
    content = {
        "version": JSON_VERSION,
        "checks": [asdict(one) for one in checks],
        "endpoint": report.to_json() if report is not None else None,
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    if path == STDOUT:
        sys.stdout.write(text)
        return
    try:
        Path(path).write_text(text, "utf-8")
    except OSError as error:
        raise EnvironmentProblem(
            f"{path} cannot be written: {error.strerror}.", "Name another file."
        ) from error


def _model(config: Config) -> Iterator[Check]:
    """Say which endpoint is asked, if any; nothing is sent there to find out more."""
    notice = consent_notice(config)
    if notice is not None:
        yield Check("model", "weak", notice)
    settings = model_settings(config)
    if settings is not None and settings.base_url:
        advice = (f"`tracemend doctor --endpoint {settings.base_url}` shows what it can do.",)
        yield Check(
            "model", "good", f"{settings.model or 'the one that is served'} at {settings.base_url}", advice
        )


def _mark_phrase(mark: str | None) -> str:
    return f"it has {mark}" if mark else "no project file was found, so the directory stands for the project"


def _settings(config: Config) -> Check:
    notice = loosening_notice(config)
    if notice is not None:
        return Check("settings", "weak", notice)
    return Check("settings", "good", _settings_phrase(config))


def _settings_phrase(config: Config) -> str:
    values = replace(config, python=config.proposed_python)
    said = [key for key, (name, _) in KEYS.items() if getattr(values, name) != getattr(Config(), name)]
    return f"[tool.tracemend] sets {', '.join(said)}" if said else "the defaults"


def _interpreter(interpreter: Interpreter) -> Iterator[Check]:
    text = f"{interpreter.path}, Python {interpreter.version_text}, {interpreter.why}"
    yield Check("interpreter", "good", text)
    plugins = ", ".join(name for name in interpreter.plugins if not name.startswith("pytest "))
    version_text = interpreter.pytest or "not looked for among the packages of the system"
    yield Check("pytest", "good", f"{version_text}, {f'plug-ins: {plugins}' if plugins else 'no plug-ins'}")
    if interpreter.has_fork:
        yield Check("speed", "good", "fork: each candidate starts from a warm interpreter")
    else:
        yield Check("speed", "weak", "no fork on this platform: each candidate starts an interpreter")
    if interpreter.has_monitoring:
        yield Check("tracing", "good", "sys.monitoring: line spectra cost little")
    else:
        advice_text = "With Python 3.12 or later, sys.monitoring makes localization faster."
        yield Check("tracing", "weak", "sys.settrace: line spectra slow tests down", (advice_text,))


def _sandbox(interpreter: Interpreter) -> Check:
    try:
        containment = probe(interpreter.stand_in or interpreter.path)
    except (OSError, ValueError) as error:
        return Check("sandbox", "weak", f"it could not be tried: {' '.join(str(error).split())[:300]}")
    health: Health = "good" if containment.level in ("full", "strong") else "weak"
    missing = "".join(f"; {one.rstrip('.')}" for one in containment.missing)
    return Check("sandbox", health, sandbox_phrase(containment) + missing, tuple(advice(containment)))


def _not_collected(interpreter: Interpreter) -> Check:
    """Say that collecting was left out: it starts an interpreter that may have come with the project."""
    return Check(
        "tests",
        "good",
        "not collected, for their interpreter is in the project's hands, and looking starts nothing of a project",
        ("`tracemend fix` runs them.", how_to_agree(interpreter.path)),
    )


def _tests(project: Project, config: Config) -> Iterator[Check]:
    try:
        with Runner.start(project, runner_settings(config)) as runner:
            yield _collected(runner.collection, project)
    except RunnerError as error:
        yield Check("tests", "bad", str(error))


def _collected(collection: Collection, project: Project) -> Check:
    found = f"{count(len(collection.tests), 'test')} collected in {collection.seconds:.1f} s"
    steps = [
        f"{', '.join(one.tests[:SHOWN_ERRORS])}: {one.reason}"
        for one in collection_failures(collection.errors, project)[:SHOWN_ERRORS]
    ]
    if collection.errors:
        found += f", {count(len(collection.errors), 'file')} could not be"
    if not collection.tests and not collection.errors:
        steps.append("Name the tests' directory, or set testpaths in pytest's configuration.")
    health: Health = (
        "good" if collection.tests and not collection.errors else "weak" if collection.tests else "bad"
    )
    return Check("tests", health, found, (*steps, *collection.notes))
