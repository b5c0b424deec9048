"""Reads what ty says of a type: which of its notations name one known type, and which confess ignorance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tracemend.analysis.types.engines.protocol import OBJECT_NAMES, EngineAnswer, ReceiverKind

# Types of which ty knows no members, and None, which is what remains when every other part was narrowed away.
_UNKNOWN_TYPES = frozenset(
    {"Unknown", "Any", "None", "Never", "Divergent", "object", "AlwaysTruthy", "AlwaysFalsy"}
)
_CONSTRUCTOR = re.compile(r"class (?P<name>[\w.]+)")
_RETURNS = re.compile(r"\) -> (?P<type>.+)\Z")
_TRUTHINESS = re.compile(r" & ~Always(?:Falsy|Truthy)\b")
_CLASS_OBJECT = re.compile(r"<class '(?P<name>[^']+)'>")
_VENDORED = re.compile(r"/vendored/typeshed/[0-9a-f]+/stdlib/(?P<module>.+)\.pyi\Z")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")


# What a receiver ends with; "literal" may be a subscript as well.
ReceiverEnding = Literal["name", "call", "parenthesis", "literal"]


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion of ty; `detail` is the member's type."""

    label: str
    detail: str


def read_answer(completions: Sequence[Completion], hover: str, ending: ReceiverEnding) -> EngineAnswer | None:
    """Return the members that ty knows, None where its list is not that of one known type.

    `hover` is the text that ty shows over the receiver's last character: the receiver's type, but over a call what is
    called, over a literal nothing, and over a parenthesis something inside it, which says nothing of the whole.
    """
    names = frozenset(completion.label for completion in completions)
    if names <= OBJECT_NAMES or _has_unknown_base(completions):
        return None
    match ending:
        case "call":
            type_name = _called_type(hover)
        case "literal" if not hover:
            type_name = _class_of(completions)
        case "parenthesis":
            type_name = ""
        case _:
            type_name = hover
    if not type_name or is_uncertain(type_name):
        return None
    return EngineAnswer(names, as_annotation(type_name), kind_of(type_name))


def as_annotation(type_name: str) -> str:
    """Return a notation of ty as an annotation would say it; modules and functions, which have none, stay."""
    plain = _TRUTHINESS.sub("", type_name)
    named = _CLASS_OBJECT.fullmatch(plain)
    return f"type[{named['name']}]" if named is not None else plain


def stub_module(path: str) -> str:
    """Return the module of the standard library whose stub in ty's own typeshed `path` is, "" for other files."""
    found = _VENDORED.search(path)
    return found["module"].removesuffix("/__init__").replace("/", ".") if found is not None else ""


def is_uncertain(type_name: str) -> bool:
    """Tell whether a type is a union, an intersection, or has a part that ty does not know.

    Only the outermost type counts: of a `list[Unknown]` the members are known. That a value is true, or false, changes
    nothing about its members.
    """
    outside = _TRUTHINESS.sub("", _outside_brackets(type_name))
    parts = re.split(r" [|&] ", outside)
    return len(parts) > 1 or any(part in _UNKNOWN_TYPES or part.startswith(("@Todo", "~")) for part in parts)


def kind_of(type_name: str) -> ReceiverKind:
    """Return what a notation of ty denotes, "" for an empty one."""
    if not type_name:
        return ""
    if type_name.startswith("<module "):
        return "module"
    if type_name.startswith(("<class ", "type[", "class ")):
        return "class"
    if type_name.startswith(("def ", "async def ", "bound method ", "Overload[", "(")) or " -> " in type_name:
        return "function"
    return "instance"


def _called_type(hover: str) -> str:
    """Return the type of a call by the hover of its callee, "" if it cannot be told."""
    constructed = _CONSTRUCTOR.match(hover)
    if constructed is not None:
        return constructed["name"]
    if kind_of(hover) != "function":
        return hover
    returned = _RETURNS.search(hover)
    return returned["type"] if returned is not None and hover.startswith(("def ", "bound method ")) else ""


def _class_of(completions: Iterable[Completion]) -> str:
    """Return the type whose class `__class__` gives, "" without one."""
    for completion in completions:
        if completion.label == "__class__" and completion.detail.startswith(("type[", "<class '")):
            return completion.detail.removeprefix("type[").removeprefix("<class '").rstrip("]'>")
    return ""


def _has_unknown_base(completions: Iterable[Completion]) -> bool:
    """Tell whether a base class is unknown: what it could override is then only known in part."""
    return any(
        completion.label in OBJECT_NAMES and completion.detail.endswith("& Unknown")
        for completion in completions
    )


def _outside_brackets(type_name: str) -> str:
    """Return `type_name` without what stands in quotes and brackets."""
    shown = []
    depth = 0
    for character in _QUOTED.sub("", type_name):
        depth += (character in "[(") - (character in "])")
        if depth == 0 and character not in "])":
            shown.append(character)
    return "".join(shown)
