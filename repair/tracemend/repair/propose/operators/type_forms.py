"""Parameters that come in another form than the function works with: bytes for text, text for an object of a class.

Which values a function is given is seen in the failing run, and which it works with is what it declares (PyTER, Oh and Oh,
FSE 2022: most type errors of Python programs are mended by a check of the type and a conversion at the start).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.analysis.syntax.scopes import all_arguments
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import (
    code_body,
    insert_before,
    statement_operator,
    wrap,
)

FAMILY = "None/empty/type guard"
MAX_PARAMETERS = 5
_UNLIKELY = 2.0  # Bits more where the failing run did not show the form.


@statement_operator("guard-form", FAMILY, at_most=10)
def convert_another_form(site: Site) -> Iterator[Proposal]:
    """Convert a parameter that comes in another form: `if isinstance(x, bytes): x = x.decode()`, `if isinstance(x, str): x = Path(x)`."""
    if site.function is None or code_body(site.function.node)[:1] != [site.statement]:
        return
    for rank, argument in enumerate(_parameters(site)[:MAX_PARAMETERS]):
        seen = site.observed.get(argument.arg)
        types = seen.types if seen else ()
        for form, conversion in _conversions(site, argument):
            lines = [f"if isinstance({argument.arg}, {form}):", f"\t{argument.arg} = {conversion}"]
            cost = 1.2 + 0.1 * rank + (0.0 if form in types else _UNLIKELY)
            note = f"turns `{argument.arg}` into `{conversion}` when it is `{form}`"
            yield from insert_before(site, site.statement, lines, note, cost)


@statement_operator("guard-capable", FAMILY, at_most=4)
def run_only_where_it_can(site: Site) -> Iterator[Proposal]:
    """Put a call under `if hasattr(x, "method"):` where some values lack the method."""
    match site.statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=name))):
            pass
        case _:
            return
    if isinstance(owner, ast.Call) or site.text(owner) in ("self", "cls", "super()"):
        return
    is_told = site.error.startswith("AttributeError") and f"'{name}'" in site.error
    test = f'hasattr({site.text(owner)}, "{name}")'
    note = f"calls `{name}` only where `{site.text(owner)}` has it"
    yield from wrap(site, [site.statement], [f"if {test}:"], note, 0.8 if is_told else 3.4)


def _parameters(site: Site) -> list[ast.arg]:
    arguments = all_arguments(site.function.node.args) if site.function else ()
    return [one for one in arguments if one.arg not in ("self", "cls")]


def _conversions(site: Site, argument: ast.arg) -> Iterator[tuple[str, str]]:
    """Yield types that the parameter may have by mistake, with the expression that converts it."""
    name = argument.arg
    declared = _declared(argument)
    if declared in ("", "str"):
        yield "bytes", f"{name}.decode()"
    if declared == "bytes":
        yield "str", f"{name}.encode()"
    if declared and declared in site.visible:
        yield "str", f"{declared}({name})"


def _declared(argument: ast.arg) -> str:
    """Return the one class that the annotation names, beside `str`, `bytes` and `None`; "str" where it names no other."""
    annotation = argument.annotation
    if annotation is None:
        return ""
    names = [one.id for one in ast.walk(annotation) if isinstance(one, ast.Name)]
    classes = [one for one in names if one not in ("Optional", "Union")]
    if len(classes) > 1:
        classes = [one for one in classes if one not in ("str", "bytes")]
    return classes[0] if len(classes) == 1 else "?"
