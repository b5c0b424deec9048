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
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import errors
from .capabilities import Capabilities, from_fields
from .errors import BadAnswer, ModelError, NotOnTape
from .protocol import Answer, Usage

FORM_VERSION = 1
SHOWN_CHARACTERS = 120

Request = Mapping[str, object]
_Place = tuple[str, int]  # A request's hash and its ordinal.


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
        if "error" in taped:
            raise _error(taped["error"])
        answer = taped["answer"]
        return Answer(answer["text"], answer["finish"], Usage(**answer["usage"]), answer["model"], 0.0)

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
        return from_fields(json.loads(self.replay(_about(model)).text))

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


def _read(path: Path) -> dict[_Place, dict[str, Any]]:
    try:
        lines = path.read_text("utf-8", "surrogatepass").splitlines()
    except OSError as error:
        raise NotOnTape(f"The cassette {path} cannot be read: {error.strerror}. Record it first.") from error
    taped = {}
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            if entry["v"] != FORM_VERSION:
                raise ValueError(f"version {entry['v']}")
            taped[entry["hash"], entry["ordinal"]] = entry
        except (ValueError, KeyError, TypeError) as error:
            raise NotOnTape(
                f"{path}, line {number} is no entry of a cassette ({error}). Record it again."
            ) from error
    return taped


def _about(model: str) -> Request:
    return {"path": "capabilities", "model": model}


def _error(taped: Mapping[str, str]) -> ModelError:
    kind = getattr(errors, taped["kind"], BadAnswer)
    error: ModelError = kind(taped["message"])
    return error


def _shown(request: Request) -> str:
    text = json.dumps(request, sort_keys=True)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
