"""What the file does with other values, done with this one: donors in which a single name is exchanged.

`insert-donor` borrows statements as they are. Most code that was forgotten has no twin with the same names, but one with
the same shape (the generalised fix patterns of Getafix, Bader et al., OOPSLA 2019, with the file as the only teacher): the
other fields are decoded, the other parameters are checked, the other functions leave early for an empty argument.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.ingredients import subjects
from tracemend.repair.propose.site import Proposal, Site, once_a_site
from tracemend.repair.propose.statements import (
    DEFINITIONS,
    JUMPS,
    code_body,
    identifiers,
    insert_after,
    insert_before,
    insert_in_body,
    is_docstring_text,
    statement_operator,
    substituted,
)

FAMILY = "missing logic"
MAX_UPDATES = 8
MAX_GUARDS = 12
MAX_SUBJECTS = 4
MAX_GUARD_CHARACTERS = 160
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class _Guard:
    """An `if` of the file that leaves or corrects: its condition and the statements below it."""

    node: ast.If
    module: Module
    near: bool  # In the same class, or in the same function.

    def lines(self, renaming: dict[str, str]) -> list[str]:
        """Return its text with names exchanged, the body one level in."""
        test = substituted(self.module, self.node.test, renaming)
        body = [substituted(self.module, one, renaming) for one in self.node.body]
        return [f"if {test}:", *(f"\t{one}" for one in body)]


@statement_operator("insert-analogue", FAMILY, at_most=MAX_UPDATES)
def update_as_others_are(site: Site) -> Iterator[Proposal]:
    """Do to what was just bound what is done to another name: `key = key.decode(charset)` as for `value`."""
    bound = _bound_by(site.statement)
    if site.function is None or not bound:
        return
    rank = 0
    for name, donor in _updates(site):
        others = identifiers(donor) - {name}
        if not all(one in site.visible or one in _BUILTINS for one in others):
            continue
        for target in bound:
            text = substituted(site.module, donor, {name: target})
            if target == name or target in others or text == site.text(site.statement):
                continue
            note = f"does to `{target}` what is done to `{name}`"
            cost = 2.3 + 0.2 * rank
            if isinstance(site.statement, ast.For | ast.AsyncFor):
                yield from insert_in_body(site, site.statement, [text], note, cost)
            else:
                yield from insert_after(site, site.statement, [text], note, cost)
            rank += 1


@statement_operator("insert-guard-of-file", FAMILY, at_most=MAX_GUARDS)
def guard_as_others_do(site: Site) -> Iterator[Proposal]:
    """Insert a guard that the file has elsewhere, with a name of this place: `if not rows: return []`."""
    if site.function is None or isinstance(site.statement, DEFINITIONS) or is_docstring_text(site.statement):
        return
    is_first = code_body(site.function.node)[:1] == [site.statement]
    around = {site.text(one) for one in site.module.block_of(site.statement)[0]}
    rank = 0
    for guard in _guards_of(site):
        for renaming in _renamings(site, guard.node):
            lines = guard.lines(renaming)
            if any(one.startswith(lines[0]) for one in around):
                continue
            cost = (2.2 if is_first else 3.0) + (0.0 if guard.near else 0.4) + 0.15 * rank
            yield from insert_before(
                site, site.statement, lines, f"asks `{lines[0][3:-1]}` as elsewhere", cost
            )
            rank += 1


def _bound_by(statement: ast.stmt) -> list[str]:
    """Return the names that an assignment or the head of a loop binds."""
    match statement:
        case ast.Assign(targets=[target]) | ast.For(target=target) | ast.AsyncFor(target=target):
            return [one.id for one in ast.walk(target) if isinstance(one, ast.Name)]
        case _:
            return []


@once_a_site
def _updates(site: Site) -> Sequence[tuple[str, ast.Assign]]:
    """Return the statements `x = ... x ...` of the file with their names, those of this function first."""
    return _updates_of(site.module, site)


def _updates_of(module: Module, site: Site) -> list[tuple[str, ast.Assign]]:
    found: list[tuple[bool, str, ast.Assign]] = []
    for one in module.statements:
        match one:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if one.lineno == one.end_lineno:
                if name in identifiers(value) and one is not site.statement:
                    found.append((module.function_of(one) is not site.function, name, one))
            case _:
                pass
    return [(name, one) for _, name, one in sorted(found, key=lambda entry: entry[0])]


@once_a_site
def _guards_of(site: Site) -> Sequence[_Guard]:
    """Return the short guards of the file outside of the statement, near ones first, each text once."""
    own = site.function.class_name if site.function else None
    found: dict[str, _Guard] = {}
    for one in site.module.statements:
        if not isinstance(one, ast.If) or one is site.statement or not _is_guard(one):
            continue
        text = site.text(one)
        if len(text) <= MAX_GUARD_CHARACTERS and text not in found:
            function = site.module.function_of(one)
            near = function is site.function or (
                own is not None and function is not None and function.class_name == own
            )
            found[text] = _Guard(one, site.module, near)
    return sorted(found.values(), key=lambda one: not one.near)


def _is_guard(node: ast.If) -> bool:
    """Say whether an `if` asks one line, has no `else`, and leaves, or corrects a name, in one or two lines."""
    last = node.body[-1]
    plain = all(isinstance(one, (*JUMPS, ast.Assign)) and one.lineno == one.end_lineno for one in node.body)
    leaves = isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Assign)
    return (
        plain
        and leaves
        and not node.orelse
        and len(node.body) <= 2
        and node.test.lineno == node.test.end_lineno
    )


def _renamings(site: Site, node: ast.If) -> Iterator[dict[str, str]]:
    """Yield how the names of a guard can be understood here: as they are, or with one of them exchanged."""
    asked = identifiers(node.test)
    names = asked | {name for one in node.body for name in identifiers(one)}
    bound = {one.name for one in site.names if one.bound_before or one.kind not in ("local",)}
    unknown = [one for one in names if one not in bound and one not in _BUILTINS]
    if len(unknown) > 1 or (unknown and unknown[0] not in asked):
        return
    known = [one.text for one in subjects(site) if one.text.isidentifier()]
    if unknown:
        yield from ({unknown[0]: one} for one in known[:MAX_SUBJECTS] if one not in names)
        return
    yield {}
    mine = sorted(one for one in asked if one in known)
    if len(mine) == 1:
        yield from ({mine[0]: one} for one in known[:MAX_SUBJECTS] if one not in names)
