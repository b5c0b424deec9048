"""`tracemend complete`: what may be written at one place, by a model where one is configured, else the names that fit.

What a model writes goes through the same checks as in the editor; on the terminal it is shown with the verdict, to a pipe
it goes alone.
"""

from __future__ import annotations

import ast
import json
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracemend.repair.completion.options import InlineOptions
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.server.config import Config
from tracemend.server.model_settings import consent_notice, model_settings

from .errors import EXIT_OK, reported, say
from .static import StaticSetting, find_static_setting, offset_of, parse_place, read_source, shown_path
from .terminal import printable, result_console

if TYPE_CHECKING:
    from tracemend.analysis.review import Reviewer
    from tracemend.repair.completion.inline import Completion
    from tracemend.repair.completion.names import Suggestions

FUNCTION_TOKENS = 512  # A body is longer than what one takes at a cursor.
SHOWN_NAMES = 20


@dataclass(frozen=True, slots=True)
class CompletionPlace:
    """A text, where in it something is to be written, and how long that may be."""

    path: Path
    text: str
    offset: int
    max_tokens: int | None = None


@reported
def complete(
    place: Annotated[
        str,
        typer.Argument(metavar="FILE:LINE:COL", help="Both count from 1; with --function the file alone."),
    ],
    function: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Write the body of this function: `run`, or `Shop.total`."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The OpenAI-compatible endpoint to ask.")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="M", help="The model to ask.")] = None,
    names: Annotated[
        bool, typer.Option("--names", help="Show the names that fit, and ask no model.")
    ] = False,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="What the model may write.")
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="T", help="How the model fills in; see the setting completion-template."),
    ] = None,
    python: Annotated[
        str | None, typer.Option(metavar="P", help="The interpreter whose packages the imports find.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Complete code at a place, with names that exist."""
    where = _place(place, function, max_tokens)
    setting = find_static_setting([where.path], python)
    settings = None if names else model_settings(setting.config, base_url=base_url, model=model)
    if settings is None and function is not None:
        raise EnvironmentProblem(
            "Only a model writes the body of a function, and none is configured.",
            "Give --base-url, or leave --function out and name a place for the names that fit there.",
        )
    with closing(setting.reviewer()) as reviewer:
        if settings is None:
            return _show_names(reviewer, setting.config, where, as_json=as_json)
        options = _options(setting, where, template)
        _show(_completed(reviewer, settings, options, where), as_json=as_json)
    return EXIT_OK


def body_place(path: Path, text: str, name: str) -> CompletionPlace:
    """Return the place of a function's body, which is taken out; its docstring stays. Raises `EnvironmentProblem`."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise EnvironmentProblem(
            f"{shown_path(path)} does not parse: {error}.", "Name the place as FILE:LINE:COL instead."
        ) from error
    node: ast.AST | None = module
    for part in name.split("."):
        found = (one for one in ast.walk(node or module) if getattr(one, "name", None) == part)
        node = next(
            (one for one in found if isinstance(one, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)),
            None,
        )
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        raise EnvironmentProblem(
            f"{shown_path(path)} has no function {name!r}.", "Write Class.method for a method."
        )
    lines = text.splitlines(keepends=True)
    kept = node.body[0] if ast.get_docstring(node) is not None else None
    first = (kept.end_lineno or kept.lineno) if kept is not None else node.body[0].lineno - 1
    indentation = " " * (
        node.body[0].col_offset if node.body[0].lineno > node.lineno else node.col_offset + 4
    )
    if node.body[0].lineno == node.lineno:
        raise EnvironmentProblem(
            f"The body of {name!r} is on the line of its head.", "Put it on its own line."
        )
    before = "".join(lines[:first]) + indentation
    after = "\n" + "".join(lines[node.end_lineno or first :])
    return CompletionPlace(path, before + after, len(before), FUNCTION_TOKENS)


def _place(written: str, function: str | None, max_tokens: int | None) -> CompletionPlace:
    if function is not None:
        path = Path(written).absolute()
        where = body_place(path, read_source(path), function)
        return replace(where, max_tokens=max_tokens or where.max_tokens)
    parsed = parse_place(written)
    text = read_source(parsed.path)
    return CompletionPlace(parsed.path, text, offset_of(text, parsed), max_tokens)


def _options(setting: StaticSetting, where: CompletionPlace, template: str | None) -> InlineOptions:
    from tracemend.repair.completion.templates import families

    config = setting.config
    chosen = template or config.completion_template
    if chosen != "auto" and chosen not in families():
        raise EnvironmentProblem(
            f"There is no template {chosen!r}.", f"The templates are auto, {', '.join(families())}."
        )
    return InlineOptions(config.completion_context, where.max_tokens or config.completion_length, chosen)


def _completed(
    reviewer: Reviewer, settings: ModelSettings, options: InlineOptions, where: CompletionPlace
) -> Completion:
    """Ask the model. Raises `EnvironmentProblem` where it does not answer."""
    from tracemend.repair.completion.inline import Cursor, InlineCompleter
    from tracemend.repair.models.endpoint import Endpoint
    from tracemend.repair.models.errors import ModelError
    from tracemend.repair.models.meter import Meter

    with Endpoint(settings, Meter(settings)) as endpoint:
        try:
            return InlineCompleter(endpoint, reviewer, options).complete(
                Cursor(where.path, where.text, where.offset)
            )
        except ModelError as error:
            raise EnvironmentProblem(
                str(error), "Without a model, --names shows the names that fit."
            ) from error


def _show(found: Completion, *, as_json: bool) -> None:
    if as_json:
        content = {
            "text": found.text,
            "verdict": found.verdict,
            "why": found.why,
            "model": found.model,
            "template": found.family,
            "tokens": found.tokens,
        }
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        return
    if found.text:
        sys.stdout.write(found.text + "\n")
    reason = f": {found.why}" if found.why else ""
    say(f"{found.model or 'the model'}, {found.verdict}{reason}")


def _show_names(reviewer: Reviewer, config: Config, where: CompletionPlace, *, as_json: bool) -> int:
    from tracemend.repair.completion.names import suggest
    from tracemend.repair.completion.ngrams import NgramModel

    notice = consent_notice(config)
    if notice is not None:
        say(notice)
    model = NgramModel()
    for path in sorted(map(str, reviewer.index.workspace_files())):
        text = reviewer.index.text(path)
        if text is not None:
            model.update(path, text)
    document = reviewer.document(where.path, where.text)
    found = suggest(reviewer.oracle, document, where.offset, model)
    if as_json:
        sys.stdout.write(json.dumps(_names_to_json(found), ensure_ascii=False) + "\n")
    else:
        shown = ", ".join(one.insert for one in found.names[:SHOWN_NAMES])
        more = f" and {len(found.names) - SHOWN_NAMES} more" if len(found.names) > SHOWN_NAMES else ""
        result_console().print(printable(shown + more) or "(no names)", soft_wrap=True)
    return EXIT_OK


def _names_to_json(found: Suggestions) -> dict[str, Any]:
    return {
        "names": [{"name": one.name, "insert": one.insert, "kind": one.kind} for one in found.names],
        "incomplete": found.incomplete,
    }
