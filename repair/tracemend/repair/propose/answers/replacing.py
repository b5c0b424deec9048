"""Search/replace blocks: found in an answer, and applied where the searched lines stand exactly once.

The format for files that are too large to repeat. What is searched for may differ from the file in trailing blanks and
in its indentation as a whole, for models lose both; it never matches by likeness, since a silent fuzzy match overwrites
code. What is not found comes back with the lines that are nearest. A unified diff is read as such blocks, too, its line
numbers ignored: they are nearly always wrong.
"""

from __future__ import annotations

import difflib
import heapq
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_SEARCH = re.compile(r"^[ \t]*<{4,9}\s*(?:SEARCH|ORIGINAL|HEAD|OLD|BEFORE)?\b.*$", re.IGNORECASE)
_DIVIDER = re.compile(r"^[ \t]*={4,9}[ \t]*$")
_REPLACE = re.compile(r"^[ \t]*>{4,9}\s*(?:REPLACE|UPDATED|NEW|AFTER|END)?\b.*$", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})")
_HUNK = re.compile(r"^@@.*@@", re.MULTILINE)
_PATH = re.compile(r"(?<![\w/.-])([\w./-]+\.pyi?)\b")
NEAR_ENOUGH = 0.5
MAX_COMPARED = 10  # Windows of a file, and what of them and of a search is looked at.
MAX_COMPARED_LINES = 30
MAX_COMPARED_CHARACTERS = 1000


class NotApplied(Exception):
    """A block does not say where it belongs; the message is a sentence for the model."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """One block: the lines to find and what to put there. `path` is the file named before it, "" if none."""

    search: tuple[str, ...]
    replace: tuple[str, ...]
    path: str = ""


def find_replacements(answer: str) -> tuple[Replacement, ...]:
    """Return the blocks of a cleaned answer, in order."""
    lines = answer.split("\n")
    if any(_SEARCH.match(line) for line in lines):
        return tuple(_blocks(lines))
    return tuple(_hunks(lines)) if _HUNK.search(answer) else ()


def apply_replacement(text: str, block: Replacement, shown: Sequence[str] = ()) -> str:
    """Return `text` after one block. `shown` are the parts of the file that the model saw. Raises `NotApplied`."""
    search = _without_blank_ends(block.search)
    if not search:
        raise NotApplied("A SEARCH part is empty: repeat there the lines that are to be replaced.")
    replace = list(_without_blank_ends(block.replace))
    lines = text.splitlines(keepends=True)
    bare = [line.rstrip() for line in lines]
    places = _exact(bare, search) or _shifted(bare, search)
    if len(places) > 1:
        places = _within(places, len(search), lines, shown) or places
    if len(places) > 1:
        raise NotApplied(
            f"The SEARCH lines beginning with `{search[0].strip()}` stand {len(places)} times in the file: "
            "include more lines around them."
        )
    if not places:
        raise NotApplied(_not_found(bare, search, replace))
    start = places[0]
    found = lines[start : start + len(search)]
    new = _reindented(replace, _indent(search), _indent([line.rstrip() for line in found]))
    newline = "\r\n" if found[0].endswith("\r\n") else "\n"
    ends = [newline] * len(new)
    if new and not found[-1].endswith(("\n", "\r")):
        ends[-1] = ""
    body = [line + end for line, end in zip(new, ends, strict=True)]
    return "".join([*lines[:start], *body, *lines[start + len(search) :]])


def _blocks(lines: list[str]) -> Iterator[Replacement]:
    position = 0
    path = ""
    while position < len(lines):
        if not _SEARCH.match(lines[position]):
            named = _PATH.findall(lines[position])
            path = named[-1] if named and len(lines[position]) < 120 else path
            position += 1
            continue
        divider = _next(lines, position + 1, _DIVIDER)
        end = _next(lines, divider + 1, _REPLACE)
        if divider == len(lines):
            return
        following = _next(lines, divider + 1, _SEARCH)
        end = min(end, following)  # The closing marker may have been forgotten.
        body = lines[divider + 1 : end]
        if end == len(lines) or end == following:
            body = _up_to_fence(body)
        yield Replacement(tuple(lines[position + 1 : divider]), tuple(body), path)
        position = end if end == following else end + 1


def _next(lines: Sequence[str], start: int, pattern: re.Pattern[str]) -> int:
    return next((at for at in range(start, len(lines)) if pattern.match(lines[at])), len(lines))


def _up_to_fence(lines: list[str]) -> list[str]:
    return lines[: next((at for at, line in enumerate(lines) if _FENCE.match(line)), len(lines))]


def _hunks(lines: list[str]) -> Iterator[Replacement]:
    path = ""
    search: list[str] = []
    replace: list[str] = []
    inside = False
    for line in [*lines, "@@ end @@"]:
        if line.startswith(("--- ", "+++ ")):
            named = _PATH.findall(line)
            path = re.sub(r"^[ab]/", "", named[-1]) if named else path
        elif _HUNK.match(line) or _FENCE.match(line):
            if search or replace:
                yield Replacement(tuple(search), tuple(replace), path)
            search, replace, inside = [], [], bool(_HUNK.match(line))
        elif inside and line[:1] in ("-", "+", " ", ""):
            if line[:1] != "+":
                search.append(line[1:])
            if line[:1] != "-":
                replace.append(line[1:])


def _without_blank_ends(lines: Sequence[str]) -> list[str]:
    kept = [line.rstrip() for line in lines]
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _exact(bare: Sequence[str], search: Sequence[str]) -> list[int]:
    width = len(search)
    return [at for at in range(len(bare) - width + 1) if list(bare[at : at + width]) == list(search)]


def _shifted(bare: Sequence[str], search: Sequence[str]) -> list[int]:
    """Find the searched lines with another indentation as a whole."""
    width = len(search)
    wanted = _dedented(search)
    first = search[0].lstrip()
    return [
        at
        for at in range(len(bare) - width + 1)
        if bare[at].lstrip() == first and _dedented(bare[at : at + width]) == wanted
    ]


def _within(places: list[int], width: int, lines: Sequence[str], shown: Sequence[str]) -> list[int]:
    """Return those of the places that lie in what the model was shown: it meant none of the others."""
    text = "".join(lines)
    spans = []
    for part in shown:
        start = text.find(part)
        if start >= 0:
            first = text.count("\n", 0, start)
            spans.append((first, first + part.count("\n") + 1))
    return [at for at in places if any(first <= at and at + width <= last for first, last in spans)]


def _indent(lines: Sequence[str]) -> str:
    indents = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip()]
    return min(indents, key=len, default="")


def _dedented(lines: Sequence[str]) -> list[str]:
    indent = _indent(lines)
    return [line.removeprefix(indent) for line in lines]


def _reindented(lines: Sequence[str], old: str, new: str) -> list[str]:
    """Shift the replacement as the searched lines were shifted."""
    if old == new:
        return list(lines)
    return [new + line.removeprefix(old) if line.strip() else "" for line in lines]


def _not_found(bare: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> str:
    if replace and (_exact(bare, replace) or _shifted(bare, replace)):
        return f"The file has the REPLACE lines already, and not the SEARCH lines beginning with `{search[0].strip()}`."
    told = f"The SEARCH lines beginning with `{search[0].strip()}` are not in the file."
    nearest = _nearest(bare, search)
    if not nearest:
        return f"{told} Copy them from the code exactly."
    return f"{told} The nearest lines there are:\n" + "\n".join(nearest)


def _nearest(bare: Sequence[str], search: Sequence[str]) -> list[str]:
    """Return the lines of the file that are most like `search`, none where nothing is.

    Comparing takes time with the square of the length: of a long search only the head is looked for, and only windows
    that have mostly the same characters are compared.
    """
    head = search[:MAX_COMPARED_LINES]
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2("\n".join(head)[:MAX_COMPARED_CHARACTERS])

    def likeness(start: int, ratio: Callable[[], float]) -> float:
        matcher.set_seq1("\n".join(bare[start : start + len(head)])[:MAX_COMPARED_CHARACTERS])
        return ratio()

    starts = range(max(1, len(bare) - len(head) + 1))
    likely = heapq.nlargest(MAX_COMPARED, starts, key=lambda at: likeness(at, matcher.quick_ratio))
    best = max(likely, key=lambda at: likeness(at, matcher.ratio))
    return list(bare[best : best + len(head)]) if likeness(best, matcher.ratio) >= NEAR_ENOUGH else []
