"""What an endpoint can do, as far as guiding and continuing what it writes goes, and which way of guiding follows.

Found by trying (`probe`) and remembered for a while, by address and model: an hour for servers that are spoken to in plain
HTTP, which people run themselves and restart in other ways, a day for others. Nothing that came of a fault is remembered,
and what an endpoint turns out not to understand any more is forgotten (`forget`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_path

from .keys import is_loopback

FORM_VERSION = 2
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S

# How the last assistant message of a chat is continued: by the two fields of vLLM, by a mark on the message (DeepSeek,
# Mistral), or always, and then repeated in the answer (llama.cpp).
Prefill = Literal["none", "continue_final_message", "prefix", "echo"]
RouteName = Literal["plug-in", "grammar", "stream guard", "filter"]

_GRAMMAR = "an answer is cut at an invented name and continued under a grammar of the legal ones"
_WAITING_GRAMMAR = (
    f"a completion's first name is written under a grammar that waits for its receiver; behind it {_GRAMMAR}"
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What was found at one endpoint for one model."""

    model: str
    models: tuple[str, ...] = ()
    chat: bool = False
    completions: bool = False  # Continues a text, hence also its own.
    streaming: bool = False
    usage: bool = False  # Says how many tokens a request took.
    suffix: bool = False
    prefill: Prefill = "none"
    regex: bool = False  # vLLM's structured outputs.
    dispatch: bool = False  # vLLM's structural tags, and of those the kind that waits for texts.
    grammar: bool = False  # llama.cpp's grammars.
    lazy_grammar: bool = False  # llama.cpp's server alone has those that wait for a pattern.
    logprobs: bool = False
    logit_bias: bool = False
    tokenizer: str = ""  # The path of its tokenizer, beside the endpoint's own.
    plugin: bool = False  # tracemend's own, inside the engine.
    is_provisional: bool = (
        False  # Assumed without a probe, or by one that had to leave something out; not remembered.
    )

    @property
    def continues(self) -> bool:
        """Whether an answer can be taken up again where it was cut."""
        return self.completions or self.prefill != "none"

    @property
    def waits(self) -> bool:
        """Whether a grammar can be sent that sleeps until a receiver is written, with a text to go on with."""
        return self.completions and (self.dispatch or self.lazy_grammar)


@dataclass(frozen=True, slots=True)
class Route:
    """How names are kept right at an endpoint, and why so."""

    name: RouteName
    why: str


def choose_route(found: Capabilities, *, for_chats: bool = False) -> Route:
    """Return the most direct way of guidance that the endpoint allows: for completions, or for chats alone."""
    continues = found.prefill != "none" if for_chats else found.continues
    waits = found.waits and not for_chats
    if found.plugin:
        return Route(
            "plug-in", "the engine has tracemend's plug-in, which masks invented names token by token"
        )
    if not found.streaming:
        return Route("filter", "it does not stream, so that an answer can only be judged as a whole")
    if continues and (found.regex or found.grammar):
        return Route("grammar", _WAITING_GRAMMAR if waits else _GRAMMAR)
    if continues:
        return Route("stream guard", "an answer is cut at an invented name and continued from there")
    return Route(
        "stream guard", "an answer is cut at an invented name; the rest is asked for with the legal ones"
    )


def assumed(model: str) -> Capabilities:
    """Return what is taken for granted where there is no room to try anything out."""
    return Capabilities(model, chat=True, streaming=True, is_provisional=True)


def recall(base_url: str, model: str, directory: Path | None = None) -> Capabilities | None:
    """Return what is remembered about an endpoint, None if that is nothing or too long ago."""
    try:
        content = json.loads(_file(base_url, model, directory).read_text("utf-8"))
        is_recent = 0 <= time.time() - content["at"] <= _remembered_s(base_url)
        if content["v"] != FORM_VERSION or not is_recent:
            return None
        return from_fields(content["found"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(base_url: str, model: str, found: Capabilities, directory: Path | None = None) -> None:
    """Remember what was found about an endpoint, unless that is provisional. Others may read it meanwhile."""
    if found.is_provisional:
        return
    file = _file(base_url, model, directory)
    content = {"v": FORM_VERSION, "at": time.time(), "found": asdict(found)}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=file.parent, prefix=file.stem, delete=False, encoding="utf-8"
        ) as written:
            json.dump(content, written)
        os.replace(written.name, file)
    except OSError as error:
        logger.info("The endpoint will be probed again: %s", error.strerror)


def forget(base_url: str, model: str, directory: Path | None = None) -> None:
    """Forget what was remembered about an endpoint that is not what it was."""
    try:
        _file(base_url, model, directory).unlink(missing_ok=True)
    except OSError as error:
        logger.info("What is remembered of the endpoint cannot be forgotten: %s", error.strerror)


def from_fields(content: Mapping[str, Any]) -> Capabilities:
    """Return what `asdict` was made of. Raises `TypeError`."""
    known = {one.name for one in fields(Capabilities)}
    values = {name: value for name, value in content.items() if name in known}
    return Capabilities(**{**values, "models": tuple(values.get("models", ()))})


def _remembered_s(base_url: str) -> float:
    is_of_its_user = is_loopback(base_url) or not base_url.startswith("https:")
    return HOUR_S if is_of_its_user else DAY_S


def _file(base_url: str, model: str, directory: Path | None) -> Path:
    digest = hashlib.sha256(f"{base_url}\n{model}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return (directory or user_cache_path("tracemend") / "endpoints") / f"{digest}.json"
