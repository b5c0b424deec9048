"""`tracemend memory`: what this workspace remembers of proven repairs, to look at, carry elsewhere, and forget."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.memory.store import Memory
from tracemend.repair.memory.transfer import exported_lines, imported
from tracemend.repair.records import to_json
from tracemend.repair.runner.environment import EnvironmentProblem, find_root

from .errors import EXIT_OK, reported, say
from .outputs import STDOUT, check_writable
from .terminal import count, printable, result_console, shortened

memory = typer.Typer(
    add_completion=False,
    help="Look at, carry over and forget the repairs that were proven in this workspace.",
    no_args_is_help=True,
)


@memory.command("list")
@reported
def list_repairs(
    json_to: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write all of it as JSON; - is stdout.")
    ] = None,
) -> int:
    """List the repairs with what became of them, what they mended, and what they count for."""
    check_writable(json_to)
    with opened_memory() as opened:
        repairs, failures, priors = opened.repairs(), opened.failures(), opened.priors()
    if json_to is not None:
        told = {"repairs": to_json(repairs), "failures": to_json(failures), "priors": priors}
        text = json.dumps(told, indent=2) + "\n"
        sys.stdout.write(text) if json_to == STDOUT else Path(json_to).write_text(text, "ascii")
        return EXIT_OK
    console = result_console()
    if repairs:
        titles = f"{'id':>5}  {'fate':9} {'trust':5} counts  place  failure: repair"
        console.print(Text(titles, style="dim"), soft_wrap=True)
    for one in repairs:
        origin = "imported" if one.foreign else one.fate
        head = (f"{one.id:5}", "cyan"), f"  {origin:9} {one.confidence:5} {one.weight:6.1f}  "
        place = f"{one.path} {one.function}".rstrip()
        what = shortened(f"{one.signature.exception}: {one.note}", 80)
        console.print(Text.assemble(*head, printable(place), "  ", what), soft_wrap=True)
    for signature, test, attempts in failures:
        said = shortened(f"{signature.exception}: {signature.shape}", 60)
        line = f"not mended, {count(attempts, 'attempt')}: {printable(test)}  {said}"
        console.print(Text(line, style="dim"), soft_wrap=True)
    if not repairs:
        console.print("No repair was proven in this workspace yet.")
    return EXIT_OK


@memory.command("export")
@reported
def export_repairs(
    out: Annotated[str, typer.Option(metavar="FILE|-", help="Where the lines go; - is stdout.")] = "-",
) -> int:
    """Write all repairs as JSON lines, without secrets and personal traces."""
    check_writable(out)
    with opened_memory() as opened:
        lines = list(exported_lines(opened.repairs()))
    if out == STDOUT:
        sys.stdout.writelines(lines)
    else:
        Path(out).write_text("".join(lines), "ascii")
        say(f"{count(len(lines), 'repair')} written to {out}.")
    return EXIT_OK


@memory.command("import")
@reported
def import_repairs(
    file: Annotated[Path, typer.Argument(help="What `tracemend memory export` wrote elsewhere.")],
) -> int:
    """Take in repairs of another workspace. They are marked, serve as examples, and shift no price."""
    try:
        repairs, bad = imported(file.read_text("utf-8", "replace").splitlines())
    except OSError as error:
        raise EnvironmentProblem(
            f"{file} cannot be read ({error.strerror}).", "Name what `tracemend memory export` wrote."
        ) from error
    if bad and not repairs:
        raise EnvironmentProblem(f"{file} holds no repairs.", "Name what `tracemend memory export` wrote.")
    with opened_memory() as opened:
        added = opened.add_foreign(repairs)
    left = f" {count(bad, 'line')} could not be read." if bad else ""
    say(f"{count(added, 'repair')} imported, {len(repairs) - added} known already.{left}")
    return EXIT_OK


@memory.command("forget")
@reported
def forget_repairs(
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID...", help="As `list` shows them.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Forget all repairs and failures.")] = False,
) -> int:
    """Forget repairs."""
    if bool(ids) == everything:
        raise EnvironmentProblem("What is to be forgotten?", "Name the numbers that `list` shows, or --all.")
    with opened_memory() as opened:
        unknown = sorted(set(ids or ()) - {one.id for one in opened.repairs()})
        if unknown:
            named = ", ".join(map(str, unknown))
            raise EnvironmentProblem(f"No repair has the number {named}.", "Run `tracemend memory list`.")
        forgotten = opened.forget(None if everything else tuple(ids or ()))
    say(f"{count(forgotten, 'repair')} forgotten.")
    return EXIT_OK


@contextmanager
def opened_memory() -> Iterator[Memory]:
    """Open the memory of the project here, after a look at what became of its repairs in the tree."""
    root = find_root([], cwd=Path.cwd()).path
    opened = Memory.open(root)
    if opened.problem:
        say(opened.problem)

    def read(path: str) -> str | None:
        with suppress(OSError, UndecodableSource):
            return decode_source((root / path).read_bytes()).text
        return None

    opened.review(read)
    try:
        yield opened
    finally:
        opened.close()
