"""Which name is likely here: a trigram model over the workspace, with the text around the cursor counted besides.

Code is repetitive (Hindle et al., "On the naturalness of software", ICSE 2012), most of all near by (Tu, Su and Devanbu,
"On the localness of software", FSE 2014), so that a small model of the very text comes in beside the one of the workspace.
Missing contexts back off as in Brants et al. 2007 ("stupid back-off"). Counting is exact and independent of the order in
which texts arrive, as long as all fit; a text can be replaced, and what it had counted is taken away again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache

_TOKEN = re.compile(
    r"#[^\n]*|(?:[rRbBuUfF]{1,2})?(?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?)"
    r"|[^\W\d]\w*|\d[\w.]*|[<>=!*/%+\-&|^@:]=|\*\*|//|->|\n|\S"
)
BACK_OFF = 0.4
LOCAL_SHARE = 0.5
CONTEXT_TOKENS = 2
CONTEXT_CHARACTERS = 400
LOCAL_CHARACTERS = 6000
MAX_TEXT_CHARACTERS = 300_000
MAX_CHARACTERS = 6_000_000  # About 100 MB with the counts.
_BITS = 21  # Of a word's number; three of them make the number of a trigram.
MAX_WORDS = 1 << _BITS

Score = Callable[[str], float]


class NgramModel:
    """Counts of the names in some texts, by the one and the two tokens before each."""

    def __init__(self, max_characters: int = MAX_CHARACTERS) -> None:
        self._max_characters = max_characters
        self._characters = 0
        self._texts: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._counts: Counter[int] = Counter()

    def update(self, key: str, text: str | None) -> bool:
        """Let `text` stand for `key` from now on, None for nothing; return whether there was room for it."""
        known = self._texts.get(key)
        if known == text:
            return True
        if known is not None:
            del self._texts[key]
            self._characters -= len(known)
            self._count(known, -1)
        if text is None:
            return True
        if len(text) > MAX_TEXT_CHARACTERS or self._characters + len(text) > self._max_characters:
            return False
        self._texts[key] = text
        self._characters += len(text)
        self._count(text, 1)
        return True

    def likelihood(self, context: Sequence[str], name: str) -> float:
        """Return how likely `name` follows the tokens of `context`, of which the last two count."""
        share = 1.0
        for size in range(min(CONTEXT_TOKENS, len(context)), -1, -1):
            before = context[len(context) - size :]
            total = self._seen((*before, ""))
            found = self._seen((*before, name)) if total else 0
            if found:
                return share * found / total
            share *= BACK_OFF
        return 0.0

    def _seen(self, gram: Sequence[str]) -> int:
        key = self._key(gram)
        return 0 if key is None else self._counts[key]

    def _count(self, text: str, step: int) -> None:
        """Count each name behind its contexts; the empty name stands for all names of a context."""
        grams: Counter[tuple[str, ...]] = Counter()
        tokens = code_tokens(text)
        for at, token in enumerate(tokens):
            if not token.isidentifier():
                continue
            for size in range(min(CONTEXT_TOKENS, at) + 1):
                before = tuple(tokens[at - size : at])
                grams[(*before, token)] += 1
                grams[(*before, "")] += 1
        for gram, count in grams.items():
            key = self._key(gram, learning=step > 0)
            if key is None:
                continue
            left = self._counts[key] + step * count
            if left > 0:
                self._counts[key] = left
            else:
                del self._counts[key]

    def _key(self, gram: Sequence[str], *, learning: bool = False) -> int | None:
        """Return the number of a gram, None for one with a word that was never counted."""
        key = 1
        for word in gram:
            number = self._numbers.get(word)
            if number is None:
                if not learning or len(self._numbers) >= MAX_WORDS:
                    return None
                number = self._numbers[word] = len(self._numbers)
            key = key << _BITS | number
        return key


def ranker(model: NgramModel, text: str, offset: int) -> Score:
    """Return what says how likely a name is at `offset` in `text`: the more, the likelier."""
    local = NgramModel()
    local.update("", text[max(0, offset - LOCAL_CHARACTERS) : offset])
    context = code_tokens(text[max(0, offset - CONTEXT_CHARACTERS) : offset])[-CONTEXT_TOKENS:]

    def score(name: str) -> float:
        return (1 - LOCAL_SHARE) * model.likelihood(context, name) + LOCAL_SHARE * local.likelihood(
            context, name
        )

    return score


def likeliest_name(before: str, after: str) -> Callable[[str, Collection[str]], str | None]:
    """Return what chooses among names behind a text that was written at a hole, by what the file around it says.

    The file is counted when the first name is asked for. None is chosen where the file never uses any of the names.
    """

    @cache
    def of_file() -> NgramModel:
        model = NgramModel()
        half = MAX_TEXT_CHARACTERS // 2
        model.update("before", before[-half:])
        model.update("after", after[:half])
        return model

    def choose(so_far: str, names: Collection[str]) -> str | None:
        text = before + so_far
        score = ranker(of_file(), text, len(text))
        best = max(sorted(names), key=score, default=None)
        return best if best is not None and score(best) > 0 else None

    return choose


def code_tokens(text: str) -> list[str]:
    """Return the tokens of code: strings all alike, comments and blank lines left out."""
    return list(_without_blank_lines(_TOKEN.findall(text)))


def _without_blank_lines(tokens: Sequence[str]) -> Iterator[str]:
    last = "\n"
    for token in tokens:
        if token.startswith("#") or token == last == "\n":
            continue
        last = '""' if token[-1] in "\"'" and len(token) > 1 else token
        yield last
