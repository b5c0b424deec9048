"""The requests of one probe, made such that a fault that passes is never taken for a finding.

A server that restarts, still loads its model or has too much to do fails at whatever it is asked just then, and would seem to
lack it for as long as the finding is remembered. So a refusal (HTTP 4xx) is a finding at once; a fault of the server (5xx,
408, 409, 425, a connection that breaks off, an answer without its end) is one only if the server answers a plain question
right behind it, and then fails at the same request again: some servers answer fields that they do not know with HTTP 500.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import BadAnswer, ModelError, NoSuchModel, RateLimited, ServerFault, TimedOut, Unauthorized
from .listening import pause
from .questions import CHAT_PATH, COMPLETION_PATH

if TYPE_CHECKING:
    from .endpoint import Endpoint
    from .transport import Reply

FAULT_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one request: an answer, or what the endpoint had against it."""

    reply: Reply | None
    error: ModelError | None = None

    @property
    def objection(self) -> str:
        return "" if self.error is None else str(self.error)

    @property
    def text(self) -> str:
        return "" if self.reply is None else self.reply.text

    def says(self, text: str) -> bool:
        return self.reply is not None and self.reply.text == text

    @property
    def prompt_tokens(self) -> int | None:
        return None if self.reply is None else self.reply.prompt_tokens

    def is_fault(self, *, ends_are_told: bool = False) -> bool:
        """Whether it says nothing of the request, but of the server at that moment."""
        is_torn = ends_are_told and self.reply is not None and not self.reply.finish_reason
        return isinstance(self.error, ServerFault) or is_torn


class Trials:
    """Makes the requests of one probe until `until`, on the monotonic clock. `left_out` says if one found nothing out."""

    def __init__(self, endpoint: Endpoint, model: str, cancel: threading.Event | None, until: float) -> None:
        self.left_out = False
        self._endpoint = endpoint
        self._model = model
        self._cancel = cancel
        self._until = until
        self._path, self._question = "", dict[str, object]()
        self._ends_are_told = False

    def begin(self, text: Mapping[str, object], chat: Mapping[str, object]) -> tuple[Trial, Trial]:
        """Ask a plain completion and a plain chat; one that works is the plain question from then on.

        Raises `ModelError` if neither does.
        """
        questions = {COMPLETION_PATH: text, CHAT_PATH: chat}
        found = {path: self._first(path, question) for path, question in questions.items()}
        answered = {path: one.reply for path, one in found.items() if one.reply is not None}
        if not answered:
            raise _refusal(self._endpoint, found[COMPLETION_PATH], found[CHAT_PATH])
        self._path = next(iter(answered))
        self._question = dict(questions[self._path])
        self._ends_are_told = any(one.finish_reason for one in answered.values())
        text_trial, chat_trial = (
            self.of(path, questions[path]) if one.is_fault(ends_are_told=self._ends_are_told) else one
            for path, one in found.items()
        )
        return text_trial, chat_trial

    def plain(self, fields: Mapping[str, object]) -> Trial:
        """Ask the plain question with further fields. Raises `ModelError` where nothing can be told."""
        return self.of(self._path, {**self._question, **fields})

    def of(self, path: str, fields: Mapping[str, object]) -> Trial:
        """Make a request that the endpoint may not understand. Raises `ModelError` where nothing can be told."""
        trial = self._attempt(path, fields)
        if not trial.is_fault(ends_are_told=self._ends_are_told):
            return trial
        self._see_that_it_works()
        return self._attempt(path, fields)

    def beside(self, path: str, fields: Mapping[str, object]) -> Any:
        """Return the JSON that answers `fields` beside the endpoint, None where there is nothing of the kind.

        Silence and rate limits find nothing out, but do not end the probe: some gateways leave paths that they do not know open.
        """
        try:
            return self._beside(path, fields)
        except ServerFault:
            self._see_that_it_works()
        try:
            return self._beside(path, fields)
        except ServerFault:
            return None

    def _beside(self, path: str, fields: Mapping[str, object]) -> Any:
        try:
            return self._endpoint.post_beside(path, fields, self._cancel)
        except (TimedOut, RateLimited):
            self.left_out = True
        except (NoSuchModel, BadAnswer, Unauthorized):
            pass
        return None

    def _first(self, path: str, fields: Mapping[str, object]) -> Trial:
        """Ask with the patience of any question, and learn in which words the endpoint is asked."""
        return self._attempt(path, fields, is_plain=True)

    def _see_that_it_works(self) -> None:
        """Ask the plain question behind a fault. Raises `ModelError`, which is then what there is to say."""
        pause(FAULT_PAUSE_S, self._cancel)
        error = self._attempt(self._path, self._question, is_plain=True).error
        if error is not None:
            raise error

    def _attempt(self, path: str, fields: Mapping[str, object], *, is_plain: bool = False) -> Trial:
        """Make one request. What the endpoint has against it may be a finding; that nobody answers is raised."""
        asked = {"model": self._model, "temperature": 0, **fields}
        try:
            reply = self._endpoint.try_out(path, asked, self._cancel, until=self._until, is_plain=is_plain)
            return Trial(reply)
        except (BadAnswer, NoSuchModel, ServerFault) as error:
            return Trial(None, error)


def _refusal(endpoint: Endpoint, text: Trial, chat: Trial) -> ModelError:
    """Return what an endpoint has against everything: one thing is said once."""
    if text.error is not None and text.objection == chat.objection:
        return text.error
    return BadAnswer(
        f"{endpoint.settings.base_url} answers neither completions ({text.objection}) nor chats ({chat.objection})"
    )
