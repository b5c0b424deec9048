"""Missing imports, and names that are imported in one way and used in another."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from tracemend.repair.propose.imports import MODULES_OF, import_edit, import_statements
from tracemend.repair.propose.site import Proposal, Site, replace
from tracemend.repair.propose.statements import rewrite, statement_operator, walk_scope

FAMILY = "missing import"


@statement_operator("import-missing", FAMILY, at_most=12)
def add_the_import(site: Site) -> Iterator[Proposal]:
    """Import a name that the statement loads and nothing binds."""
    for name in _unbound_names(site):
        reported = f"'{name}' is not defined" in site.error
        for statement, extra in import_statements(name, site.donors.imports):
            edit = import_edit(site.module, statement)
            if edit:
                yield Proposal(
                    (edit,), f"imports `{name}` (`{statement}`)", (0.5 if reported else 0.8) + extra
                )


@statement_operator("import-qualified", FAMILY, at_most=12)
def qualify_as_imported(site: Site) -> Iterator[Proposal]:
    """Use a name as it was imported: `datetime.now()` after `import datetime` lacks one `datetime.`."""
    imported = _imported_modules(site)
    for node in site.expressions:
        match node:
            case ast.Attribute(value=ast.Name(id=owner) as inner, attr=attr):
                if owner in imported and owner in MODULES_OF and attr != owner:
                    text = f"{owner}.{owner}"
                    yield replace(site, inner, text, f"takes `{owner}` from its module", 1.2)
                if attr == owner and owner in MODULES_OF and owner not in imported:
                    yield replace(site, node, owner, f"`{owner}` is the class already", 1.0)
            case ast.Name(id=name, ctx=ast.Load()) if name not in imported:
                for module in MODULES_OF.get(name, ()):
                    if module in imported and not _is_bound(site, name):
                        yield replace(site, node, f"{module}.{name}", f"takes `{name}` from `{module}`", 0.6)
            case _:
                pass


@statement_operator("import-form", FAMILY, at_most=8)
def import_in_the_other_form(site: Site) -> Iterator[Proposal]:
    """Write `from x import x` for `import x` and back, or take a name from the module that has it."""
    match site.statement:
        case ast.Import(names=[ast.alias(name=name, asname=None)]) if name in MODULES_OF:
            for module in MODULES_OF[name]:
                line = f"from {module} import {name}"
                yield from rewrite(site, site.statement, [line], f"imports `{name}` from `{module}`", 1.6)
        case ast.ImportFrom(module=str(module), names=[ast.alias(name=name, asname=None)], level=0):
            if module == name or name in _owners_of_attributes(site):
                yield from rewrite(
                    site, site.statement, [f"import {name}"], f"imports the module `{name}`", 1.6
                )
            for other in MODULES_OF.get(name, ()):
                if other != module:
                    line = f"from {other} import {name}"
                    yield from rewrite(site, site.statement, [line], f"imports `{name}` from `{other}`", 1.0)
        case _:
            return


def _unbound_names(site: Site) -> list[str]:
    """Return the names that the statement loads, or that the error reports, and that no scope binds."""
    inside = [one for one in site.expressions if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)]
    local = {
        one.id for one in site.expressions if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
    local |= {one.arg for node in site.expressions for one in ast.walk(node) if isinstance(one, ast.arg)}
    names = [one.id for one in inside if one.id not in local]
    reported = re.search(r"name '(\w+)' is not defined", site.error)
    if reported:
        names.insert(0, reported.group(1))
    return [name for name in dict.fromkeys(names) if not _is_bound(site, name)]


def _is_bound(site: Site, name: str) -> bool:
    return hasattr(builtins, name) or any(one.name == name for one in site.names)


def _imported_modules(site: Site) -> set[str]:
    """Return the names that the file binds to modules with `import x`."""
    return {
        alias.asname or alias.name
        for node in walk_scope(site.module.tree.body)
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def _owners_of_attributes(site: Site) -> set[str]:
    return {
        node.value.id
        for node in ast.walk(site.module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
