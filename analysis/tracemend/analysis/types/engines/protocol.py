"""What the oracle asks of an external engine, and what it gets.

An engine says what it *sees* behind a receiver; it never says that its list is complete. Whether a list may forbid
anything is for the oracle to prove (see `docs/oracle.md`). Silence (`None`) is always a right answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

ReceiverKind = Literal["module", "class", "function", "instance", ""]

OBJECT_NAMES = frozenset(dir(object)) | {"__annotations__", "__dict__", "__module__", "__slots__"}


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """The members that an engine lists behind a receiver.

    `type_name` is the receiver's type in the notation of annotations where there is one, and `raw_kind` what it denotes.
    `defined_in` is the file that the type's class stands in, or of the module itself, and `defined_at` the line of the
    `class` in it, from 1; `stub_module` names the standard library's module where that file is the engine's own stub.
    All are empty where the engine did not say.
    """

    names: frozenset[str]
    type_name: str = ""
    raw_kind: ReceiverKind = ""
    defined_in: str = ""
    defined_at: int = 0
    stub_module: str = ""


class MemberEngine(Protocol):
    """An engine that lists members; implementations bound their own time, memory and restarts."""

    def members(self, path: str, text: str, offset: int, *, deadline_s: float) -> EngineAnswer | None:
        """Return the members of the expression that ends at `offset` of `text`, the unsaved content of `path`.

        Whatever stands behind `offset` may be broken. None means no answer: absent, dead, late or unknown type.
        """
        ...

    def close(self) -> None:
        """End the engine's processes; every later question is answered with None."""
        ...
