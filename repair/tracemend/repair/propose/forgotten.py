"""What an object keeps and nothing reads: a limit, a capacity, an age that somebody forgot to ask for.

`__init__` takes a value over so that a method can use it. Where no code ever loads it, the question that it was kept
for is the likeliest thing to be missing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, permutations

from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.site import Site

MAX_NUMBERS = 4
_AGE = re.compile(
    r"(?:^|_)(?:ttl|age|lifetime|timeout|expiry|expires|window|interval|period|span|keep)(?:$|_)"
)


def forgotten_attributes(site: Site) -> Sequence[str]:
    """Return the attributes that `__init__` takes from its parameters and that the file never loads."""
    holder = next(
        (one for one in site.module.ancestors(site.statement) if isinstance(one, ast.ClassDef)), None
    )
    return _forgotten_attributes(site.module, holder) if holder else ()


def comparisons_with_limit(
    limit: str, sized: Sequence[str], numbers: Mapping[str, bool]
) -> Iterator[tuple[str, float]]:
    """Yield conditions that ask for `self.<limit>`, with their cost: of sizes, of differences, of numbers by themselves.

    `numbers` says of each whether it is a parameter. What the caller gives less what was kept is an age, and a point in
    time is never compared with a span of time.
    """
    place, of_age = f"self.{limit}", bool(_AGE.search(limit))
    for one in sized:
        yield f"len({one}) >= {place}", 0.1
        yield f"len({one}) > {place}", 0.3
    known = list(islice(numbers, MAX_NUMBERS))
    for later, earlier in permutations(known, 2):
        cost = 0.0 if of_age and numbers[later] and not numbers[earlier] else 0.7
        yield f"{later} - {earlier} >= {place}", cost
        yield f"{later} - {earlier} > {place}", cost + 0.05
    for one in known:
        cost = 1.2 if of_age else 0.4
        yield f"{one} >= {place}", cost
        yield f"{one} > {place}", cost + 0.1


@lru_cache(maxsize=64)
def _forgotten_attributes(module: Module, holder: ast.ClassDef) -> tuple[str, ...]:
    attributes = [one for one in ast.walk(module.tree) if isinstance(one, ast.Attribute)]
    loaded = {one.attr for one in attributes if isinstance(one.ctx, ast.Load)}
    found: dict[str, None] = {}
    for node in ast.walk(holder):
        match node:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=ast.Name()
            ) if name not in loaded:
                found.setdefault(name)
            case _:
                pass
    return tuple(found)
