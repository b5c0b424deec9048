"""One remembered repair, and what it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .signature import Signature

# offered: shown, nobody took it. accepted: its text stood in the tree later. reverted: and then the old one again.
Fate = Literal["offered", "accepted", "reverted"]

ACCEPTED_WEIGHT = 1.0
TRUSTED_WEIGHT = 0.5  # Of high confidence, but nobody has taken it (yet).


@dataclass(frozen=True, slots=True)
class Remembered:
    """A repair that was proven by running, here (`foreign` is false) or where its memory was exported."""

    signature: Signature
    operator: str  # The templates' or the strategy's name.
    author: str  # "templates", or the strategy and model.
    structure: str  # Equal for edits of equal shape; see `shapes`.
    path: str
    function: str  # Its qualified name, "" where the edit is in none.
    before: str  # The function, or the lines around the edit.
    after: str
    note: str = ""
    confidence: str = "low"
    fate: Fate = "offered"
    foreign: bool = False
    learned: str = ""  # Date and time, UTC.
    job: str = ""  # The journal that tells how it was found.
    id: int = 0

    @property
    def weight(self) -> float:
        """What it counts as evidence: nothing for what was taken back, and for what nobody vouched for."""
        if self.fate == "accepted":
            return ACCEPTED_WEIGHT
        return TRUSTED_WEIGHT if self.fate == "offered" and self.confidence == "high" else 0.0
