"""What every monitor says, and of what.

A monitor looks at one kind of mistake. At a hole it says of a piece of text whether that may stand there (`judge`); over
a whole file it reports what certainly should not stand there (`review`). Both rest on the oracle's proofs, and whatever
is not proven is `Unknown`, with a slug that says why: unknown never masks and never warns, for a false alarm costs more
than ten misses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tracemend.analysis.types.document import Document

    from .sites import FileView


@dataclass(frozen=True, slots=True)
class Allowed:
    """The text may stand here; `names` is the closed set of names that may."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The text certainly may not stand here."""

    why: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is proven; `why` is a stable slug, such as "any" or "store"."""

    why: str


Judgement = Allowed | Forbidden | Unknown


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a document where text is to be put: between `before` and `after`."""

    document: Document
    offset: int

    @property
    def before(self) -> str:
        """The text up to the hole."""
        return self.document.text[: self.offset]

    @property
    def after(self) -> str:
        """The text from the hole on."""
        return self.document.text[self.offset :]


@dataclass(frozen=True, slots=True)
class Finding:
    """One certain violation: the characters [start, end) of the document, and what is wrong with them.

    `suggestions` would be right in their stead, the nearest first, and are near enough to be meant. `why` names the proof.
    """

    rule: str
    start: int
    end: int
    message: str
    why: str
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Silent:
    """One place that was looked at and of which nothing is certain; `start` is where a finding would begin."""

    start: int
    why: str


@dataclass(frozen=True, slots=True)
class Passed:
    """One place that was looked at and is right."""

    start: int


Verdict = Finding | Silent | Passed


class Monitor(Protocol):
    """One kind of mistake."""

    name: str

    def judge(self, hole: Hole, partial: str, *, complete: bool) -> Judgement:
        """Judge `partial` as the text that begins at the hole.

        `complete` says that the last word of `partial` ends there; otherwise more of it may follow.
        """
        ...

    def review(self, view: FileView) -> Iterator[Verdict]:
        """Yield one verdict for each place of the file that this monitor looks at."""
        ...


def judge_word(names: frozenset[str], word: str, *, complete: bool) -> frozenset[str]:
    """Return those of `names` that `word` is, or may still become."""
    if complete:
        return names & {word}
    return frozenset(name for name in names if name.startswith(word))
