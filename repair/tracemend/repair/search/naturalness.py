"""Naturalness: what the text of an edit costs, measured against the tokens of the workspace.

Code is repetitive and bugs look unnatural (Hindle et al., ICSE 2012; Ray et al., ICSE 2016). A trigram model with
stupid back-off (Brants et al. 2007) over the project's own tokens says how surprising the tokens around an edit are
before and after; the difference, clipped, becomes a small surcharge that orders edits of one kind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from math import log2

from tracemend.analysis.syntax.module import Module
from tracemend.repair.propose.site import Proposal

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\"[^\"\n]*\"|'[^'\n]*'|[<>=!*/%+\-&|^@:]=|\*\*|//|<<|>>|->|\S")
_BACK_OFF = 0.4
CONTEXT_CHARACTERS = 30
WEIGHT = 0.15
LIMIT = 1.0


class TokenModel:
    """Trigram counts of the tokens of some texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.total = 0
        # The same few thousand trigrams come up all the time, and all edits of one place share the text before.
        self._surprises: dict[tuple[str, ...], float] = {}
        self._bits_of_text: dict[str, float] = {}
        for text in texts:
            tokens = tokenize(text)
            self.total += len(tokens)
            for size in (1, 2, 3):
                self.counts.update(zip(*(tokens[start:] for start in range(size)), strict=False))

    def bits(self, tokens: list[str]) -> float:
        """Return the mean surprise of `tokens`, in bits a token, given the two before each."""
        if not tokens:
            return 0.0
        return sum(self._surprise(tuple(tokens[max(0, i - 2) : i + 1])) for i in range(len(tokens))) / len(
            tokens
        )

    def bits_of_text(self, text: str) -> float:
        """Return the bits of a text that will be asked for again."""
        if text not in self._bits_of_text:
            self._bits_of_text[text] = self.bits(tokenize(text))
        return self._bits_of_text[text]

    def _surprise(self, gram: tuple[str, ...]) -> float:
        known = self._surprises.get(gram)
        if known is None:
            known = self._surprises[gram] = self._counted_surprise(gram)
        return known

    def _counted_surprise(self, gram: tuple[str, ...]) -> float:
        penalty = 1.0
        while len(gram) > 1:
            if (count := self.counts[gram]) and (context := self.counts[gram[:-1]]):
                return -log2(penalty * min(1.0, count / context))
            gram, penalty = gram[1:], penalty * _BACK_OFF
        return -log2(penalty * (self.counts[gram] + 0.5) / (self.total + 1.0))


def tokenize(text: str) -> list[str]:
    """Split code into rough tokens; good enough to count, and works on any text."""
    return _TOKEN.findall(text)


def surcharge(model: TokenModel, proposal: Proposal, module: Module) -> float:
    """Return what the text of `proposal` costs extra: 0 for text as natural as before, at most LIMIT."""
    change = 0.0
    for edit in proposal.edits:
        before = module.text[max(0, edit.start - CONTEXT_CHARACTERS) : edit.start]
        after = module.text[edit.end : edit.end + CONTEXT_CHARACTERS]
        old = model.bits_of_text(before + module.text[edit.start : edit.end] + after)
        new = model.bits(tokenize(before + edit.text + after))
        change += new - old
    return max(0.0, min(LIMIT, WEIGHT * change))
