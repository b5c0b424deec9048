"""How text is written token by token under a guidance: the loop that all arms share.

A guidance may narrow the scores of the next token and, having seen the token, take back some of what was written. Nothing
else differs between the arms: prompt, model, way of choosing and end are the same.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from bench.guided.small_model import Continuations, Floats, TokenPath
from numpy.typing import NDArray

_NAME_BEGINS = re.compile(rb"[A-Za-z_]")
MAX_DRAWN = 3  # A sequence may draw so many times its limit of tokens, those taken back included.


class Guidance(Protocol):
    """The guidance of one sequence."""

    def narrow(self, scores: Floats) -> Floats:
        """Return the scores of the next token, those of what may not come being minus infinity."""
        ...

    def take(self, token: int) -> int:
        """Take note of the token that was chosen; return how many tokens, this one included, are to be taken back."""
        ...


class Unguided:
    """The arm that does nothing."""

    def narrow(self, scores: Floats) -> Floats:
        """Return the scores as they are."""
        return scores

    def take(self, token: int) -> int:
        """Take nothing back."""
        return 0


@dataclass(frozen=True)
class Written:
    """What one arm wrote, and what it cost."""

    text: str
    tokens: int
    drawn: int  # With those that were taken back.
    rewinds: int
    guidance_s: float  # CPU time of the guidance alone.


@dataclass(frozen=True)
class Task:
    """What is to be written: `heal` is the end of the prompt that was left for the first tokens to reproduce.

    A prompt that ends in the middle of what the tokenizer would have made one piece is unlike anything that the model
    has read. So such a prompt is cut, and the first tokens must spell what was cut off, alone or with more behind it.
    With `name_follows` a name must come next, for that the dot is one of a member is given.
    """

    heal: str
    name_follows: bool
    given: TokenPath  # Tokens that end the prompt.
    max_tokens: int
    is_done: Callable[[str], bool]  # Of the text behind `heal`.


Choose = Callable[[Floats, int], int]  # Scores and the place of the token to its id.


class TokenTexts:
    """The vocabulary as bytes, and which tokens agree with a text that must come."""

    def __init__(self, tokens: Sequence[bytes]) -> None:
        self.tokens = tuple(tokens)
        self._agreeing: dict[tuple[bytes, bool], NDArray[np.bool_]] = {}

    def agreeing(self, wanted: bytes, *, name_follows: bool) -> NDArray[np.bool_]:
        """Return for every token whether it begins with `wanted`, or `wanted` with it; then perhaps a name."""
        key = (wanted, name_follows)
        if key not in self._agreeing:
            self._agreeing[key] = np.array([_agrees(one, wanted, name_follows) for one in self.tokens])
        return self._agreeing[key]


def write(
    continuations: Continuations, guidance: Guidance, texts: TokenTexts, task: Task, choose: Choose
) -> Written:
    """Write until the task is done, and return what stands behind the healed part."""
    path: TokenPath = ()
    drawn = rewinds = 0
    guidance_s = 0.0
    limit = min(task.max_tokens, continuations.room - len(task.given))
    while len(path) < limit and drawn < MAX_DRAWN * limit:
        if task.is_done(_text(texts, path, task)):
            break
        scores = _healed(continuations.scores((*task.given, *path)), texts, path, task)
        started = time.thread_time()
        narrowed = guidance.narrow(scores)
        guidance_s += time.thread_time() - started
        token = choose(narrowed, len(path))
        started = time.thread_time()
        taken_back = guidance.take(token)
        guidance_s += time.thread_time() - started
        drawn += 1
        rewinds += bool(taken_back)
        path = (*path, token)[: len(path) + 1 - taken_back]
    return Written(_text(texts, path, task), len(path), drawn, rewinds, guidance_s)


def greedy(scores: Floats, place: int) -> int:
    """Choose the likeliest token."""
    return int(scores.argmax())


def sampled(seed: int, temperature: float) -> Choose:
    """Return a way to draw tokens by their probability that draws alike in every arm.

    The noise (Gumbel-max) depends on seed, place and token alone, so that two arms differ only where their scores do.
    """

    def choose(scores: Floats, place: int) -> int:
        noise = np.random.default_rng((seed, place)).gumbel(size=len(scores))
        return int((scores / temperature + noise).argmax())

    return choose


def _healed(scores: Floats, texts: TokenTexts, path: TokenPath, task: Task) -> Floats:
    written = b"".join(texts.tokens[token] for token in path)
    heal = task.heal.encode()
    if len(written) > len(heal) or (len(written) == len(heal) and not task.name_follows):
        return scores
    agreeing = texts.agreeing(heal[len(written) :], name_follows=task.name_follows)
    return np.where(agreeing, scores, -np.inf)


def _agrees(token: bytes, wanted: bytes, name_follows: bool) -> bool:
    more = token[len(wanted) :]
    if not token or not (token.startswith(wanted) or wanted.startswith(token)):
        return False
    return not (name_follows and more) or _NAME_BEGINS.match(more) is not None


def _text(texts: TokenTexts, path: TokenPath, task: Task) -> str:
    written = b"".join(texts.tokens[token] for token in path)
    return written[len(task.heal.encode()) :].decode(errors="ignore")
