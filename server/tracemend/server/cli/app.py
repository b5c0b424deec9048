"""The commands under one name, `tracemend COMMAND`. `main` runs them.

A command is imported when it is asked for: what all of them need together takes longer to import than most take to do
their work. Each stands in the module of its name, as a function or, where it has commands of its own, as a `Typer`.
"""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from .optional_revision import OptionalRevision

# How each is registered, in the order of `--help`.
COMMANDS: dict[str, dict[str, Any]] = {
    "fix": {},
    "trace": {},
    "doctor": {},
    "check": {"cls": OptionalRevision},
    "members": {},
    "complete": {},
    "symbols": {},
    "lsp": {},
    "watch": {},
    "show": {},
    "export": {},
    "bench": {},
    "memory": {},
    "serve-model": {"context_settings": {"allow_extra_args": True, "ignore_unknown_options": True}},
}


class LoadedWhenAsked(UserDict[str, Any]):
    """The commands by name; what `COMMANDS` says of one gives way to the command itself when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        """Return a command, loaded now at the latest; raises KeyError."""
        if isinstance(self.data[name], dict):
            self.data[name] = _load(name, self.data[name])
        return self.data[name]


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:
        """Make it as typer does, but for the commands."""
        super().__init__(**settings)
        self.commands = LoadedWhenAsked(COMMANDS)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names."""
        return list(self.commands)


app = typer.Typer(
    cls=Commands,
    name="tracemend",
    help="Find, prove, mend and explain broken Python code.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _load(name: str, settings: dict[str, Any]) -> Any:
    attribute = name.replace("-", "_")
    found = getattr(import_module(f".{attribute}", __package__), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name, **settings)(found)
        found = alone
    command = get_command(found)
    command.name = name
    return command


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tracemend {version('tracemend')}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Find, prove, mend and explain broken Python code."""
