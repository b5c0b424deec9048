"""Carries: units that run over into the next greater one, and quantities that must be normalised after they changed.

Minutes beyond 59, cents beyond 99, months beyond 12: arithmetic on one unit of several is right only with a carry. The
unit's size stands elsewhere in the file, as a divisor, a modulus or a constant.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracemend.repair.propose.candidates import class_members, likeness
from tracemend.repair.propose.ingredients import subjects
from tracemend.repair.propose.operators.arithmetic import moduli
from tracemend.repair.propose.site import Proposal, Site
from tracemend.repair.propose.statements import insert_after, statement_operator, walk_scope
from tracemend.repair.propose.value_kinds import NUMBERS, kind_of

FAMILY = "missing logic"
_SIZES = ("60", "24", "100", "12", "7", "10", "1000")
_SIZE_OF_UNIT = {"second": "60", "minute": "60", "hour": "24", "month": "12", "cent": "100", "pence": "100"}
_OF_UNITS = (
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "cent",
    "euro",
    "dollar",
    "penny",
    "pence",
)


@statement_operator("carry-over", FAMILY, at_most=16)
def carry_into_the_next_unit(site: Site) -> Iterator[Proposal]:
    """Insert `hours += minutes // 60` and `minutes %= 60` after the statement that adds to `minutes`."""
    match site.statement:
        case ast.AugAssign(target=ast.Name() | ast.Attribute() as target, op=ast.Add() | ast.Sub()):
            pass
        case ast.Assign(
            targets=[ast.Name() | ast.Attribute() as target], value=ast.BinOp(op=ast.Add() | ast.Sub())
        ):
            pass
        case _:
            return
    place = site.text(target)
    if kind_of(site, target) not in {*NUMBERS, ""} or site.function is None:
        return
    own_size = next((size for unit, size in _SIZE_OF_UNIT.items() if unit in _last(place)), None)
    sizes = (
        [own_size]
        if own_size
        else list(
            dict.fromkeys([*moduli(site.module), *(one for one in _SIZES if one in site.donors.constants)])
        )
    )
    likely = _is_unit(place)
    greater = [one for one in _beside(site, place) if not likely or _is_unit(one)]
    for rank, size in enumerate(sizes[:3]):
        if f"{place} %= {size}" in site.module.text:
            continue
        start = (1.5 if likely else 2.4) + 0.3 * rank
        for step, other in enumerate(greater[:2]):
            if "month" in _last(place):  # Which are counted from one.
                lines = [f"{other} += ({place} - 1) // {size}", f"{place} = ({place} - 1) % {size} + 1"]
                note = f"carries what exceeds {size} from `{place}` to `{other}`"
                yield from insert_after(site, site.statement, lines, note, start - 0.1 + 0.3 * step)
            lines = [f"{other} += {place} // {size}", f"{place} %= {size}"]
            note = f"carries what exceeds {size} from `{place}` to `{other}`"
            yield from insert_after(site, site.statement, lines, note, start + 0.3 * step)
        note = f"takes the remainder of `{place}` by {size}"
        yield from insert_after(site, site.statement, [f"{place} %= {size}"], note, start + 0.4)


def _is_unit(place: str) -> bool:
    return any(unit in _last(place) for unit in _OF_UNITS)


def _last(place: str) -> str:
    return place.rpartition(".")[2].lower()


def _beside(site: Site, place: str) -> list[str]:
    """Return the other numbers of the same owner: locals beside a local, attributes beside an attribute."""
    owner, dot, name = place.rpartition(".")
    if dot:
        members = [one for one in class_members(site) if not one.endswith("()") and one != name]
        known = [f"{owner}.{one}" for one in members]
    else:
        known = [one.text for one in subjects(site) if "." not in one.text and one.text != place]
    assert site.function is not None
    numbers = {
        site.text(one.target) for one in walk_scope(site.function.node.body) if isinstance(one, ast.AugAssign)
    }
    seen = [one for one in known if (types := site.observed.get(one)) and set(types.types) & NUMBERS]
    fitting = dict.fromkeys([*(one for one in known if one in numbers), *seen, *filter(_is_unit, known)])
    return sorted(fitting, key=lambda one: -likeness(one, place))
