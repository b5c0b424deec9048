"""What a model should know of other files: the signatures that can be reached from the cursor.

The names that the text uses nearest to the cursor come first, until the budget is spent; they are then written down in
an order that does not depend on the cursor, so that an endpoint that caches prefixes computes them once while one types.
What the standard library defines is left out, for every model knows it, and so is what stands in the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tracemend.analysis.symbols.model import Definition, FunctionDef, ValueDef
from tracemend.analysis.types.model import Class, ClassObject, FunctionType, Instance, Type, parts
from tracemend.analysis.types.places import scope_at

from .descriptions import signature_text

if TYPE_CHECKING:
    from tracemend.analysis.types.document import Document
    from tracemend.analysis.types.oracle import Oracle

HEADER = "# Defined elsewhere in this project:\n"
MAX_NAMES = 40
MAX_MEMBERS = 24  # Of each class.
NEAR_CHARACTERS = 6000
_WORD = re.compile(r"[^\W\d]\w*")


def reachable_signatures(oracle: Oracle, document: Document, offset: int, max_characters: int) -> str:
    """Return, as comments, what the names around `offset` are; "" where that is nothing."""
    chosen: dict[tuple[str, int, str], str] = {}
    spent = len(HEADER)
    for key, text in _definitions(oracle, document, offset):
        if key in chosen:
            continue
        if spent + len(text) > max_characters:
            break
        chosen[key] = text
        spent += len(text)
    return HEADER + "".join(_by_module(chosen)) if chosen else ""


def _by_module(chosen: dict[tuple[str, int, str], str]) -> Iterator[str]:
    last = ""
    for (module, _, _), text in sorted(chosen.items()):
        if module != last:
            yield f"# In {module}:\n"
        last = module
        yield text


def _definitions(
    oracle: Oracle, document: Document, offset: int
) -> Iterator[tuple[tuple[str, int, str], str]]:
    """Yield ((module, line, name), comment lines) of what is near, the nearest first."""
    names = oracle.names_in_scope(document, offset).names
    probe = document.expression_at(offset)
    if probe is None:
        return
    with oracle.evaluating(probe.document) as evaluator:
        scope = scope_at(evaluator, probe)
        near = list(_nearest(document.text, offset, names))[:MAX_NAMES]
        types = [evaluator.name_type(one, scope, probe.node) for one in near]
    for one in (part for type_ in types for part in parts(type_)):
        found = _described(one)
        if found is None or found[0][0] == document.module or _is_known(oracle, found[0][0]):
            continue
        yield found


def _described(type_: Type) -> tuple[tuple[str, int, str], str] | None:
    match type_:
        case FunctionType(definitions=definitions, module=module, line=line) if definitions:
            lines = [f"def {signature_text(type_.name, definitions[0])}"]
            return (module, line, type_.name), _commented(lines)
        case ClassObject(cls=cls) | Instance(cls=cls):
            return (cls.module, cls.line, cls.qualname), _commented(_class_lines(cls))
        case _:
            return None


def _class_lines(cls: Class) -> Iterator[str]:
    """Yield the head of a class, its attributes and the signatures of its methods, private ones left out."""
    bases = f"({', '.join(cls.definition.bases)})" if cls.definition.bases else ""
    yield f"class {cls.name}{bases}:"
    attributes = ((name, ones[0]) for name, ones in cls.definition.attributes.items())
    members = ((name, ones[0]) for name, ones in cls.definition.members.items())
    shown = [
        (name, one) for name, one in (*attributes, *members) if not name.startswith("_") or name == "__init__"
    ]
    for name, one in shown[:MAX_MEMBERS]:
        yield f"    {_member_text(name, one)}"


def _member_text(name: str, definition: Definition) -> str:
    match definition:
        case FunctionDef():
            return f"def {signature_text(name, definition)}"
        case ValueDef(annotation=annotation) if annotation:
            return f"{name}: {annotation}"
        case _:
            return name


def _commented(lines: Iterable[str]) -> str:
    return "".join(f"# {line}\n" for line in lines)


def _is_known(oracle: Oracle, module: str) -> bool:
    """Say whether models know a module: one of the standard library, or one that cannot be found."""
    found = oracle.index.module(module)
    return found is None or found.is_stdlib


def _nearest(text: str, offset: int, names: frozenset[str]) -> Iterator[str]:
    """Yield those of `names` that stand near `offset`, the nearest first."""
    distances: dict[str, int] = {}
    for found in _WORD.finditer(
        text, max(0, offset - NEAR_CHARACTERS), min(len(text), offset + NEAR_CHARACTERS)
    ):
        if found[0] in names:
            distance = min(abs(found.start() - offset), abs(found.end() - offset))
            distances[found[0]] = min(distances.get(found[0], distance), distance)
    yield from sorted(distances, key=lambda name: (distances[name], name))
