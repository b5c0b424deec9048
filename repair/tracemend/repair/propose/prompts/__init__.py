"""The texts that models are asked with, as files beside this one.

`system.txt` is the same for every question, so that endpoints with a prefix cache compute it once; it holds the example.
Each question then puts data first (code, test, what was seen while it ran), then what to do, and the rules last, where
models mind them most. `{{name}}` stands for a section. Sections are put in by one pass that never looks into them, and
what comes from the repository, from tests or from a model stands between marks that it cannot forge (`fenced`).
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from importlib.resources import files

_SECTION = re.compile(r"\{\{(\w+)\}\}")
_LINE = re.compile(r"^\{\{(\w+)\}\}\n*", re.MULTILINE)
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@cache
def prompt_text(name: str) -> str:
    """Return the text of the prompt file `name`."""
    return files(__package__).joinpath(f"{name}.txt").read_text("utf-8").strip()


def fill(name: str, **sections: str) -> str:
    """Return the prompt `name` with its sections; a line that only holds an empty one is left out."""
    frame = _LINE.sub(lambda found: found[0] if sections[found[1]] else "", prompt_text(name))
    return _SECTION.sub(lambda found: sections[found[1]], frame).strip()


def fenced(label: str, text: str) -> str:
    """Return `text` between marks that name it and that do not occur in it, so that it cannot end them early."""
    body = plain(text).strip("\n")
    mark = blake2b(body.encode("utf-8", "replace"), digest_size=4).hexdigest()
    while mark in body:
        mark = blake2b(mark.encode(), digest_size=4).hexdigest()
    name = " ".join(plain(label).replace('"', "'").split())
    return f'<data {mark} "{name}">\n{body}\n</data {mark}>'


def plain(text: str) -> str:
    """Return `text` without escape sequences, control characters and marks that change the direction of reading."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))
