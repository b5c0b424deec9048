"""Guides that follow sequences of token ids, the way engines hand them over.

Engines show all tokens of a sequence at every step. A `TokenFollower` reads only those that are new, and starts again
where the engine has taken some back. Where rows have no identity from step to step, as under beam search, the
`SequencePool` finds the guide of a row by the tokens that lead to it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.vocabulary import Vocabulary

KEPT_SEQUENCES = 256


def fed(guide: Guide, ids: Sequence[int], vocabulary: Vocabulary) -> Guide:
    """Return `guide` itself, after the text of `ids`. Special tokens, and those outside the vocabulary, write nothing."""
    tokens, special = vocabulary.tokens, vocabulary.special
    for token in ids:
        if token not in special and 0 <= token < len(tokens):
            guide.feed(tokens[token])
    return guide


class TokenFollower:
    """The guide of one sequence that mostly grows at its end."""

    def __init__(self, start: Guide, vocabulary: Vocabulary) -> None:
        self._start = start
        self._vocabulary = vocabulary
        self._guide = start.fork()
        self._read: list[int] = []

    @property
    def length(self) -> int:
        """How many tokens have been read."""
        return len(self._read)

    def extended(self, new: Sequence[int]) -> Guide:
        """Return the guide behind all tokens read so far and `new`; it is valid until the next call."""
        self._read += new
        return fed(self._guide, new, self._vocabulary)

    def drafted(self, guide: Guide, token: int) -> Guide:
        """Return the guide behind one more token, which may still be refused: nothing is read by it."""
        return fed(guide.fork(), (token,), self._vocabulary)

    def at(self, ids: Sequence[int]) -> Guide | None:
        """Return the guide behind `ids`, all generated tokens so far; it is valid until the next call.

        None if there is a negative id among the new ones: an engine that schedules ahead of the sampler shows a token
        that it does not know yet as -1, and what is not known cannot be judged.
        """
        known = len(self._read)
        if len(ids) < known or (known and ids[known - 1] != self._read[-1]):
            self._guide, self._read, known = self._start.fork(), [], 0
        new = list(ids[known:])
        if any(one < 0 for one in new):
            return None
        return self.extended(new)


class SequencePool:
    """The guides of the last sequences seen, found by their tokens: rows may be reordered, copied and cut at will."""

    def __init__(self, start: Guide, vocabulary: Vocabulary, kept: int = KEPT_SEQUENCES) -> None:
        self._vocabulary = vocabulary
        self._start = start
        self._kept = kept
        self._guides: OrderedDict[tuple[int, ...], Guide] = OrderedDict()

    def at(self, ids: Sequence[int]) -> Guide:
        """Return the guide behind `ids`, read from the sequence that lacks the last token where that is known."""
        key = tuple(ids)
        guide = self._guides.get(key)
        if guide is None:
            before = self._guides.get(key[:-1])
            if before is None:
                guide = fed(self._start.fork(), key, self._vocabulary)
            else:
                guide = fed(before.fork(), key[-1:], self._vocabulary)
            self._guides[key] = guide
        self._guides.move_to_end(key)
        while len(self._guides) > self._kept:
            self._guides.popitem(last=False)
        return guide
