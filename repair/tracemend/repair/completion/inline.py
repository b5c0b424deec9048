"""A model's completion at a cursor, from the text to what may be shown: prompt, answer, trimming, checking.

    completer = InlineCompleter(endpoint, reviewer)
    found = completer.complete(Cursor(path, text, offset), cancel=event)

What can only be written in one way is not left to the model: the rest of a name of which one is legal is written here, and
the model goes on behind it.

The names that the model writes are guided on the way that the endpoint allows (`models.capabilities`): by masks where our
plug-in is in the engine, else by the stream guard. Whatever comes back is checked again as a whole.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from tracemend.analysis.decoding.adapters.requests import UnreadableRequest, request_fields
from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.monitors.protocol import Hole
from tracemend.analysis.monitors.table_building import build_table
from tracemend.analysis.monitors.tables import SymbolTable
from tracemend.repair.models.capabilities import Capabilities
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.guard import GuardedAnswer, Mending, guarded_chat, guarded_completion
from tracemend.repair.models.guard_mending import RequestAllowance
from tracemend.repair.models.openings import opening_fields
from tracemend.repair.models.protocol import Answer, ModelRole

from .checking import Checked, CheckVerdict, checked
from .context import reachable_signatures
from .ngrams import likeliest_name
from .options import InlineOptions
from .templates import Family, Prompt, family_of, make_prompt
from .trimming import can_complete, is_single_line, trimmed, unfenced
from .window import context_budget, window_of

if TYPE_CHECKING:
    from tracemend.analysis.review import Reviewer

MAX_ANALYZED_CHARACTERS = 400_000  # Of a larger text only the window is read, and nothing guides the model.
TEMPERATURE = 0.1

_PART_OF_A_MEMBER = re.compile(r"\.\s*[^\W\d]\w*\Z")
_LONGEST_MEMBER = 200


class _Sampling(TypedDict):
    max_tokens: int
    temperature: float
    stop: tuple[str, ...]
    role: ModelRole
    cancel: threading.Event | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a text is to be put in."""

    path: Path
    text: str
    offset: int

    @property
    def before(self) -> str:
        return self.text[: self.offset]

    @property
    def after(self) -> str:
        return self.text[self.offset :]


@dataclass(frozen=True, slots=True)
class Completion:
    """What may be inserted, "" for nothing, and who says so.

    `why` says what was cut, why nothing is left, or which names are not the model's own.
    """

    text: str
    verdict: CheckVerdict
    model: str = ""
    family: str = ""
    why: str = ""
    tokens: int = 0


class InlineCompleter:
    """Completes in one project with one endpoint. Safe to share among threads."""

    def __init__(self, endpoint: Endpoint, reviewer: Reviewer, options: InlineOptions | None = None) -> None:
        self._endpoint = endpoint
        self._reviewer = reviewer
        self._options = options or InlineOptions()
        self._allowance = RequestAllowance()

    def complete(self, cursor: Cursor, *, cancel: threading.Event | None = None) -> Completion:
        """Return what a model would write at the cursor. Raises `ModelError`."""
        if not can_complete(cursor.before, cursor.after):
            return Completion("", "dropped", why="there is text behind the cursor on its line")
        forced = self._forced(cursor)
        if not forced:
            return self._asked_at(cursor, cancel)
        text = cursor.before + forced + cursor.after
        found = self._asked_at(Cursor(cursor.path, text, cursor.offset + len(forced)), cancel)
        if found.text:
            return replace(found, text=forced + found.text)
        checked_name = self._checked(cursor, forced, cancel)
        return replace(found, text=checked_name.text, verdict=checked_name.verdict)

    def _asked_at(self, cursor: Cursor, cancel: threading.Event | None) -> Completion:
        """Return what the model would write at the cursor. Raises `ModelError`."""
        # Not cancelled with this question: what the first one finds out, the next ones need as well.
        can = self._endpoint.capabilities(role="fast")
        family = family_of(can.model, self._options.family, has_completions=can.completions)
        prompt = self._prompt(cursor, family)
        answer = self._asked(prompt, cursor, can, cancel)
        text = unfenced(answer.text, cursor.before) if family.is_chat else answer.text
        why = _invented(answer)
        if why:  # It ends in front of the name, so that its last line is but half a line.
            text = text.rpartition("\n")[0]
        text = trimmed(text, cursor.before, cursor.after, family)
        said = Completion("", "dropped", answer.model, family.name, why, answer.usage.completion_tokens)
        if not text:
            return replace(said, why=why or "the model had nothing to add")
        found = self._checked(cursor, text, cancel)
        verdict = "cut" if why and found.verdict == "checked" else found.verdict
        return replace(said, text=found.text, verdict=verdict, why=why or found.why or _replaced(answer))

    def _forced(self, cursor: Cursor) -> str:
        """Return the rest of the name that the cursor is in, "" where there is none or more than one way on."""
        if not _PART_OF_A_MEMBER.search(cursor.before[-_LONGEST_MEMBER:]):
            return ""
        return Guide(self._table(cursor), before=cursor.before, after=cursor.after).forced

    def _prompt(self, cursor: Cursor, family: Family) -> Prompt:
        context = self._context(cursor)
        window = window_of(cursor.text, cursor.offset, context, self._options.context_tokens)
        before = cursor.text[window.start : cursor.offset]
        stop = ("\n",) if is_single_line(cursor.after) and not family.is_chat else ()
        return make_prompt(family, context + before, cursor.text[cursor.offset : window.end], stop=stop)

    def _context(self, cursor: Cursor) -> str:
        if len(cursor.text) > MAX_ANALYZED_CHARACTERS:
            return ""
        document = self._reviewer.document(cursor.path, cursor.text)
        budget = context_budget(self._options.context_tokens)
        return reachable_signatures(self._reviewer.oracle, document, cursor.offset, budget)

    def _table(self, cursor: Cursor) -> SymbolTable:
        if len(cursor.text) > MAX_ANALYZED_CHARACTERS:
            return SymbolTable()  # Which forbids nothing.
        document = self._reviewer.document(cursor.path, cursor.text)
        return build_table(self._reviewer.oracle, Hole(document, cursor.offset))

    def _asked(
        self, prompt: Prompt, cursor: Cursor, can: Capabilities, cancel: threading.Event | None
    ) -> Answer:
        """Ask on the way that the endpoint allows. Raises `ModelError`."""
        fields: _Sampling = {
            "max_tokens": self._options.max_tokens,
            "temperature": TEMPERATURE,
            "stop": prompt.stop,
            "role": "fast",
            "cancel": cancel,
        }
        if can.plugin and not prompt.messages and (masks := self._mask_fields(cursor)) is not None:
            return self._endpoint.complete(prompt.text, suffix=prompt.suffix, extra=masks, **fields)
        table = self._table(cursor)

        def guide() -> Guide:
            return Guide(table, before=cursor.before, after=cursor.after, fenced=bool(prompt.messages))

        mending = Mending(likeliest_name(cursor.before, cursor.after), self._allowance)
        if prompt.messages:
            return guarded_chat(self._endpoint, guide, prompt.messages, mending=mending, **fields)
        opening = opening_fields(table, can, before=cursor.before, after=cursor.after)
        return guarded_completion(
            self._endpoint,
            guide,
            prompt.text,
            suffix=prompt.suffix,
            opening=opening,
            mending=mending,
            **fields,
        )

    def _mask_fields(self, cursor: Cursor) -> dict[str, object] | None:
        """Return what our plug-in in the engine needs; None where the text in front is too long to be told."""
        try:
            fields = request_fields(self._table(cursor), before=cursor.before, after=cursor.after)
        except UnreadableRequest:
            return None
        return {"vllm_xargs": fields}

    def _checked(self, cursor: Cursor, text: str, cancel: threading.Event | None) -> Checked:
        is_cancelled = cancel.is_set if cancel is not None else lambda: False
        return checked(self._reviewer, cursor.path, cursor.before, text, cursor.after, cancelled=is_cancelled)


def _invented(answer: Answer) -> str:
    """Say which name the model insisted on, "" where it was cut for none."""
    if answer.finish != "violation":
        return ""
    names = [one.name for one in answer.violations] if isinstance(answer, GuardedAnswer) else []
    return f"the model invented {names[0]!r}" if names else "the model invented a name"


def _replaced(answer: Answer) -> str:
    """Say which names were put in the places of invented ones, "" where none was."""
    replaced = answer.replaced if isinstance(answer, GuardedAnswer) else ()
    return ", ".join(
        f"{new!r} stands for {old!r}, which does not exist" for old, new in dict(replaced).items()
    )
