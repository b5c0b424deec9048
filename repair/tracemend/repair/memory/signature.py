"""What kind of failure this is: the exception and the shape of its message, without what differs from case to case."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_SHAPE = 120
_VARIABLE = (
    (re.compile(r"0x[0-9a-fA-F]+"), "0x"),
    (re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\""), "'...'"),
    (re.compile(r"(?:/[\w.-]+){2,}"), "/..."),
    (re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"), "0"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Failures of equal signature are alike as far as text can say. `shape` is empty where there was no message."""

    exception: str
    shape: str = ""

    @classmethod
    def of(cls, exception: str, message: str) -> Signature:
        """Return the signature of a failure; of a long message the first line counts."""
        shape = message.strip().partition("\n")[0][: 4 * MAX_SHAPE]
        for pattern, replacement in _VARIABLE:
            shape = pattern.sub(replacement, shape)
        return cls(exception, shape[:MAX_SHAPE])
