"""The arm to compare with: monitor-guided decoding as it was published, on the same closed sets.

Ported from microsoft/monitors4codegen (`src/monitors4codegen/monitor_guided_decoding`, arXiv 2306.10763), the dereference
monitor with its Hugging Face processor, and of these:

* the trigger: the text so far, prompt included, ends with a dot after a token (`DereferencesMonitor.pre`);
* one query at the trigger, the answer being kept until the identifier ends; no answer leaves the monitor waiting (`a_phi`);
* the mask (`maskgen`): tokens that are a prefix of what remains of a legal name, or that are all of it with a character
  behind it that no identifier has, whatever follows; everything else is forbidden; tokens are decoded texts, not bytes;
* the end (`update`): a token with such a character in it; what it holds behind that character is never looked at.

The query is not: instead of a language server the table of the hole answers, followed through what has been generated, so
that both arms know exactly the same. Not ported is how slow it is: the set of forbidden ids is an array here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np
from bench.guided.small_model import Floats

from tracemend.analysis.monitors.interpreter import interpret
from tracemend.analysis.monitors.tables import SymbolTable

_RECEIVER = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:\([^()\n]*\))?\Z")
_BREAK = re.compile(r"\W")
_ALWAYS = frozenset(name for type_ in (object, type) for name in dir(type_)) | {
    "__name__",
    "__dict__",
    "__module__",
}


class NameTokens:
    """Which tokens may continue one of several texts that have to come, each ended by a character of no identifier."""

    def __init__(self, tokens: Sequence[bytes]) -> None:
        texts = sorted((one.decode(errors="replace"), number) for number, one in enumerate(tokens) if one)
        self.texts = [one.decode(errors="replace") for one in tokens]
        self._sorted = [text for text, _ in texts]
        self._ids = [number for _, number in texts]
        self._breaking = [number for text, number in texts if _BREAK.match(text)]

    def continuing(self, remaining: Iterable[str]) -> list[int]:
        """Return the tokens that are a prefix of one of `remaining`, or all of it with a break behind it."""
        allowed: set[int] = set()
        for text in set(remaining):
            if not text:
                allowed.update(self._breaking)
            for end in range(1, len(text) + 1):
                allowed.update(self._exactly(text[:end]))
            if text:
                allowed.update(self._with_break_behind(text))
        return sorted(allowed)

    def _exactly(self, text: str) -> Iterable[int]:
        place = bisect_left(self._sorted, text)
        while place < len(self._sorted) and self._sorted[place] == text:
            yield self._ids[place]
            place += 1

    def _with_break_behind(self, text: str) -> Iterable[int]:
        place = bisect_left(self._sorted, text)
        while place < len(self._sorted) and self._sorted[place].startswith(text):
            if _BREAK.match(self._sorted[place], len(text)):
                yield self._ids[place]
            place += 1


class PublishedMgd:
    """The dereference monitor on one sequence."""

    def __init__(self, names: NameTokens, table: SymbolTable, before: str) -> None:
        self._names = names
        self._table = table
        self._line_before = before.rpartition("\n")[2]
        self._generated = ""
        self._remaining: frozenset[str] | None = None  # What may still come; None while waiting.

    def narrow(self, scores: Floats) -> Floats:
        """Forbid all but what continues a legal name, if a dot has been written and the set is known."""
        if self._remaining is None and (self._line_before + self._generated).endswith("."):
            self._remaining = self._legal()
        if self._remaining is None:
            return scores
        allowed = [one for one in self._names.continuing(self._remaining) if scores[one] > -np.inf]
        if not allowed:
            return scores
        narrowed = np.full_like(scores, -np.inf)
        narrowed[allowed] = scores[allowed]
        return narrowed

    def take(self, token: int) -> int:
        """Follow the token; nothing is ever taken back."""
        text = self._names.texts[token]
        self._generated += text
        if self._remaining is not None:
            if _BREAK.search(text):
                self._remaining = None
            else:
                self._remaining = frozenset(
                    one[len(text) :] for one in self._remaining if one.startswith(text)
                )
        return 0

    def _legal(self) -> frozenset[str] | None:
        receiver = _RECEIVER.search((self._line_before + self._generated)[:-1])
        if receiver is None:
            return None
        meaning = interpret(self._table, self._generated, line_before=self._line_before)
        members = meaning.allowed(receiver[0])
        return members | _ALWAYS if members else None
