"""The part of the completion worker that asks a model: one question at a time, the newest, and not for every key.

A question that another one follows, or that is cancelled while it waits or is asked, is answered with nothing; its
request is closed, so that the endpoint stops as well. An endpoint that fails is left alone for a while, longer each time:
the user is told once what is wrong, and typing goes on as if there were no model.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tracemend.repair.completion.inline import Cursor, InlineCompleter
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.errors import BudgetSpent, Cancelled, ModelError
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import ModelSettings

from .completion_messages import CompletionProject, InlineAnswer, Question, model_of_row
from .completion_post import Post

if TYPE_CHECKING:
    from tracemend.analysis.review import Reviewer

logger = logging.getLogger(__name__)

TIMEOUT_S = 20.0  # Nobody waits longer at a cursor.
FIRST_QUIET_S = 15.0
LONGEST_QUIET_S = 600.0
NO_CAP = 10**12


class InlineDesk:
    """Answers what a model would write at a cursor."""

    def __init__(
        self,
        project: CompletionProject,
        reviewer: Reviewer,
        post: Post,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._project = project
        self._reviewer = reviewer
        self._post = post
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: Question | None = None
        self._running: int | None = None
        self._cancel = threading.Event()  # Of the question that runs.
        self._completer: InlineCompleter | None = None
        self._quiet_until = 0.0
        self._quiet_s = FIRST_QUIET_S

    def put(self, question: Question) -> None:
        """Take a question in place of all before it. From any thread."""
        with self._changed:
            replaced, self._waiting = self._waiting, question
            self._cancel.set()
            self._changed.notify()
        if replaced is not None:
            self._send(InlineAnswer(replaced.id))

    def cancel(self, number: int) -> None:
        """Let nobody wait for an answer any more. From any thread."""
        with self._changed:
            if self._running == number:
                self._cancel.set()
            elif self._waiting is not None and self._waiting.id == number:
                self._waiting = None

    def serve(self) -> None:
        """Answer for ever."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None)
                question, self._waiting = self._waiting, None
                assert question is not None, "it was waited for"
                self._running = question.id
                self._cancel = threading.Event()
                cancel = self._cancel
            self._send(self.answer(question, cancel))

    def answer(self, question: Question, cancel: threading.Event) -> InlineAnswer:
        """Return what the model says, nothing while it is left alone."""
        nothing = InlineAnswer(question.id)
        if not self._project.model or self._clock() < self._quiet_until or cancel.wait(question.delay_s):
            return nothing
        cursor = Cursor(Path(question.path), question.text, question.offset)
        try:
            found = self._completer_now().complete(cursor, cancel=cancel)
        except Cancelled:
            return nothing
        except ModelError as error:
            self._keep_quiet(error)
            return replace(nothing, problem=str(error))
        except Exception as error:
            logger.exception("A completion failed")
            return replace(nothing, problem=f"A completion failed: {type(error).__name__}.")
        self._quiet_s = FIRST_QUIET_S
        return InlineAnswer(question.id, found.text, found.model, found.verdict)

    def _send(self, answer: InlineAnswer) -> None:
        self._post.send("inline", answer)

    def _keep_quiet(self, error: ModelError) -> None:
        self._quiet_until = self._clock() + (NO_CAP if isinstance(error, BudgetSpent) else self._quiet_s)
        self._quiet_s = min(2 * self._quiet_s, LONGEST_QUIET_S)

    def _completer_now(self) -> InlineCompleter:
        """Return the completer, made with the first question: importing the client takes a while."""
        if self._completer is None:
            settings = completion_settings(model_of_row(self._project.model))
            endpoint = Endpoint(settings, Meter(settings))
            self._completer = InlineCompleter(endpoint, self._reviewer, self._project.options)
        return self._completer


def completion_settings(settings: ModelSettings) -> ModelSettings:
    """Return the settings for a session in an editor, which of all caps has only the one on money.

    The others are made for jobs of minutes; here each answer is short and a day has thousands of them.
    """
    return replace(
        settings,
        max_tokens=NO_CAP,
        max_requests=NO_CAP,
        max_seconds=float(NO_CAP),
        timeout_s=min(settings.timeout_s, TIMEOUT_S),
    )
