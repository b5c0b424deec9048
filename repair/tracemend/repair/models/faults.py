"""From what the client raises to the errors of `errors`: what to tell the user, and whether asking again may help.

Endpoints report the same problem in many ways; the HTTP status decides, and the endpoint's own words are only quoted,
shortened and without the key, which some of them repeat.
"""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
import openai

from .errors import (
    BadAnswer,
    ModelError,
    NoSuchModel,
    RateLimited,
    Refused,
    ServerFault,
    TimedOut,
    Unauthorized,
    nobody_answers,
)
from .protocol import ModelSettings
from .transport import MalformedAnswer

QUOTED_CHARACTERS = 200
PASSING_FAULTS = frozenset({408, 409, 425})


@dataclass(frozen=True, slots=True)
class Fault:
    """A failed attempt. `retry` where the same question may succeed later, `wait_s` where the endpoint said when.

    `refused_words` is what an endpoint said that did not like the request itself, empty otherwise.
    """

    error: ModelError
    retry: bool = False
    wait_s: float | None = None
    refused_words: str = ""


def fault_of(error: Exception, settings: ModelSettings, model: str, key: str) -> Fault:
    """Return what `error`, raised by the client or while reading its answer, means; any other error is raised."""
    fault = _fault_of(error, settings, model, key)
    fault.error.__cause__ = error
    return fault


_SEE_LOG = "Look at the server's own log."


def _fault_of(error: Exception, settings: ModelSettings, model: str, key: str) -> Fault:
    where = settings.base_url
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        # Who waited that long once does not want to wait as long again.
        return Fault(TimedOut(f"{where} did not answer in time. Try a smaller model, or allow more time."))
    if isinstance(error, openai.APIStatusError):
        return _status_fault(error, settings, model, key)
    if isinstance(error, openai.APIConnectionError):
        return _connection_fault(error, where)
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return Fault(Refused(f"{where!r} is no address of an endpoint. Write it as http://host:port/v1."))
    if isinstance(error, openai.APIError):  # An error event in the middle of a stream.
        return Fault(ServerFault(f"{where} broke off: {_words_of(error, key)} {_SEE_LOG}"), True)
    if isinstance(error, MalformedAnswer):
        return Fault(_malformed(error, where))
    if isinstance(
        error, ValueError | RecursionError
    ):  # Bad bytes or syntax, numbers too long, nesting too deep.
        return Fault(BadAnswer(f"{where} answered with something that is no JSON. {_SEE_LOG}"))
    raise error


def _malformed(error: MalformedAnswer, where: str) -> BadAnswer:
    return BadAnswer(f"{where} answered, but not as the OpenAI protocol says: {error}. {_SEE_LOG}")


def _connection_fault(error: openai.APIConnectionError, where: str) -> Fault:
    cause = error.__cause__
    if isinstance(cause, MalformedAnswer):
        return Fault(_malformed(cause, where))
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return Fault(Refused(f"{where!r} is no address of an endpoint. Write it as http://host:port/v1."))
    if isinstance(cause, httpx2.ConnectError):
        return Fault(nobody_answers(where))
    return Fault(ServerFault(f"{where} closed the connection in mid-answer. {_SEE_LOG}"), True)


def _status_fault(error: openai.APIStatusError, settings: ModelSettings, model: str, key: str) -> Fault:
    status, where, words = error.status_code, settings.base_url, _words_of(error, key)
    if 300 <= status < 400:
        advice = "It is not followed, for text and keys go only where you said. Correct the address."
        return Fault(Refused(f"{where} redirects to another address. {advice}"))
    if status in (401, 403):
        missing = "the key was not accepted" if key else "it wants a key and none was sent"
        return Fault(
            Unauthorized(
                f"{where} refused: {missing}. Set the variable {settings.api_key_env} to a valid key."
            )
        )
    if status == 404:
        advice = "`tracemend doctor --endpoint URL` lists what it serves; most addresses end in /v1"
        return Fault(NoSuchModel(f"{where} has no model {model!r}: {words} ({advice}.)"))
    if status == 429:
        spent = error.code == "insufficient_quota"
        advice = (
            "Wait, or ask with fewer requests at once." if not spent else "The account has no credit left."
        )
        return Fault(
            RateLimited(f"{where} limits the rate: {words} {advice}"),
            not spent,
            _retry_after_s(error.response),
        )
    if status >= 500 or status in PASSING_FAULTS:
        text = f"{where} failed (HTTP {status}): {words} {_SEE_LOG}"
        return Fault(ServerFault(text), True, _retry_after_s(error.response))
    return Fault(
        BadAnswer(f"{where} did not accept the request (HTTP {status}): {words}"), refused_words=words or "?"
    )


def _words_of(error: openai.APIError, key: str) -> str:
    """Return what the endpoint said, on one line, shortened, and ending like a sentence."""
    body = error.body
    said = body.get("message") or body.get("detail") if isinstance(body, Mapping) else body
    words = " ".join("".join(one if one.isprintable() else " " for one in str(said or error.message)).split())
    words = words.replace(key, "***") if key else words
    return words[:QUOTED_CHARACTERS].rstrip(". ") + "."


def _retry_after_s(response: httpx2.Response) -> float | None:
    """Return the seconds that the endpoint asks to wait: `Retry-After` is a number or a date (RFC 9110, 10.2.3)."""
    said = response.headers.get("retry-after", "")
    try:
        wait_s = float(said)
    except ValueError:
        wait_s = _seconds_until(said)
    return max(wait_s, 0.0) if math.isfinite(wait_s) else None


def _seconds_until(date: str) -> float:
    """Return how far off a date in a header is, infinity where it is none."""
    try:
        return email.utils.parsedate_to_datetime(date).timestamp() - time.time()
    except (ValueError, TypeError, IndexError, OverflowError):
        return math.inf
