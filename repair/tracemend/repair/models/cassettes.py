"""Conversations on tape: recorded once against a real endpoint, replayed without any.

A cassette is a file of JSON lines, one for each answer:

    {"v": 1, "hash": ..., "ordinal": 0, "request": {...}, "answer": {"text", "finish", "model", "usage": {...}}}

An answer is found by the hash of its request and by how often the same request was made before, so that several samples
of one prompt stay several. A failure is recorded as `"error": {"kind", "message"}` and replayed as one. The address and
the key of the endpoint are no part of it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracemend.repair.records import from_json

from .capabilities import Capabilities, from_fields
from .errors import BadAnswer, ModelError, NotOnTape
from .protocol import Answer, Finish, Usage

FORM_VERSION = 1
SHOWN_CHARACTERS = 120

Request = Mapping[str, object]
_Place = tuple[str, int]  # A request's hash and its ordinal.


@dataclass(frozen=True, slots=True)
class _TapedAnswer:
    text: str
    finish: Finish
    model: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class _TapedError:
    kind: str
    message: str

    @property
    def error(self) -> ModelError:
        """The error as it was raised; one of a kind that there is no more is a `BadAnswer`."""
        kinds = {one.__name__: one for one in ModelError.__subclasses__()}
        return kinds.get(self.kind, BadAnswer)(self.message)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the file, as far as it is read again."""

    v: int
    hash: str
    ordinal: int
    answer: _TapedAnswer | None = None
    error: _TapedError | None = None

    @property
    def outcome(self) -> Answer | ModelError:
        """What is to be replayed. Raises `ValueError` where there is nothing."""
        if self.error is not None:
            return self.error.error
        if self.answer is None:
            raise ValueError("it has neither answer nor error")
        return Answer(self.answer.text, self.answer.finish, self.answer.usage, self.answer.model, 0.0)


class Cassette:
    """One tape that is either replayed or recorded. Safe to share among threads."""

    def __init__(self, path: Path, *, records: bool) -> None:
        self.path = path
        self.records = records
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()
        self._taped = {} if records else _read(path)

    def replay(self, request: Request) -> Answer:
        """Return the recorded answer, or raise the recorded error. Raises `NotOnTape` if there is none."""
        place = self._next_place(request)
        taped = self._taped.get(place)
        if taped is None:
            raise NotOnTape(
                f"{self.path} has no answer number {place[1] + 1} to this request: {_shown(request)} "
                "Record it again; the prompt, the model or the project has changed."
            )
        if isinstance(taped, ModelError):
            raise taped
        return taped

    def record(self, request: Request, outcome: Answer | ModelError) -> None:
        """Append what came of `request`."""
        digest, ordinal = self._next_place(request)
        entry: dict[str, Any] = {"v": FORM_VERSION, "hash": digest, "ordinal": ordinal, "request": request}
        if isinstance(outcome, ModelError):
            entry["error"] = {"kind": type(outcome).__name__, "message": str(outcome)}
        else:
            entry["answer"] = asdict(outcome)
            del entry["answer"]["seconds"]
        line = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8", errors="surrogatepass") as file:
                file.write(line + "\n")

    def replay_capabilities(self, model: str) -> Capabilities:
        """Return what was recorded about the endpoint. Raises `NotOnTape`."""
        said = self.replay(_about(model)).text
        try:
            return from_fields(json.loads(said))
        except (ValueError, TypeError, AttributeError) as error:
            raise NotOnTape(
                f"{self.path} does not say what the endpoint can do ({error}). Record it again."
            ) from error

    def record_capabilities(self, model: str, found: Capabilities) -> None:
        """Append what the endpoint can do, which decides how it is asked."""
        self.record(_about(model), Answer(json.dumps(asdict(found)), "stop", Usage(), found.model, 0.0))

    def _next_place(self, request: Request) -> _Place:
        digest = request_hash(request)
        with self._lock:
            ordinal = self._asked[digest]
            self._asked[digest] += 1
        return digest, ordinal


def request_hash(request: Request) -> str:
    """Return the address of a request: of its content, whatever the order of its fields."""
    content = json.dumps(request, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode("ascii")).hexdigest()


def _read(path: Path) -> dict[_Place, Answer | ModelError]:
    """Return what is on tape. Raises `NotOnTape` that names the first line which is none of ours."""
    try:
        lines = path.read_text("utf-8", "surrogatepass").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise NotOnTape(f"The cassette {path} cannot be read: {why}. Record it first.") from error
    taped = {}
    for number, line in enumerate(lines, 1):
        try:
            entry = from_json(_Entry, json.loads(line))
            if entry.v != FORM_VERSION:
                raise ValueError(f"version {entry.v}")
            taped[entry.hash, entry.ordinal] = entry.outcome
        except (ValueError, RecursionError) as error:
            raise NotOnTape(
                f"{path}, line {number} is no entry of a cassette ({error}). Record it again."
            ) from error
    return taped


def _about(model: str) -> Request:
    return {"path": "capabilities", "model": model}


def _shown(request: Request) -> str:
    text = json.dumps(request, sort_keys=True)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
