"""The commands under one name, `tracemend COMMAND`. `main` runs them."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from .bench import bench
from .check import CheckCommand, check
from .complete import complete
from .doctor import doctor
from .export import export
from .fix import fix
from .lsp import lsp
from .members import members
from .memory import memory
from .serve_model import serve_model
from .show import show
from .symbols import symbols
from .trace import trace
from .watch import watch

app = typer.Typer(
    name="tracemend",
    help="Find, prove, mend and explain broken Python code.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(fix)
app.command()(trace)
app.command()(doctor)
app.command(cls=CheckCommand)(check)
app.command()(members)
app.command()(complete)
app.command()(symbols)
app.command()(lsp)
app.command()(watch)
app.command()(show)
app.command()(export)
app.command()(bench)
app.add_typer(memory, name="memory")
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(serve_model)


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
