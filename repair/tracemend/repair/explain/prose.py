"""What a model says about its own patch, as far as every claim of it checks against the evidence record.

A model's account of itself is not evidence (Turpin et al., "Language Models Don't Always Say What They Think", 2023), but a
sentence whose every name, line and value was observed says nothing false about them, and reads better than a diff. A
sentence is kept whole or dropped whole: one claim that is not on record, or a name with another value than it had, drops
it, and so does the lack of any claim that could be checked.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .evidence import Evidence

MAX_SENTENCES = 3
MAX_CHARACTERS = 300

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*])|\n\s*\n|\n(?=\s*[-*] )")
_CODE = re.compile(r"`([^`\n]+)`")
_NAME = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")
_TECHNICAL = re.compile(r"\b(?:\w+_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|\w+(?:\.\w+)+|\w+(?=\(\)))")
_LINE = re.compile(r"\blines?\s+(\d+)(?:\s*(?:-|to|and)\s*(\d+))?", re.IGNORECASE)
_BINDING = re.compile(
    r"`(?P<name>[A-Za-z_][\w.]*)`\s+(?:is|was|equals|holds|has the value(?: of)?|becomes|=)\s+`(?P<value>[^`]+)`"
    r"|`(?P<other_name>[A-Za-z_][\w.]*)\s*=\s*(?P<other_value>[^=`][^`]*)`"
)
_UNSAFE = re.compile(r"://|www\.|[<>|]{2,}|\$\(|;\s*\w+|\bsudo\b|\bcurl\b|\bpip install\b", re.IGNORECASE)


def checked_prose(text: str, evidence: Evidence) -> tuple[str, ...]:
    """Return the sentences of `text` whose claims are all on record, at most a few."""
    record = _Record.of(evidence)
    plain = re.sub(r"\*\*|__", "", text)
    sentences = [" ".join(one.split()) for one in _SENTENCE.split(plain)]
    return tuple(one for one in sentences if one and record.bears_out(one))[:MAX_SENTENCES]


@dataclass(frozen=True, slots=True)
class _Record:
    """The names, numbers, lines, pieces of code and values that the evidence holds."""

    names: frozenset[str]
    numbers: frozenset[str]
    lines: frozenset[str]
    code: str  # All code on record without blanks, for looking pieces up.
    values: frozenset[tuple[str, str]]  # (name, value), both without blanks.

    @classmethod
    def of(cls, evidence: Evidence) -> _Record:
        """Collect what an evidence record tells."""
        texts = list(_texts(evidence))
        joined = "\n".join(texts)
        failure, divergence = evidence.failure, evidence.divergence
        lines = {
            failure.line,
            *(one.line for one in evidence.changes),
            *(one.line for one in evidence.suspects),
        }
        pairs = [(one.name, one.value) for one in failure.values]
        if divergence is not None:
            lines.add(divergence.line)
            pairs += [(divergence.name, divergence.before), (divergence.name, divergence.after)]
        return cls(
            frozenset(_NAME.findall(joined)),
            frozenset(_NUMBER.findall(joined)),
            frozenset(map(str, lines)),
            "\n".join(map(_squeezed, texts)),
            frozenset((_squeezed(name), _squeezed(value)) for name, value in pairs),
        )

    def bears_out(self, sentence: str) -> bool:
        """Say whether `sentence` makes claims that can be checked, and all of them hold."""
        if len(sentence) > MAX_CHARACTERS or _UNSAFE.search(sentence):
            return False
        quoted = _CODE.findall(sentence)
        bare = _LINE.sub(" ", _CODE.sub(" ", sentence))
        cited = [number for found in _LINE.findall(sentence) for number in found if number]
        technical = _TECHNICAL.findall(bare)
        numbers = _NUMBER.findall(bare)
        if not (quoted or technical or cited):
            return False
        return (
            all(map(self._knows_code, quoted))
            and all(self._knows_names(one) for one in technical)
            and all(one in self.numbers for one in numbers)
            and all(one in self.lines for one in cited)
            and all(map(self._knows_value, _BINDING.finditer(sentence)))
        )

    def _knows_code(self, piece: str) -> bool:
        squeezed = _squeezed(piece)
        if _BINDING.fullmatch(f"`{piece}`"):
            return True  # Checked with its value.
        return squeezed in self.code if not _NAME.fullmatch(piece) else piece in self.names

    def _knows_names(self, dotted: str) -> bool:
        return all(one in self.names for one in dotted.split("."))

    def _knows_value(self, binding: re.Match[str]) -> bool:
        """Say whether a name had this value, or whether the code on record assigns it so."""
        name = _squeezed(binding["name"] or binding["other_name"])
        value = _squeezed(binding["value"] or binding["other_value"])
        return (name, value) in self.values or f"{name}={value}" in self.code


def _texts(evidence: Evidence) -> Iterator[str]:
    failure = evidence.failure
    yield from (
        failure.test,
        failure.exception,
        failure.message,
        failure.expression,
        failure.path,
        evidence.note,
    )
    yield from (text for one in failure.values for text in (one.name, one.value))
    yield from (one.function for one in failure.frames)
    yield from (text for one in evidence.changes for text in (one.path, one.before, one.after))
    yield from (text for one in evidence.suspects for text in (one.path, one.source, one.function))
    if evidence.divergence is not None:
        one = evidence.divergence
        yield from (one.path, one.name, one.before, one.after, one.source, one.function)


def _squeezed(text: str) -> str:
    """Return `text` without blanks, a literal in its usual spelling."""
    with contextlib.suppress(ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        text = repr(ast.literal_eval(text.strip()))
    return re.sub(r"\s+", "", text)
