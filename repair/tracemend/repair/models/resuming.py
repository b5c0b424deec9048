"""The three ways in which an answer is taken up again behind the part of it that is fine.

A completion goes on with its own text (`Completing`), a chat with a begun assistant turn where the endpoint has it
(`Prefilling`), and otherwise the model is told what was wrong and asked for the rest (`Reprompting`), which is then
joined to what there is (`splicing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tracemend.analysis.decoding.adapters.grammars import NameAtHole, SpecialName, gbnf, vllm_fields
from tracemend.analysis.decoding.machine import Violation

from .capabilities import Capabilities, Prefill
from .endpoint import Endpoint
from .protocol import Answer, Message
from .splicing import Splice, has_open_fence

MAX_GRAMMAR_NAMES = 2000
MAX_TOLD_NAMES = 60

# Takes a piece of text behind the base; True says that no more is wanted.
Take = Callable[[str], bool]
Begin = Callable[[str], None]


class Resuming(Protocol):
    """A way to ask for an answer, and for the rest of it."""

    @property
    def continues(self) -> bool:
        """Whether what comes goes on exactly where the text so far ends."""

    def ask(
        self,
        endpoint: Endpoint,
        so_far: str,
        wrong: Violation | None,
        begin: Begin,
        take: Take,
        options: Mapping[str, Any],
    ) -> Answer:
        """Ask for what follows `so_far`; `begin` is told from which text on it goes, then `take` gets what comes."""


@dataclass(frozen=True, slots=True)
class Completing:
    """A text that goes on with itself."""

    prompt: str
    suffix: str | None = None
    continues: bool = True

    def ask(
        self,
        endpoint: Endpoint,
        so_far: str,
        wrong: Violation | None,
        begin: Begin,
        take: Take,
        options: Mapping[str, Any],
    ) -> Answer:
        """Ask with the text so far as the end of the prompt."""
        base = healed(so_far)
        begin(base)
        return endpoint.complete(self.prompt + base, suffix=self.suffix, on_text=take, **options)


@dataclass(frozen=True, slots=True)
class Prefilling:
    """A chat whose last turn is begun for the model."""

    messages: Sequence[Message]
    prefill: Prefill
    continues: bool = True

    def ask(
        self,
        endpoint: Endpoint,
        so_far: str,
        wrong: Violation | None,
        begin: Begin,
        take: Take,
        options: Mapping[str, Any],
    ) -> Answer:
        """Ask with the text so far as the beginning of the model's turn."""
        base = healed(so_far)
        begin(base)
        if not base:
            return endpoint.chat(self.messages, on_text=take, **options)
        fields = dict(options["extra"])
        turn = Message("assistant", base, is_begun=self.prefill == "prefix")
        if self.prefill == "continue_final_message":
            fields |= {"continue_final_message": True, "add_generation_prompt": False}
        on_text = _Unechoed(base, take) if self.prefill == "echo" else take
        return endpoint.chat([*self.messages, turn], on_text=on_text, **{**options, "extra": fields})


@dataclass(frozen=True, slots=True)
class Reprompting:
    """A chat with an endpoint that begins each turn anew."""

    messages: Sequence[Message]
    continues: bool = False

    def ask(
        self,
        endpoint: Endpoint,
        so_far: str,
        wrong: Violation | None,
        begin: Begin,
        take: Take,
        options: Mapping[str, Any],
    ) -> Answer:
        """Say what was wrong and what there is instead, and ask for the rest from the last whole line on."""
        if wrong is None:
            begin(so_far)
            return endpoint.chat(self.messages, on_text=take, **options)
        kept = so_far[: so_far.rfind("\n") + 1]
        shown = kept + ("```\n" if has_open_fence(kept) else "")
        turns = [*self.messages, *([Message("assistant", shown)] if shown else []), _objection(so_far, wrong)]
        splice = Splice(kept, begin, take)
        answer = endpoint.chat(turns, on_text=splice.take, **options)
        splice.end()
        return answer


def legal_only(wrong: Violation, found: Capabilities) -> Mapping[str, object] | None:
    """Return the fields that let only a legal name come next and then any text, None where the endpoint has no such.

    The names of a scope are not all that may stand where a bare name was wrong, so only members are forced.
    """
    if not wrong.receiver or not 0 < len(wrong.allowed) <= MAX_GRAMMAR_NAMES:
        return None
    return leading_name(NameAtHole(tuple(sorted(wrong.allowed)), SpecialName("__", "__")), found)


def leading_name(name: NameAtHole, found: Capabilities) -> Mapping[str, object] | None:
    """Return the fields that let only `name` come first and then any text, None where the endpoint has no such."""
    if len(name.endings) > MAX_GRAMMAR_NAMES:
        return None
    if found.regex:
        return vllm_fields(name, leading=True)
    return {"grammar": gbnf(name, leading=True)} if found.grammar else None


def healed(text: str) -> str:
    """Return `text` without blanks at its end, which tokens of the next word begin with, unless a name ends before them.

    A model that goes on behind a blank of its own is off its usual tokens, and chat templates trim turns.
    """
    stripped = text.rstrip(" ")
    is_inside = stripped[-1:].isalnum() or stripped.endswith(("_", "\n")) or not stripped
    return text if is_inside else stripped


class _Unechoed:
    """Leaves away the beginning of a turn where the endpoint repeats it."""

    def __init__(self, begun: str, take: Take) -> None:
        self._left = begun
        self._take = take

    def __call__(self, piece: str) -> bool:
        while piece and self._left and piece[0] == self._left[0]:
            size = _common_length(piece, self._left)
            piece, self._left = piece[size:], self._left[size:]
        if piece:
            self._left = ""
        return bool(piece) and self._take(piece)


def _common_length(one: str, other: str) -> int:
    size = min(len(one), len(other))
    return next((at for at in range(size) if one[at] != other[at]), size)


def _objection(so_far: str, wrong: Violation) -> Message:
    """Return the turn that says what does not exist, what does, and what is wanted now."""
    line = so_far[so_far.rfind("\n") + 1 :].strip()
    others = sorted(wrong.allowed.difference(wrong.nearest))
    names = [*wrong.nearest, *others][:MAX_TOLD_NAMES]
    more = f" and {len(wrong.allowed) - len(names)} more" if len(wrong.allowed) > len(names) else ""
    return Message(
        "user",
        f"The next line, which began with `{line}`, was wrong: {wrong.why}.\n"
        f"There are: {', '.join(names)}{more}.\n"
        "Write the rest of the code from that line on, corrected. Do not repeat the lines above. "
        "Answer with one ```python block.",
    )
