"""Values that must stay within limits, and values that stand in for a missing one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from tracemend.repair.propose.candidates import attribute_uses, class_members, data_names, never_read
from tracemend.repair.propose.mirrors import mirrored_names
from tracemend.repair.propose.operators.wrappers import is_iterated, may_be_wrapped
from tracemend.repair.propose.rewriting import Precedence, Rewrite, expression_operator, operand, short
from tracemend.repair.propose.site import Site, once_a_site
from tracemend.repair.propose.value_kinds import NUMBERS, kind_of, may_be

_FAMILY = "missing call wrapper"
_LOWER = re.compile(r"(?:^|[._])(?:low|lo|lower|min|minimum|least|bottom)(?:$|_)")


@expression_operator("clamp", _FAMILY)
def clamp(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A lower or upper limit for a number."""
    if not may_be_wrapped(site, node) or not may_be(site, node, NUMBERS) or is_iterated(site, node):
        return
    value = operand(site, node)
    sure = 0.0 if kind_of(site, node) in NUMBERS else 0.5
    yield Rewrite(node, f"max(0, {value})", f"keeps `{short(value)}` from being negative", 2.2 + sure)
    yield Rewrite(node, f"max(1, {value})", f"keeps `{short(value)}` at 1 at least", 2.8 + sure)
    used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    for rank, name in enumerate([one for one in data_names(site, node, limit=6) if one not in used][:3]):
        cost = (1.8 if name in never_read(site) else 2.6) + 0.2 * rank + sure
        yield Rewrite(node, f"min({value}, {name})", f"keeps `{short(value)}` at `{name}` at most", cost)
        yield Rewrite(node, f"max({value}, {name})", f"keeps `{short(value)}` at `{name}` at least", cost)
    for rank, (low, high) in enumerate(_limits(site)):
        if low not in value and high not in value:
            text = f"max({low}, min({value}, {high}))"
            yield Rewrite(
                node, text, f"keeps `{short(value)}` between `{low}` and `{high}`", 2.1 + 0.2 * rank
            )


@expression_operator("fallback", _FAMILY)
def fallback(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """`x or []`, `x or 0`: a value in the place of None."""
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript) or not may_be_wrapped(
        site, node
    ):
        return
    none_seen = "NoneType" in site.types_of(node) or (site.error_here and "NoneType" in site.error)
    start = 1.6 if none_seen else 3.0
    defaults = ("[]", "{}", '""', "()") if is_iterated(site, node) else ('""', "0", "[]", "{}", "1")
    value = operand(site, node, Precedence.OR)
    for text in _own_defaults(site, node):
        yield Rewrite(
            node, f"{text} if {value} is None else {value}", f"takes `{text}` for None", start - 0.8
        )
        yield Rewrite(
            node, f"{value} or {text}", f"takes `{text}` where `{short(value)}` is empty", start - 0.6
        )
    for rank, default in enumerate(defaults):
        yield Rewrite(
            node,
            f"{value} or {default}",
            f"takes {default} where `{short(value)}` is empty",
            start + 0.2 * rank,
        )


@once_a_site
def _limits(site: Site) -> Sequence[tuple[str, str]]:
    """Return the pairs of names and attributes in reach that are called like a lower and an upper limit."""
    names = [
        one.name for one in site.names if one.kind in ("local", "parameter", "global") and one.bound_before
    ]
    names += [f"self.{one}" for one in class_members(site) if not one.endswith("()")]
    names += [f"self.{one}" for one in attribute_uses(site.module).get("self", ()) if not one.endswith("()")]
    known = dict.fromkeys(names)
    lower = [one for one in known if _LOWER.search(one)]
    return tuple((low, high) for low in lower for high in _counterparts(low) if high in known)[:2]


def _counterparts(name: str) -> Iterator[str]:
    owner, dot, last = name.rpartition(".")
    yield from (f"{owner}{dot}{other}" for other in mirrored_names(last))


def _own_defaults(site: Site, node: ast.expr) -> Iterator[str]:
    """Yield what is called like the parameter `node` and holds a default for it: `self.timeout`, `DEFAULT_TIMEOUT`."""
    if not isinstance(node, ast.Name):
        return
    name = node.id
    if any(one.name == name and one.kind == "parameter" for one in site.names):
        for attribute in attribute_uses(site.module).get("self", ()):
            if attribute in (name, f"_{name}", f"default_{name}", f"_default_{name}"):
                yield f"self.{attribute}"
        globals_ = (one.name for one in site.names if one.kind == "global")
        yield from (one for one in globals_ if one.lower().removeprefix("_") in (name, f"default_{name}"))
