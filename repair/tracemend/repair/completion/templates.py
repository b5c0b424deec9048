"""The families of models that fill in the middle, as data (`templates.toml`), and the prompts that they make."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tracemend.repair.models.protocol import Message

from .options import AUTOMATIC

MAX_STOPS = 4  # Which is what OpenAI's protocol takes.
_PLACE = re.compile(r"\{(before|after)\}")


@dataclass(frozen=True, slots=True)
class Family:
    """Models that were trained alike; see the file for what the fields mean."""

    name: str
    prompt: str
    tokens: tuple[str, ...]
    matches: str = ""
    sends_suffix: bool = False
    is_chat: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent: a text to go on with, or messages where there are any."""

    family: Family
    text: str = ""
    suffix: str | None = None
    messages: tuple[Message, ...] = ()
    stop: tuple[str, ...] = ()


@cache
def families() -> dict[str, Family]:
    """Return all families by name, in the order in which they are tried."""
    content = tomllib.loads(files(__package__).joinpath("templates.toml").read_text("utf-8"))
    found = [Family(**{**row, "tokens": tuple(row["tokens"])}) for row in content["family"]]
    return {one.name: one for one in found}


def family_of(model: str, chosen: str = AUTOMATIC, *, has_completions: bool = True) -> Family:
    """Return the family that is chosen, else that of a model's name.

    A model of unknown family is asked in chat, for nearly all understand that. So is every model of an endpoint that only
    chats (`has_completions` is false), for there the special tokens are mere text.
    """
    if chosen in families():
        return families()[chosen]
    if has_completions:
        for one in families().values():
            if one.matches and re.search(one.matches, model, re.IGNORECASE):
                return one
    return families()["chat"]


def make_prompt(family: Family, before: str, after: str, *, stop: Sequence[str] = ()) -> Prompt:
    """Return the prompt for a hole between two texts."""
    before, after = _disarmed(before, family), _disarmed(after, family)
    stops = tuple(dict.fromkeys((*stop, *family.tokens)))[:MAX_STOPS]
    if family.is_chat:
        return Prompt(family, messages=_messages(before, after), stop=tuple(stop))
    texts = {"before": before, "after": after}
    # Put together piece by piece: a text that itself spells a place is left as it is.
    pieces = _PLACE.split(family.prompt)
    text = "".join(texts[one] if number % 2 else one for number, one in enumerate(pieces))
    return Prompt(family, text, after if family.sends_suffix else None, stop=stops)


def _messages(before: str, after: str) -> tuple[Message, ...]:
    """Return the question to a model that talks: the rules, which never change, then the code."""
    rules = files(__package__).joinpath("chat.txt").read_text("utf-8")
    fence = "`" * max(3, *(len(one) + 1 for one in re.findall("`+", before + after)), 0)
    code = f"Before the cursor:\n{fence}python\n{before}\n{fence}\nAfter the cursor:\n{fence}python\n{after}\n{fence}"
    line = before.rpartition("\n")[2]
    return (Message("system", rules), Message("user", f"{code}\nThe line of the cursor begins: {line!r}"))


def _disarmed(text: str, family: Family) -> str:
    """Return a text in which no special token of the family is spelt."""
    for token in family.tokens:
        if token in text:
            text = text.replace(token, f"{token[0]} {token[1:]}")
    return text
