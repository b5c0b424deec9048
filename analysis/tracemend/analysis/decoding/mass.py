"""What to do when a mask takes away nearly all that the model wanted to write.

Masking greedily distorts: where the model was certain of a name that does not exist, the best of the legal names is
likely to be no better, and what is written after it is about something else. AdapTrack (arXiv 2510.17376) gains up to
38.9 % over plain constrained decoding by going back instead. A mask that leaves next to nothing may also be the mask of a
wrong table. So below a threshold a name is not forced: an engine that can goes back to the receiver, others go silent.
"""

from __future__ import annotations

from enum import Enum

LEAST_ALLOWED = 0.005
MAX_ROLL_BACKS = 2


class Advice(Enum):
    """What to do with a mask."""

    KEEP = "keep"
    ROLL_BACK = "roll back"
    SILENT = "silent"


def advise(removed: float, *, roll_backs_left: int = 0, least_allowed: float = LEAST_ALLOWED) -> Advice:
    """Say what to do with a mask that takes away the share `removed` of the probability, from 0 to 1.

    `roll_backs_left` is how often the sequence may still go back to this place; 0 for engines that cannot.
    """
    if 1.0 - removed >= least_allowed:
        return Advice.KEEP
    return Advice.ROLL_BACK if roll_backs_left > 0 else Advice.SILENT
