"""The one object that talks to models: metered, cancellable, recorded, and with bounded patience.

    endpoint = Endpoint(settings, Meter(settings), record=journal.record)
    answer = endpoint.chat([Message("user", "...")], max_tokens=500, cancel=event)

Every attempt reserves its worst case from the meter first. What passes (a full queue, a fault of the server) is asked
again a few times, with growing pauses or when the endpoint says; what does not is raised as one of `errors`. Once text
has come, nothing is asked again: an answer that breaks off is returned with `finish="cut"`.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from .background import run_in_background
from .capabilities import Capabilities
from .cassettes import Cassette
from .dialect import Dialect
from .errors import BadAnswer, Cancelled, ModelError, NoSuchModel, RateLimited, TimedOut, nobody_answers
from .keys import find_key
from .knowledge import Knowledge
from .listening import CANCEL_STEP_S, Heard, listen, pause, wait_for
from .meter import TOKENS_PER_MESSAGE, Meter, Reservation, estimated_tokens
from .protocol import Answer, Finish, Message, ModelRole, ModelSettings, Recorder, TextReceiver, Usage
from .questions import CHAT_PATH, COMPLETION_PATH, TRIAL_PROMPT_TOKENS, Question, sampling, sendable, turn
from .reachable import nobody_listens

if TYPE_CHECKING:
    from .faults import Fault
    from .transport import Reply, Transport

MAX_ATTEMPTS = 4
MAX_LESSONS = 5  # Things that an endpoint may refuse in one question before we give up.
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 20.0
LIST_TIMEOUT_S = 10.0
# Our estimates are at most this many times too high, so an endpoint that says it took fewer tokens still is wrong.
MOST_OVERESTIMATED = 8

_STREAMING: Mapping[str, object] = {"stream": True, "stream_options": {"include_usage": True}}


@dataclass(slots=True)
class _Patience:
    """What is left of it for one question."""

    attempts: int = MAX_ATTEMPTS
    lessons: int = MAX_LESSONS
    pause_s: float = FIRST_PAUSE_S
    started: float = field(default_factory=time.monotonic)


class Endpoint:
    """One endpoint, as one job uses it. Safe to share among threads."""

    def __init__(self, settings: ModelSettings, meter: Meter, *, record: Recorder | None = None) -> None:
        self.settings = settings
        self.meter = meter
        self._record = record
        self._key = find_key(settings)
        self._dialect = Dialect()
        self._slots = threading.BoundedSemaphore(settings.max_concurrent)
        self._lock = threading.Lock()
        self._transport: Transport | None = None
        self._only_model = ""
        self._cassette = (
            Cassette(settings.cassette, records=settings.records_cassette) if settings.cassette else None
        )
        self._knowledge = Knowledge(self, self._cassette)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def chat(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.2,
        stop: Sequence[str] = (),
        seed: int | None = None,
        role: ModelRole = "strong",
        cancel: threading.Event | None = None,
        on_text: TextReceiver | None = None,
        extra: Mapping[str, object] | None = None,
        within_s: float = math.inf,
    ) -> Answer:
        """Return the next turn of a conversation. Raises `ModelError`; an answer without any text is a `BadAnswer`.

        After `within_s` nobody waits any longer, and what has come by then is the answer.
        """
        turns = [turn(one) for one in messages]
        prompt_tokens = sum(estimated_tokens(one.content) + TOKENS_PER_MESSAGE for one in messages)
        fields = {"messages": turns, **sampling(max_tokens, temperature, stop, seed), **(extra or {})}
        answer = self._answer(CHAT_PATH, fields, prompt_tokens, max_tokens, role, on_text, cancel, within_s)
        if not answer.text:
            raise BadAnswer(
                f"{answer.model} answered with nothing. Ask again, allow more tokens, or choose another model."
            )
        return answer

    def complete(
        self,
        prompt: str,
        *,
        max_tokens: int,
        suffix: str | None = None,
        temperature: float = 0.2,
        stop: Sequence[str] = (),
        seed: int | None = None,
        role: ModelRole = "strong",
        cancel: threading.Event | None = None,
        on_text: TextReceiver | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> Answer:
        """Return what continues `prompt`, which may be nothing. Raises `ModelError`."""
        prompt_tokens = estimated_tokens(prompt) + estimated_tokens(suffix or "") + TOKENS_PER_MESSAGE
        fields = {
            "prompt": sendable(prompt),
            **sampling(max_tokens, temperature, stop, seed),
            **(extra or {}),
        }
        if suffix is not None:
            fields["suffix"] = sendable(suffix)
        return self._answer(COMPLETION_PATH, fields, prompt_tokens, max_tokens, role, on_text, cancel)

    def look(self) -> None:
        """Raise `Refused` if certainly nobody is there to be asked; nothing is sent for that."""
        if not self._replays and nobody_listens(self.settings.base_url):
            raise nobody_answers(self.settings.base_url)

    def get_ready(self) -> None:
        """Load the client, which takes seconds on a busy machine, before anybody waits for an answer. Raises `ModelError`."""
        if not self._replays:
            self._connected()

    def models(self, cancel: threading.Event | None = None) -> tuple[str, ...]:
        """Return the names of the models that are served. Raises `ModelError`."""
        listed = self.fetch("/models", cancel)
        entries = listed.get("data") if isinstance(listed, Mapping) else None
        if not isinstance(entries, list):
            raise BadAnswer(
                f"{self.settings.base_url}/models is no list of models. Is this an OpenAI endpoint?"
            )
        return tuple(str(one["id"]) for one in entries if isinstance(one, Mapping) and "id" in one)

    def fetch(self, path: str, cancel: threading.Event | None = None) -> Any:
        """Return the JSON under `path` of the endpoint, which costs nothing. Raises `ModelError`."""
        return self._wait_for(self._connected().get(path, deadline_s=LIST_TIMEOUT_S), cancel)

    def post_beside(
        self, path: str, fields: Mapping[str, object], cancel: threading.Event | None = None
    ) -> Any:
        """Return the JSON that answers `fields` at `path` on the endpoint's server, outside `/v1`."""
        parts = urlsplit(self.settings.base_url)
        url = f"{parts.scheme}://{parts.netloc}{path}"
        return self._wait_for(self._connected().post(url, fields, deadline_s=LIST_TIMEOUT_S), cancel)

    def try_out(
        self,
        path: str,
        fields: Mapping[str, object],
        cancel: threading.Event | None = None,
        *,
        until: float = math.inf,
        is_plain: bool = False,
    ) -> Reply:
        """Make a tiny request, with all the fields of the protocol up to the caller. Raises `ModelError`.

        It is metered as any other, but not recorded, and repeated only where the endpoint asks for a little time. A plain
        one, which any endpoint should answer, is put in other words and repeated as questions are.
        """
        max_tokens = int(str(fields["max_tokens"]))
        question = Question(path, fields, {}, TRIAL_PROMPT_TOKENS, max_tokens, None, cancel, until)
        patience = _Patience()
        while True:
            heard, reply, _ = self._attempt(question)
            if heard.outcome == "cancelled":
                raise Cancelled("Cancelled while the endpoint was tried out.")
            if heard.failure is None and reply.events:
                return reply
            if heard.failure is None:
                raise self._no_answer()
            fault = self._fault(heard.failure, question.model)
            if is_plain and self._has_learnt(question, fault, patience):
                continue
            if not (is_plain or isinstance(fault.error, RateLimited) or fault.wait_s is not None):
                raise fault.error
            _wait_to_retry(fault, patience, question)

    def capabilities(
        self,
        *,
        role: ModelRole = "strong",
        refresh: bool = False,
        cancel: threading.Event | None = None,
        within_s: float = math.inf,
    ) -> Capabilities:
        """Return what the endpoint can do, tried out once and remembered for a while. Raises `ModelError`.

        Where trying out would take a good part of what the caps leave, the least is assumed instead.
        """
        return self._knowledge.of(role, refresh=refresh, cancel=cancel, within_s=within_s)

    def model_name(self, role: ModelRole = "strong", cancel: threading.Event | None = None) -> str:
        """Return the name of the model for `role`; where the settings name none, the only one that is served."""
        named = self.settings.model_for(role) or self._only_model
        if named:
            return named
        served = self.models(cancel)
        if len(served) != 1:
            names = ", ".join(served[:10]) or "none"
            raise NoSuchModel(
                f"{self.settings.base_url} serves these models: {names}. Name one with `--model`."
            )
        self._only_model = served[0]
        return served[0]

    def close(self) -> None:
        """Close all connections. The endpoint opens new ones when it is asked again."""
        with self._lock:
            transport, self._transport = self._transport, None
        if transport is not None:
            run_in_background(transport.close()).result(LIST_TIMEOUT_S)

    def _answer(
        self,
        path: str,
        fields: dict[str, object],
        prompt_tokens: int,
        max_tokens: int,
        role: ModelRole,
        on_text: TextReceiver | None,
        cancel: threading.Event | None,
        within_s: float = math.inf,
    ) -> Answer:
        """Answer from the cassette or from the endpoint, and write both question and answer down."""
        named = self.settings.model_for(role)
        model = named if self._replays else self.model_name(role, cancel)
        taped = {"path": path, "model": named, **fields}
        fields = {"model": model, **fields}
        until = time.monotonic() + within_s
        question = Question(path, fields, taped, prompt_tokens, max_tokens, on_text, cancel, until)
        self._note("prompt", {"path": path, **fields})
        try:
            answer = self._replayed(question) if self._replays else self._asked(question)
        except ModelError as error:
            self._knowledge.doubt(named, error)
            self._tape(question, error)
            self._note("answer", {"error": type(error).__name__, "message": str(error), "model": model})
            raise
        self._tape(question, answer)
        self._note("answer", asdict(answer))
        self._note_cost()
        return answer

    @property
    def _replays(self) -> bool:
        return self._cassette is not None and not self._cassette.records

    def _replayed(self, question: Question) -> Answer:
        assert self._cassette is not None
        reservation = self.meter.reserve(question.prompt_tokens, question.max_tokens, cancel=question.cancel)
        usage = Usage()
        try:
            answer = self._cassette.replay(question.taped)
            usage = answer.usage
        finally:
            self.meter.settle(reservation, usage)
        if question.on_text is not None:
            question.on_text(answer.text)
        return answer

    def _asked(self, question: Question) -> Answer:
        with self._slot(question.cancel):
            patience = _Patience()
            while True:
                heard, reply, usage = self._attempt(question)
                if heard.outcome == "cancelled":
                    raise Cancelled("Cancelled; the connection to the model is closed.")
                if heard.failure is None or heard.text:
                    return self._finished(question, heard, reply, usage, patience.started)
                fault = self._fault(heard.failure, question.model)
                if not self._has_learnt(question, fault, patience):
                    _wait_to_retry(fault, patience, question)

    def _attempt(self, question: Question) -> tuple[Heard, Reply, Usage]:
        """Ask once, with the worst case reserved before and what it took settled behind."""
        from .transport import Reply

        reservation = self.meter.reserve(question.prompt_tokens, question.max_tokens, cancel=question.cancel)
        reply, usage = Reply(), Usage()
        try:
            body = self._dialect.spoken({**question.fields, **_STREAMING})
            heard = listen(
                self._connected(),
                question.path,
                body,
                reply,
                max_tokens=question.max_tokens,
                deadline_s=max(min(self.meter.remaining_s(), question.remaining_s), CANCEL_STEP_S),
                on_text=question.on_text,
                cancel=question.cancel,
            )
            usage = self._usage(heard, reply, reservation)
        finally:
            self.meter.settle(reservation, usage)
        return heard, reply, usage

    def _usage(self, heard: Heard, reply: Reply, reservation: Reservation) -> Usage:
        """Return what an attempt took: as the endpoint says, else estimated, within what could be asked for."""
        prompt, completion = reply.prompt_tokens, reply.completion_tokens
        is_estimated = prompt is None or completion is None
        failure = heard.failure if is_estimated and not heard.text else None
        # An endpoint that answers with an error has read nothing; one that is late is at it.
        if failure is not None and not isinstance(self._fault(failure, "").error, TimedOut):
            return Usage()
        if prompt is None:
            prompt = reservation.prompt_tokens
        if completion is None:
            completion = min(estimated_tokens(heard.text), reservation.completion_tokens)
        # One that counts wrongly must not make the caps meaningless.
        least_prompt = reservation.prompt_tokens // MOST_OVERESTIMATED
        least_completion = (
            min(estimated_tokens(heard.text), reservation.completion_tokens) // MOST_OVERESTIMATED
        )
        is_estimated |= prompt < least_prompt or completion < least_completion
        prompt, completion = max(prompt, least_prompt), max(completion, least_completion)
        return Usage(prompt, completion, self.meter.cost(prompt, completion), is_estimated)

    def _finished(
        self, question: Question, heard: Heard, reply: Reply, usage: Usage, started: float
    ) -> Answer:
        if heard.outcome == "whole" and not reply.events:
            raise self._no_answer()
        return Answer(
            heard.text,
            _finish(heard, reply),
            usage,
            reply.model or question.model,
            time.monotonic() - started,
        )

    def _has_learnt(self, question: Question, fault: Fault, patience: _Patience) -> bool:
        """Say whether the question can be put in other words that the endpoint may accept."""
        if not fault.refused_words or not patience.lessons:
            return False
        patience.lessons -= 1
        sent = self._dialect.spoken({**question.fields, **_STREAMING})
        return self._dialect.learn(sent, fault.refused_words)

    def _connected(self) -> Transport:
        from .transport import Transport  # Takes half a second.

        with self._lock:
            if self._transport is None:
                try:
                    self._transport = Transport(self.settings, self._key)
                except Exception as error:  # An address that is none is told as one of `errors`.
                    raise self._fault(error, "").error from error
            return self._transport

    def _fault(self, error: Exception, model: str) -> Fault:
        from .faults import fault_of

        return fault_of(error, self.settings, model, self._key)

    def _wait_for(self, request: Coroutine[Any, Any, Any], cancel: threading.Event | None) -> Any:
        try:
            return wait_for(request, cancel)
        except ModelError:
            raise
        except Exception as error:  # Whatever the client raises is told as one of `errors`.
            raise self._fault(error, self.settings.model).error from error

    def _no_answer(self) -> BadAnswer:
        return BadAnswer(f"{self.settings.base_url} answered with something that is no answer of a model.")

    @contextmanager
    def _slot(self, cancel: threading.Event | None) -> Iterator[None]:
        """Hold one of the places for requests that are under way."""
        while not self._slots.acquire(timeout=CANCEL_STEP_S):
            if cancel is not None and cancel.is_set():
                raise Cancelled("Cancelled before the model was asked.")
        try:
            yield
        finally:
            self._slots.release()

    def _tape(self, question: Question, outcome: Answer | ModelError) -> None:
        if self._cassette is not None and self._cassette.records and not isinstance(outcome, Cancelled):
            if isinstance(outcome, Answer):
                outcome = replace(outcome, text=self._without_key(outcome.text))
            self._cassette.record(question.taped, outcome)

    def _note(self, kind: str, fields: Mapping[str, object]) -> None:
        if self._record is not None:
            said = fields.get("text")
            self._record(
                kind, {**fields, "text": self._without_key(said)} if isinstance(said, str) else fields
            )

    def _without_key(self, text: str) -> str:
        """Return `text` without our key: an endpoint may repeat it, and what is written down is passed on."""
        return text.replace(self._key, "***") if self._key else text

    def _note_cost(self) -> None:
        totals = self.meter.totals()
        self._note("cost", {"requests": totals.requests, "seconds": totals.seconds, **asdict(totals.usage)})


def _finish(heard: Heard, reply: Reply) -> Finish:
    """Return how an answer ended. One that nobody ended was cut off, unless the receiver had enough."""
    if heard.outcome == "enough":
        return "stop"
    if heard.outcome == "failed" or not (reply.finish_reason or reply.is_endless):
        return "cut"
    return "length" if reply.is_endless or reply.finish_reason == "length" else "stop"


def _wait_to_retry(fault: Fault, patience: _Patience, question: Question) -> None:
    """Wait as the endpoint says, else twice as long as before; raise the error where that will not help."""
    patience.attempts -= 1
    wait_s = fault.wait_s if fault.wait_s is not None else patience.pause_s
    if not fault.retry or patience.attempts <= 0:
        raise fault.error
    if wait_s > LONGEST_PAUSE_S:
        raise RateLimited(f"{fault.error} It asks to wait {wait_s:.0f} s, which is too long for us.")
    if wait_s >= question.remaining_s:
        raise fault.error
    patience.pause_s *= 2
    pause(wait_s, question.cancel)
