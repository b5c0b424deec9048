"""From a guide to the tokens that a model may write next.

A mask is made in one of two ways. Behind the dot of a receiver whose members are known few tokens are right, and they are
listed: those that some member begins with or goes on with, and those that end a whole one. In front of the dot, where
vocabularies whose tokens begin with a dot decide already, few tokens are wrong, and those are listed: a dot with a name
that no member has. All other text passes, except tokens that hold a whole dot in themselves (see `classes`); for those
the guide is asked.

A mask is never empty: where nothing would be left, something is wrong with the table or the text, and the mask is silent
(`TokenMasks.silenced` counts how often). Only names of ASCII letters are masked, unless the members have others: that
Python takes `ﬁle` for `file` is left to the guide, which judges a finished name in its normal form.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracemend.analysis.monitors.interpreter import Meaning
from tracemend.analysis.monitors.tables import is_dunder

from .classes import Group, Numbers, TokenClasses
from .machine import Guide, Situation, forced_by
from .vocabulary import Vocabulary

MAX_REMEMBERED = 4096


@dataclass(frozen=True, eq=False)
class Mask:
    """The tokens that may not come next, or those that alone may; exactly one of the two is set.

    `allowed` is never empty. `forced` is the text that every legal continuation begins with, b"" if there is none: a
    completion engine can write it without asking the model.
    """

    forbidden: NDArray[np.int32] | None = None
    allowed: NDArray[np.int32] | None = None
    forced: bytes = b""


class TokenMasks:
    """Makes masks over one vocabulary and remembers them. Not for several threads at once."""

    def __init__(self, vocabulary: Vocabulary, cache: Path | None = None) -> None:
        """Read the vocabulary; `cache` is a folder in which what was learnt of it is kept for the next process."""
        self.vocabulary = vocabulary
        self.silenced = 0
        self._classes = TokenClasses(vocabulary, cache)
        self._masks: dict[Hashable, Mask | None] = {}
        self._dots: dict[frozenset[str], tuple[Numbers, Numbers]] = {}
        self._place_of_dotted = np.zeros(len(vocabulary.tokens), dtype=np.int32)
        self._place_of_dotted[self._classes.dotted] = np.arange(len(self._classes.dotted), dtype=np.int32)
        fused = self._classes
        self._quiet_up_to = (
            Situation.CODE
            if not fused.fused
            else Situation.TEXT
            if not fused.fused_breaking
            else Situation.QUIET
        )

    def mask(self, guide: Guide) -> Mask | None:
        """Return the mask for the next token of `guide`'s text; None where nothing is forbidden."""
        situation = guide.situation()
        if situation <= self._quiet_up_to:
            return None
        key = guide.key
        try:
            return self._masks[key]
        except KeyError:
            pass
        mask = (
            self._member_mask(guide) if situation == Situation.MEMBER else self._fused_mask(guide, situation)
        )
        if len(self._masks) >= MAX_REMEMBERED:
            self.forget()
        self._masks[key] = mask
        return mask

    def forget(self) -> None:
        """Forget the masks that were made, not what is known of the vocabulary."""
        self._masks.clear()
        self._dots.clear()

    def _fused_mask(self, guide: Guide, situation: Situation) -> Mask | None:
        """Return the mask in front of a dot."""
        legal = guide.legal_behind_dot() if situation == Situation.RECEIVER else None
        dots = self._dots_for(legal)[1] if legal is not None else _NO_NUMBERS
        wrong = self._wrong_fused(guide, situation, is_receiver=legal is not None)
        forbidden = np.union1d(dots, wrong).astype(np.int32) if wrong else dots
        return Mask(forbidden=forbidden) if len(forbidden) else None

    def _dots_for(self, legal: frozenset[str]) -> tuple[Numbers, Numbers]:
        """Return the tokens of a dot and a name that is legal, or begins as one does, and those of other names."""
        if legal not in self._dots:
            classes = self._classes
            is_right = np.zeros(len(classes.dotted), dtype=np.bool_)
            names = names_in_order(legal)
            for right in (_continuations(names, 0, classes.dot_pure, classes.dot_mixed), classes.dot_dunder):
                is_right[self._place_of_dotted[right]] = True
            if not all(map(bytes.isascii, names)):
                is_right[self._place_of_dotted[classes.dot_foreign]] = True
            self._dots[legal] = classes.dotted[is_right], classes.dotted[~is_right]
        return self._dots[legal]

    def _wrong_fused(self, guide: Guide, situation: Situation, *, is_receiver: bool) -> list[int]:
        """Return the tokens with a dot inside that the guide does not accept here."""
        classes = self._classes
        if not classes.fused:
            return []
        if situation == Situation.TEXT:
            return self._not_accepted(guide, classes.fused_breaking)
        candidates = [*classes.fused_closers, *(classes.fused_dotted if is_receiver else ())]
        partial = guide.partial
        for name in _closed_names(guide.meaning):
            if name.startswith(partial):
                candidates += classes.fused_heads.get(name[len(partial) :], ())
            candidates += classes.fused_roots.get(name, ())
        return self._not_accepted(guide, candidates)

    def _not_accepted(self, guide: Guide, numbers: Iterable[int]) -> list[int]:
        """Return those tokens, of those with a dot inside, that the guide does not accept.

        Hundreds of them are alike up to their dot, such as ` self.`, so that the guide reads that part once.
        """
        fronts: dict[bytes, _Behind] = {}
        return sorted({number for number in numbers if not self._accepts_fused(guide, number, fronts)})

    def _accepts_fused(self, guide: Guide, number: int, fronts: dict[bytes, _Behind]) -> bool:
        """Say what `Guide.accepts` says of a token; `fronts` are the parts up to a dot that were read before."""
        token = self.vocabulary.tokens[number]
        start, end = self._classes.fused_names.get(number, (0, 0))
        if not start:
            return guide.accepts(token)
        front, name = token[:start], token[start:end]
        if front not in fronts:
            read = guide.behind(front)
            fronts[front] = read, read.legal if read is not None else None
        behind, legal = fronts[front]
        if behind is None:
            return False
        if end == len(token):
            return legal is None or _begins_one(name, names_in_order(legal))
        if legal is not None and (text := name.decode("ascii")) not in legal and not is_dunder(text):
            return False
        return behind.accepts(token[start:])

    def _member_mask(self, guide: Guide) -> Mask | None:
        """Return the mask behind a dot."""
        legal, partial = guide.legal, guide.partial
        if legal is None or partial.startswith(b"__") or not partial.isascii():
            return None
        names = names_in_order(legal)
        if not all(map(bytes.isascii, names)):
            return None
        going_on = names[bisect_left(names, partial) : bisect_left(names, partial + b"\xff")]
        parts = self._parts(guide, going_on, partial)
        if not sum(map(len, parts)):
            self.silenced += 1
            return None
        allowed = np.concatenate([*parts, self._classes.empty])
        if self._classes.fused:
            allowed = self._without_wrong(guide, allowed)
        return Mask(allowed=allowed, forced=forced_by(going_on, partial)) if len(allowed) else None

    def _parts(self, guide: Guide, going_on: tuple[bytes, ...], partial: bytes) -> list[Numbers]:
        """Return the tokens that go on with the name, and those that end it if it is one."""
        classes = self._classes
        if partial:
            parts = [_continuations(going_on, len(partial), classes.pure, classes.mixed)]
        else:
            parts = [
                _continuations(going_on, 0, classes.behind_dot, classes.ended_behind_dot),
                classes.blank,
                classes.layout if guide.is_in_bracket else classes.joining,
            ]
        if partial in (b"", b"_"):
            parts[0] = np.union1d(parts[0], classes.begins_dunder[partial])
        if going_on and going_on[0] == partial:
            legal = guide.legal_behind_dot()
            parts.append(classes.ends_name)
            parts.append(classes.dotted if legal is None else self._dots_for(legal)[0])
        if guide.may_end():
            parts.append(classes.special)
        return parts

    def _without_wrong(self, guide: Guide, allowed: Numbers) -> Numbers:
        fused = [number for number in allowed.tolist() if number in self._classes.fused]
        wrong = self._not_accepted(guide, fused)
        return allowed[~np.isin(allowed, wrong)] if wrong else allowed


_Behind = tuple[Guide | None, frozenset[str] | None]  # A guide that has read more, and what it finds legal.
_NO_NUMBERS: Numbers = np.empty(0, dtype=np.int32)


@lru_cache(maxsize=512)
def names_in_order(legal: frozenset[str]) -> tuple[bytes, ...]:
    """Return names as bytes in order."""
    return tuple(sorted(name.encode("utf-8") for name in legal))


def _begins_one(partial: bytes, names: tuple[bytes, ...]) -> bool:
    """Say whether a part of an ASCII name begins one of `names`, which are in order, or what may be a dunder name."""
    place = bisect_left(names, partial)
    is_begun = place < len(names) and names[place].startswith(partial)
    return is_begun or partial == b"_" or partial.startswith(b"__")


@lru_cache(maxsize=512)
def _closed_names(meaning: Meaning) -> tuple[bytes, ...]:
    """Return the names of which it is known what they may be asked for."""
    types = meaning.table.types
    return tuple(
        name.encode() for name, found in meaning.names.items() if found >= 0 and not types[found].is_open
    )


def _continuations(names: Iterable[bytes], written: int, pure: Group, mixed: Group) -> Numbers:
    """Return the tokens that go on with one of `names` behind its first `written` bytes, or go on with it to its end."""
    found: list[int] = []
    seen: set[bytes] = set()
    for name in names:
        rest = name[written:]
        for size in range(len(rest), 0, -1):
            head = rest[:size]
            if head in seen:
                break  # And so are all that are shorter.
            seen.add(head)
            if head in pure:
                found += pure[head]
        if rest in mixed:
            found += mixed[rest]
    return np.asarray(found, dtype=np.int32)
