r"""The first receiver that is read on the line of a hole, as a grammar that sleeps until it is written.

`grammars` needs a hole behind a dot. Stock servers can also wait for one: llama.cpp has lazy grammars, which wake where a
pattern matches what was generated, and vLLM has structural tags that dispatch on texts (XGrammar, arXiv 2411.15100). So
one request guides the first name of a line that it writes itself. Where the hole is already where a name is read, as in
`x = `, no server needs to wait: an answer that opens with a receiver is a matter of plain grammars.

Neither follows Python, so that the grammar sleeps on where only a guide can tell what is meant: it wakes on the first line
alone, behind a word or sign that shows that what follows is read, and never behind a quote, a bracket, a colon or anything
else that may bind a name or begin text. What it misses is left to the stream guard.

    receivers = first_receivers(table, before=text_before)
    llama.cpp's server:  extra_body = llama_fields(receivers)
    vLLM:                extra_body = vllm_fields(receivers)
    either, at `x = `:   extra_body = {"grammar": opening_grammar(receivers)}    (vLLM: in "structured_outputs")
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.monitors.tables import SymbolTable

from .grammars import BOUNDARY, NameAtHole, alternatives, name_of, regex

MAX_RECEIVERS = 24
MAX_NAMES = 2000

# Behind these a name is read, whatever stands before them on the line. Each ends where a name begins.
_READING = (
    "= ",
    "return ",
    "yield ",
    "await ",
    "assert ",
    " in ",
    " and ",
    " or ",
    " not ",
    " if ",
    "+ ",
    "- ",
)
# Behind these, on the same line, it is not known any more what a name means, or that it is one.
_PUTTING_TO_SLEEP = ("\n", "\r", '"', "'", "#", ":", ";", "(", "[", "{", "\\")
_READS_AT_END = re.compile(
    r"(?:[-+*/%@&|^<>=]|\b(?:return|yield|await|assert|if|elif|while|not|and|or|in|is|else))[ \t]*\Z"
)
_PROBES = ("", " ", " = ", "_ = ")  # What may stand between a hole and the first name that is read.
_BOUNDARY_BUT_A_DOT = BOUNDARY.replace("[^", "[^.")
PATTERN_FULL = 3  # COMMON_GRAMMAR_TRIGGER_TYPE_PATTERN_FULL in llama.cpp's common/common.h.


@dataclass(frozen=True, slots=True)
class Receivers:
    """Dotted names of which all members are known, each with what may follow its dot.

    `openings` are the texts with which one may open the generated text, where the hole itself stands where a name is read.
    """

    names: Mapping[str, NameAtHole]
    openings: tuple[str, ...] = ()

    @property
    def first(self) -> tuple[str, ...]:
        """Those that are no members of another of them, and so decide first."""
        return tuple(path for path in self.names if path.rpartition(".")[0] not in self.names)

    def split(self, path: str) -> tuple[NameAtHole, dict[str, NameAtHole]]:
        """Return the members of a receiver that end there, and those that are receivers themselves with their own."""
        name = self.names[path]
        deeper = {
            ending: self.names[f"{path}.{ending}"]
            for ending in name.endings
            if f"{path}.{ending}" in self.names
        }
        return replace(name, endings=tuple(one for one in name.endings if one not in deeper)), deeper


def first_receivers(table: SymbolTable, *, before: str) -> Receivers | None:
    """Return the receivers that the first line at the hole may read, None where there is none."""
    hole = Guide(table, before=before)
    if hole.is_in_bracket:
        return None
    places = [place for probe in _PROBES if (place := hole.behind(probe.encode())) is not None]
    found: dict[str, NameAtHole] = {}
    left = MAX_NAMES
    for path in _paths(table):
        name = next(filter(None, (_behind(place, path) for place in places)), None)
        if name is not None and len(name.endings) <= left and len(found) < MAX_RECEIVERS:
            found[path] = name
            left -= len(name.endings)
    return Receivers(found, _openings(before)) if found else None


def llama_fields(receivers: Receivers) -> dict[str, Any]:
    """Return the fields that make llama.cpp's server guide the first name that is read."""
    trigger = {"type": PATTERN_FULL, "value": llama_pattern(receivers)}
    return {"grammar": llama_grammar(receivers), "grammar_lazy": True, "grammar_triggers": [trigger]}


def llama_pattern(receivers: Receivers) -> str:
    """Return the pattern that wakes the grammar: it matches all that was generated, up to a receiver's last letter.

    A vocabulary may fuse the dot with the name behind it, so that the grammar has to be awake in front of the dot. Its text
    begins with the group.
    """
    asleep = "".join(map(re.escape, _PUTTING_TO_SLEEP))
    leads = [rf"[^{asleep}]*{re.escape(lead)}" for lead in _READING]
    leads += map(re.escape, receivers.openings)
    return rf"(?:{'|'.join(leads)})({'|'.join(map(re.escape, receivers.first))})"


def llama_grammar(receivers: Receivers) -> str:
    """Return the grammar of a receiver, a member of it, and then anything; or of something else that begins like it."""
    places = range(len(receivers.first))
    whole = [
        f'receiver-{place} ::= "{path}" ("." member-{place} | [^.] any)?'
        for place, path in enumerate(receivers.first)
    ]
    return _grammar(" | ".join(f"receiver-{place}" for place in places), whole, receivers)


def opening_grammar(receivers: Receivers) -> str | None:
    """Return the grammar of an answer that may open with a receiver, None where none can be read at the hole at once.

    It is one of any text but what opens with a receiver, a dot and no member of it, so that it needs not to sleep: servers
    without lazy grammars take it, llama.cpp's and, as one of XGrammar's, vLLM's.
    """
    if not receivers.openings:
        return None
    ends = {
        f"{opening}{path}": f"member-{place}"
        for place, path in enumerate(receivers.first)
        for opening in receivers.openings
    }
    return _grammar(_any_but(ends), [], receivers)


def _grammar(root: str, rules: list[str], receivers: Receivers) -> str:
    members = [
        f"member-{place} ::= {_members(receivers, path)}" for place, path in enumerate(receivers.first)
    ]
    return "\n".join((f"root ::= {root}", *rules, *members, r"any ::= [^\x00]*", ""))


def _members(receivers: Receivers, path: str) -> str:
    """Return what may stand behind the dot of a receiver, and then anything, as the right side of a rule."""
    plain, deeper = receivers.split(path)
    members = [f"({alternatives(plain)}) ({BOUNDARY} any)?"]
    for member, name in deeper.items():
        of_member = f'"." ({alternatives(name)}) ({BOUNDARY} any)?'
        members.append(f'"{member}" ({of_member} | {_BOUNDARY_BUT_A_DOT} any)?')
    return " | ".join(members)


def _any_but(ends: Mapping[str, str]) -> str:
    """Return a part of a rule for any text, in which the rule of a name follows where that name and a dot begin it."""
    heads = sorted({name[0] for name in ends if name})
    ways = [
        f'"{head}" {_any_but({name[1:]: rule for name, rule in ends.items() if name[:1] == head})}'
        for head in heads
    ]
    if "" in ends:
        ways.append(f'"." ({ends[""]})')
        heads.append(".")
    return f"({' | '.join(ways)} | [^{''.join(heads)}] any)?"


def vllm_fields(receivers: Receivers) -> dict[str, Any]:
    """Return the fields that make vLLM guide the first name that is read, as a structural tag."""
    free = {"type": "any_text"}
    rules: list[tuple[str, dict[str, Any]]] = [(text, free) for text in _PUTTING_TO_SLEEP]
    for path in receivers.first:
        named = {
            "type": "sequence",
            "elements": [{"type": "regex", "pattern": _pattern(receivers, path)}, free],
        }
        rules += [(f"{lead}{path}.", named) for lead in (*filter(None, receivers.openings), *_READING)]
    tag = {"type": "structural_tag", "format": {"type": "dispatch", "rules": rules, "loop": False}}
    return {"structured_outputs": {"structural_tag": json.dumps(tag)}}


def _pattern(receivers: Receivers, path: str) -> str:
    """Return what may stand behind the dot of a receiver, with one character behind it, as a regular expression."""
    plain, deeper = receivers.split(path)
    members = [regex(plain) + BOUNDARY]
    members += [
        rf"{member}(\.{regex(name)}{BOUNDARY}|{_BOUNDARY_BUT_A_DOT})" for member, name in deeper.items()
    ]
    return f"({'|'.join(members)})"


def _paths(table: SymbolTable) -> Iterator[str]:
    """Yield the names of known types, and then their members of known types; what is nearest to the hole comes first."""
    known = [(found, name) for name, found in table.names.items() if found >= 0 and name.isascii()]
    known.sort()
    yield from (name for _, name in known)
    for found, name in known:
        yield from (f"{name}.{member}" for member in table.types[found].member_types if member.isascii())


def _openings(before: str) -> tuple[str, ...]:
    """Return what may stand between the hole and a name that is read there, () where a name would not be."""
    if not _READS_AT_END.search(before):
        return ()
    return (" ",) if before[-1].isalnum() else ("", " ")


def _behind(place: Guide, path: str) -> NameAtHole | None:
    """Return the members of a receiver that is written at a place."""
    guide = place.behind(f"{path}.".encode())
    return name_of(guide) if guide is not None else None
