"""The text of a guarded answer while it grows: judged piece by piece, cut, mended, and taken up again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracemend.analysis.decoding.machine import Guide, Violation

# Gives the name to put in the place of an invented one behind the text in front of it; None to stop there.
Substitute = Callable[[Violation, str], str | None]


class Reading:
    """One answer, over all the requests that it takes.

    After a violation, `text` ends behind what was received, and `begin` is told from where it goes on. Guides are kept at
    the ends of earlier pieces, so that going back costs what was read since, not the whole answer.
    """

    def __init__(self, guide: Guide, substitute: Substitute, stop: Sequence[str] = ()) -> None:
        self.text = ""
        self.violation: Violation | None = None
        self.is_stopped = False  # By a stop text.
        self.received = 0  # Characters of this request.
        self.replaced: list[tuple[str, str]] = []
        self._substitute = substitute
        self._stop = tuple(stop)
        self._longest_stop = max(map(len, stop), default=0)
        self._guide = guide.fork()
        self._marks = [(0, guide)]

    def begin(self, base: str) -> None:
        """Go on from `base`, which begins the text so far."""
        self.text, self.violation, self.received = base, None, 0
        self._guide = self._guide_at(len(base))

    def take(self, piece: str) -> bool:
        """Add what came; True says that no more is wanted."""
        before, self.received = len(self.text), self.received + len(piece)
        self.text += piece
        self._find_stop(before)
        self.violation = self._guide.feed(_encoded(self.text[before:]))
        while self.violation is not None and self._mend(self.violation):
            pass
        if self.violation is None and "\n" in piece:
            self._marks.append((len(self.text), self._guide.fork()))
        return self.is_stopped or self.violation is not None

    def end(self) -> None:
        """Judge the name in which the whole answer ends."""
        if self.violation is None:
            self.violation = self._guide.finish()
            if self.violation is not None:
                self._mend(self.violation)

    def _find_stop(self, before: int) -> None:
        """Look for stop texts also where they lie across two pieces, or across a cut."""
        start = max(before - self._longest_stop + 1, 0)
        found = [at for one in self._stop if (at := self.text.find(one, start)) >= 0]
        if found:
            self.text, self.is_stopped = self.text[: min(found)], True
            if len(self.text) < before:
                self._guide = self._guide_at(len(self.text))

    def _mend(self, violation: Violation) -> bool:
        """Put another name in the place of the wrong one, if there is one and what follows holds."""
        name = self._substitute(violation, self.text[: violation.start])
        if name is None:
            return False
        rest = self.text[violation.end :]
        guide = self._guide_at(violation.start)
        found = guide.feed(_encoded(name + rest))
        if found is not None and found.start <= violation.start:
            return False
        self.replaced.append((violation.name, name))
        self.text = self.text[: violation.start] + name + rest
        self._guide, self.violation = guide, found
        return True

    def _guide_at(self, length: int) -> Guide:
        """Return a guide that has read so much of the text, and forget those that have read more."""
        while self._marks[-1][0] > length:
            self._marks.pop()
        known, guide = self._marks[-1]
        guide = guide.fork()
        guide.feed(_encoded(self.text[known:length]))
        return guide


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
