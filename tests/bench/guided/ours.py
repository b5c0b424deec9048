"""Our arms: the guide and the token masks of the product.

`Masked` is what an engine of the product does (`analysis.decoding.adapters`): masks, and where hardly any of the
probability would be left in front of a name, none. `Rewinding` shows what can be had beyond that by an engine that may take
tokens back. A mask cannot forbid a member at the beginning of a statement, where assigning to it would make it; the guide
sees only at the next character that it is read. Then the name is taken back, and one of the legal names is written
instead: the same scores, restricted to those names. It also forces a name wherever a mask says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench.guided.published import NameTokens
from bench.guided.small_model import Floats
from numpy.typing import NDArray

from tracemend.analysis.decoding.adapters.rows import least_share
from tracemend.analysis.decoding.machine import Guide, Violation
from tracemend.analysis.decoding.masks import Mask, TokenMasks
from tracemend.analysis.decoding.vocabulary import Vocabulary

MAX_REWINDS = 8  # Of one sequence; after that a mistake stays.


@dataclass(frozen=True)
class Shared:
    """What all sequences share: the vocabulary and the masks that were made so far."""

    tokens: tuple[bytes, ...]  # Special ones have no text.
    masks: TokenMasks

    @classmethod
    def of(cls, folder: Path) -> Shared:
        """Return what is needed for the vocabulary of the model in `folder`."""
        vocabulary = Vocabulary.of_json(folder / "tokenizer.json")
        special = vocabulary.special
        texts = (b"" if one in special else text for one, text in enumerate(vocabulary.tokens))
        return cls(tuple(texts), TokenMasks(vocabulary))


def has_mistake(start: Guide, text: str) -> bool:
    """Say whether a guide that goes on from `start` by `text` finds a certain mistake in it."""
    guide = start.fork()
    return guide.feed(text.encode()) is not None or guide.finish() is not None


class Masked:
    """Masks on one sequence, as the product's engines apply them."""

    def __init__(self, shared: Shared, start: Guide) -> None:
        self._shared = shared
        self._guide = start.fork()

    def narrow(self, scores: Floats) -> Floats:
        """Forbid what the mask forbids, unless that would leave too little."""
        mask = self._shared.masks.mask(self._guide)
        if mask is None:
            return scores
        narrowed = _masked(scores, mask)
        return narrowed if _share(scores, narrowed) >= least_share(self._guide, mask) else scores

    def take(self, token: int) -> int:
        """Follow the token."""
        self._guide.feed(self._shared.tokens[token])
        return 0


class Rewinding:
    """The guide of one sequence, with every state that it was in, so that it can go back."""

    def __init__(self, shared: Shared, names: NameTokens, start: Guide) -> None:
        self._shared = shared
        self._names = names
        self._states = [start.fork()]
        self._written = [b""]  # The text at each state.
        self._owed: frozenset[str] = frozenset()  # One of these has to come next: what was taken back.
        self._rewinds = 0

    def narrow(self, scores: Floats) -> Floats:
        """Forbid what the mask forbids, and where a name was taken back all but the legal ones."""
        narrowed = scores
        mask = self._shared.masks.mask(self._states[-1])
        if mask is not None:
            narrowed = _masked(scores, mask)
        if self._owed:
            narrowed = _only(narrowed, self._names.continuing(self._owed))
        return narrowed if narrowed is scores or narrowed.max() > -np.inf else scores

    def take(self, token: int) -> int:
        """Follow the token, and go back in front of it and others if it shows that a name was wrong."""
        data = self._shared.tokens[token]
        guide = self._states[-1].fork()
        violation = guide.feed(data)
        self._states.append(guide)
        self._written.append(self._written[-1] + data)
        if violation is not None and violation.allowed and self._rewinds < MAX_REWINDS:
            return self._go_back(violation)
        self._owed = _still_owed(self._owed, data.decode(errors="replace"))
        return 0

    def _go_back(self, violation: Violation) -> int:
        """Drop the tokens from the one in which the wrong name begins."""
        self._rewinds += 1
        kept = len(self._states) - 1
        while kept and _characters(self._written[kept]) > violation.start:
            kept -= 1
        text = self._written[-1].decode(errors="ignore")
        begun = text[_characters(self._written[kept]) : violation.start]
        self._owed = frozenset(begun + name for name in violation.allowed)
        taken_back = len(self._states) - 1 - kept
        del self._states[kept + 1 :], self._written[kept + 1 :]
        return taken_back


def _masked(scores: Floats, mask: Mask) -> Floats:
    if mask.allowed is not None:
        return _only(scores, mask.allowed)
    narrowed = scores.copy()
    narrowed[mask.forbidden] = -np.inf
    return narrowed


def _only(scores: Floats, allowed: Sequence[int] | NDArray[np.int32]) -> Floats:
    narrowed = np.full_like(scores, -np.inf)
    narrowed[allowed] = scores[allowed]
    return narrowed


def _share(scores: Floats, narrowed: Floats) -> float:
    """Return how much of the probability is left."""
    weights = np.exp(scores - scores.max())
    return float(weights[narrowed > -np.inf].sum() / weights.sum())


def _still_owed(owed: frozenset[str], text: str) -> frozenset[str]:
    """Return what has to come behind `text`; nothing once a name is complete."""
    return frozenset(one[len(text) :] for one in owed if one.startswith(text) and len(one) >= len(text))


def _characters(data: bytes) -> int:
    """Return how many characters begin in `data`."""
    return sum(byte & 0xC0 != 0x80 for byte in data)
