"""How one endpoint wants to be spoken to, learnt from what it refuses.

"OpenAI-compatible" names a family: some endpoints know `max_completion_tokens` only, some refuse fields that they do not
know, some cannot stream. So a question starts in full, and a refusal that names an optional field, or speaks of unknown
ones without naming any, takes one thing away, until the question is accepted or there is nothing left to take. A refusal
of what the caller asked for in so many words teaches nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping

# Dropped one after the other when a refusal names nothing; all of them can be missed.
_OPTIONAL = ("stream_options", "seed", "temperature")
_NEEDED = frozenset(("model", "messages", "prompt", "max_tokens", "stop", "stream", *_OPTIONAL))
_UNKNOWN = re.compile(
    r"unknown|unexpected|unrecogni[sz]ed|unsupported|not supported|extra|not permitted", re.IGNORECASE
)


class Dialect:
    """What one endpoint does not understand. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._dropped: set[str] = set()
        self._renamed: dict[str, str] = {}

    def spoken(self, body: Mapping[str, object]) -> dict[str, object]:
        """Return `body` as the endpoint understands it."""
        with self._lock:
            return {self._renamed.get(key, key): body[key] for key in body if key not in self._dropped}

    def learn(self, sent: Mapping[str, object], words: str) -> bool:
        """Take away what the endpoint's `words` object to in what was `sent`; False if there is nothing to take."""
        with self._lock:
            if "max_completion_tokens" in words and "max_tokens" in sent:
                self._renamed["max_tokens"] = "max_completion_tokens"
                return True
            field = _objected(sent, words)
            if field is None:
                return False
            self._dropped.add(field)
            if field == "stream":
                self._dropped.add("stream_options")
            return True


def _objected(sent: Mapping[str, object], words: str) -> str | None:
    """Return which optional field is to go: the one named, else the next in order."""
    named = [one for one in (*_OPTIONAL, "stream") if one in sent and one in words]
    if named:
        return named[0]
    if "stream" in sent and "streaming" in words.lower():
        return "stream"
    if any(one in words for one in sent.keys() - _NEEDED) or not _UNKNOWN.search(words):
        return None
    return next((one for one in _OPTIONAL if one in sent), None)
