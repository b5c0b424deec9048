"""`tracemend symbols FILE:LINE:COL`: what the oracle knows at one place, and why it is open or closed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from tracemend.analysis.symbols.model import FunctionDef, Parameter

from .errors import EXIT_OK, reported
from .members import receiver_end
from .static import EngineName, find_static_setting, offset_of, parse_place, read_source
from .terminal import printable, result_console

if TYPE_CHECKING:
    from tracemend.analysis.review import Reviewer
    from tracemend.analysis.types.document import Document

SHOWN_NAMES = 60


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that the oracle knows: what it is, whether it is closed, why, and the names or signatures."""

    title: str
    closed: bool
    why: str
    names: tuple[str, ...]


@reported
def symbols(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE:COL", help="Both count from 1.")],
    python: Annotated[
        str | None, typer.Option(metavar="P", help="The interpreter whose packages the imports find.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all names.")] = False,
    engine: Annotated[
        EngineName, typer.Option(help="Ask this engine where our own inference knows nothing.")
    ] = "none",
) -> int:
    """Show what is known at a place: names in scope, members before the dot, the signature of the call."""
    where = parse_place(place)
    text = read_source(where.path)
    offset = offset_of(text, where)
    with closing(find_static_setting([where.path], python).reviewer(engine)) as reviewer:
        known = list(known_at(reviewer, reviewer.document(where.path, text), offset))
    if as_json:
        sys.stdout.write(json.dumps([_to_json(one) for one in known], indent=2, ensure_ascii=False) + "\n")
    else:
        print_known(known)
    return EXIT_OK


def known_at(reviewer: Reviewer, document: Document, offset: int) -> Iterator[Known]:
    """Yield what the oracle knows at `offset`: members and signature of the expression there, names in scope."""
    end = receiver_end(document.text, offset)
    members = reviewer.oracle.members(document, end)
    if members.type_name or members.closed:
        yield Known(f"members of {members.type_name}", members.closed, members.why, _sorted(members.names))
    for called in dict.fromkeys((_word_end(document.text, offset), end)):
        callee = reviewer.oracle.signature(document, called)
        if callee is not None:
            shown = tuple(_signature(callee.name, one) for one in callee.signatures)
            yield Known(f"signature of {callee.name}", callee.closed, callee.why, shown)
            break
    names = reviewer.oracle.names_in_scope(document, offset)
    yield Known("names in scope", names.closed, names.why, _sorted(names.names))


def print_known(known: list[Known]) -> None:
    """Print what is known for people."""
    console = result_console()
    for one in known:
        state = Text("closed", "green") if one.closed else Text("open", "yellow")
        why = f" ({one.why})" if one.why else ""
        console.print(
            Text.assemble((printable(one.title), "bold"), ": ", state, printable(why)), soft_wrap=True
        )
        public = [name for name in one.names if not name.startswith("__")]
        more = f" and {len(public) - SHOWN_NAMES} more" if len(public) > SHOWN_NAMES else ""
        console.print(printable("  " + ", ".join(public[:SHOWN_NAMES]) + more), soft_wrap=True)


def _word_end(text: str, offset: int) -> int:
    while offset < len(text) and (text[offset].isalnum() or text[offset] == "_"):
        offset += 1
    return offset


def _sorted(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _signature(name: str, function: FunctionDef) -> str:
    """Return a signature as people write it, markers for positional-only and keyword-only parameters included."""
    shown = []
    kinds = [one.kind for one in function.parameters]
    for index, parameter in enumerate(function.parameters):
        if parameter.kind == "keyword-only" and not {"keyword-only", "var-positional"} & set(kinds[:index]):
            shown.append("*")
        shown.append(_parameter(parameter))
        if parameter.kind == "positional-only" and "positional-only" not in kinds[index + 1 :]:
            shown.append("/")
    returns = f" -> {function.returns}" if function.returns and function.name != "__init__" else ""
    return f"{name}({', '.join(shown)}){returns}"


def _parameter(parameter: Parameter) -> str:
    stars = {"var-positional": "*", "var-keyword": "**"}.get(parameter.kind, "")
    annotation = f": {parameter.annotation}" if parameter.annotation else ""
    default = " = ..." if parameter.has_default else ""
    return f"{stars}{parameter.name}{annotation}{default}"


def _to_json(one: Known) -> dict[str, Any]:
    return {"what": one.title, "closed": one.closed, "why": one.why, "names": list(one.names)}
