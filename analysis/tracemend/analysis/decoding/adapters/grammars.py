r"""The name at one hole as a grammar, for stock servers, which know nothing of guides but take grammars.

A grammar here says what may be written up to the end of the name at the hole and nothing of what follows: a grammar of
Python would be incomplete, and whatever it forgot would be forbidden. So a client asks in segments: the name with a
grammar, then the rest, freely, up to the next place where names are known. A *leading* grammar does both in one
request: the name, then any text at all.

    name = name_at_hole(table, before=text_before, after=text_after)
    vLLM:       extra_body = vllm_fields(name)          or   vllm_fields(name, leading=True)
    llama.cpp:  extra_body = {"grammar": gbnf(name)}    or   {"grammar": gbnf(name, leading=True)}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.monitors.tables import SymbolTable, is_dunder

_WORD_AT_END = re.compile(r"\w*\Z")
_WORD_AT_START = re.compile(r"\A\w*")

# Characters that no name goes on with. Outside ASCII nearly all letters do, so that all of it is left out.
BOUNDARY = r"[^A-Za-z0-9_\u0080-\uffff]"


@dataclass(frozen=True, slots=True)
class SpecialName:
    """How a name such as `__len__`, allowed everywhere and listed nowhere, goes on behind what is already written."""

    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class NameAtHole:
    """What may be written at a hole up to the end of the name there.

    `endings` complete the names, of which the text in front of the hole may hold a beginning; one is empty where that is
    a name already. Where `goes_on`, the text behind the hole continues the name, so that nothing else may follow.
    """

    endings: tuple[str, ...]
    special: SpecialName | None = None
    goes_on: bool = False


def name_at_hole(table: SymbolTable, *, before: str, after: str = "") -> NameAtHole | None:
    """Return what may be written at the hole, None where that is not known, or nothing certain can be written."""
    typed, rest = _WORD_AT_END.findall(before)[0], _WORD_AT_START.findall(after)[0]
    return name_of(Guide(table, before=before, after=after), typed, rest)


def name_of(guide: Guide, typed: str = "", rest: str = "") -> NameAtHole | None:
    """Return what may be written where `guide` stands, behind what of the name is `typed` and in front of its `rest`."""
    legal = guide.legal
    if legal is None:
        return None
    endings = tuple(sorted(_endings(legal, typed, rest)))
    special = None if rest else _special(typed)
    return NameAtHole(endings, special, bool(rest)) if endings or special else None


def vllm_fields(name: NameAtHole, *, leading: bool = False) -> dict[str, Any]:
    """Return the fields that make vLLM write the name and stop, or with `leading` go on freely."""
    return {"structured_outputs": {"regex": _leading_regex(name) if leading else regex(name)}}


def vllm_structural_tag(name: NameAtHole) -> dict[str, Any]:
    """Return the fields that make vLLM write the name and go on freely, as a structural tag.

    A name at the very end of the answer is not possible then: the tag needs the character behind it.
    """
    pattern = regex(name) + ("" if name.goes_on else BOUNDARY)
    free = [] if name.goes_on else [{"type": "any_text"}]
    format_ = {"type": "sequence", "elements": [{"type": "regex", "pattern": pattern}, *free]}
    return {
        "structured_outputs": {"structural_tag": json.dumps({"type": "structural_tag", "format": format_})}
    }


def gbnf(name: NameAtHole, *, leading: bool = False) -> str:
    """Return the name as a grammar of llama.cpp, which is also one of vLLM; with `leading` any text may follow."""
    tail = f" ({BOUNDARY} [^\\x00]*)?" if leading and not name.goes_on else ""
    return f"root ::= name{tail}\nname ::= {alternatives(name)}\n"


def alternatives(name: NameAtHole) -> str:
    """Return the name as the right side of a rule of llama.cpp's grammars."""
    found = [json.dumps(ending, ensure_ascii=False) for ending in name.endings]
    if name.special is not None:
        found.append(f'"{name.special.opening}" [A-Za-z0-9_]* "{name.special.closing}"')
    return " | ".join(found)


def regex(name: NameAtHole) -> str:
    """Return the name as a regular expression; names hold no character that would need escaping."""
    special = name.special
    pattern = [f"{special.opening}[A-Za-z0-9_]*{special.closing}"] if special is not None else []
    return f"({'|'.join((*name.endings, *pattern))})"


def _leading_regex(name: NameAtHole) -> str:
    return regex(name) if name.goes_on else f"{regex(name)}({BOUNDARY}[\\s\\S]*)?"


def _endings(legal: Iterable[str], typed: str, rest: str) -> set[str]:
    """Return what stands between `typed` and `rest` in the names that begin and end so."""
    whole = (*legal, typed + rest) if is_dunder(typed + rest) else tuple(legal)
    return {
        name[len(typed) : len(name) - len(rest)]
        for name in whole
        if name.startswith(typed) and name.endswith(rest) and len(name) >= len(typed) + len(rest)
    }


def _special(typed: str) -> SpecialName | None:
    if typed.startswith("__"):
        return SpecialName("", "_" if typed[2:].endswith("_") else "__")
    return SpecialName("__"[len(typed) :], "__") if typed in ("", "_") else None
