"""A buffer as the oracle sees it: tolerant, and parsed again only where it changed (see `chunks`).

A *probe* is the answer to "what stands here": the node with its ancestors. It is found in the text as it is, or in the
text repaired around the hole; either way the node found *is* the one asked about, judged by its position, or there is
no probe.

A buffer that does not parse is not made to: as long as nobody asks for its chunks, it lends those of the state before it
to its repaired versions. That is the common case, since every dot that is typed breaks the text for a moment.
"""

from __future__ import annotations

import ast
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tracemend.analysis.syntax.positions import LineIndex
from tracemend.analysis.types.chunks import Chunk, FunctionNode, are_damaged, chunks_of, sound_chunks_of
from tracemend.analysis.types.engines.repaired import repair_buffer

HOLE_NAME = "__tracemend_hole__"
_BEHIND_RECEIVER = re.compile(r"(?:[\s)\\]|#[^\r\n]*)*\Z")
_DUNDER = re.compile(r"__\w+?__(?!\w)")
_MEMBER_WRAPPER = "class _:\n"


@dataclass(frozen=True, slots=True)
class _Change:
    """The chunks of the base, from `first` to `last`, that an edit touched, and their text now."""

    first: int
    last: int
    start: int
    end: int
    is_inside: bool  # The edit did not touch the borders of the one chunk that it is in.


@dataclass(frozen=True, slots=True)
class Probe:
    """A node that was asked about, where it stands, and the document it was found in (repaired or not)."""

    document: Document
    chunk: Chunk
    path: tuple[ast.AST, ...]  # From the top-level statement down to the node.
    repaired: bool = False
    ends_text: bool = False  # Nothing stood behind the line of the hole.

    @property
    def node(self) -> ast.AST:
        """The node asked about."""
        return self.path[-1]


class Document:
    """One text, the absolute path it is saved at (None for a fresh one) and the dotted name it is imported by.

    `previous` is an earlier state of the same buffer, whose unchanged chunks are taken over.
    """

    def __init__(
        self, text: str, path: str | None = None, module: str = "", *, previous: Document | None = None
    ) -> None:
        self.text = text
        self.path = path
        self.module = module
        self._base = previous
        # The hole asked about last, as one place gets several questions: members, then the signature, then as a table.
        self._last_hole: tuple[tuple[int, str, str], Probe | None] | None = None

    def __repr__(self) -> str:
        return f"Document({self.path or self.module!r}, {len(self.text)} characters)"

    def edited(self, text: str) -> Document:
        """Return the document with another text."""
        usable = self._base is None or self._sound_chunks is not None
        return Document(text, self.path, self.module, previous=self if usable else self._base)

    @cached_property
    def lines(self) -> LineIndex:
        """The lines of the text."""
        return LineIndex(self.text)

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The chunks in the order of the text; their texts joined are the text."""
        if self._sound_chunks is not None:
            return self._sound_chunks
        if self._base is None or self._change is None:
            return self._read_chunks
        return self._base_around(chunks_of(self.text[self._change.start : self._change.end]))

    @cached_property
    def _read_chunks(self) -> tuple[Chunk, ...]:
        """The chunks of the whole text as far as it can be read."""
        return chunks_of(self.text)

    @cached_property
    def _sound_chunks(self) -> tuple[Chunk, ...] | None:
        """The chunks, if what changed since the base parses as it is."""
        if self._base is None:
            return sound_chunks_of(self.text) or (
                None if are_damaged(self._read_chunks) else self._read_chunks
            )
        change = self._change
        if change is None:
            return self._base.chunks
        text = self.text[change.start : change.end]
        found = self._changed_member(text) if change.is_inside else None
        if found is None:
            found = sound_chunks_of(text)
        return self._base_around(found) if found else None

    def _base_around(self, chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
        assert self._base is not None and self._change is not None, "the document is an edit of another"
        return (
            *self._base.chunks[: self._change.first],
            *chunks,
            *self._base.chunks[self._change.last + 1 :],
        )

    def _changed_member(self, text: str) -> tuple[Chunk, ...] | None:
        """Return the one chunk that changed, parsed again in part; nothing if it is broken, None if that cannot be told."""
        assert self._base is not None and self._change is not None, "the document is an edit of another"
        chunk = self._base.chunks[self._change.first]
        if text.count("\n") != chunk.text.count("\n"):
            return None
        prefix = _common_prefix(chunk.text, text)
        suffix = _common_suffix(chunk.text, text, min(len(chunk.text), len(text)) - prefix)
        lines = chunk.lines
        first, last = lines.line_of(prefix), lines.line_of(len(chunk.text) - suffix)
        return chunk.with_member_changed(text, first, last)

    @cached_property
    def _change(self) -> _Change | None:
        """What changed since the base, None if nothing did."""
        assert self._base is not None, "the document is an edit of another"
        old, text, starts = self._base.text, self.text, self._base.starts
        prefix = _common_prefix(old, text)
        if prefix == len(old) == len(text):
            return None
        suffix = _common_suffix(old, text, min(len(old), len(text)) - prefix)
        first = max(bisect_right(starts, max(prefix - 1, 0)) - 1, 0)
        last = min(bisect_right(starts, len(old) - suffix), len(starts) - 1)
        end_of_first = starts[first + 1] if first + 1 < len(starts) else len(old)
        is_inside = starts[first] < prefix and len(old) - suffix < end_of_first
        if is_inside:
            last = first
        end = starts[last + 1] if last + 1 < len(starts) else len(old)
        return _Change(first, last, starts[first], len(text) - (len(old) - end), is_inside)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The offset of each chunk."""
        starts, offset = [], 0
        for chunk in self.chunks:
            starts.append(offset)
            offset += len(chunk.text)
        return tuple(starts)

    @cached_property
    def dunder_names(self) -> frozenset[str]:
        """The names of the form `__x__` in the text; Python and its tools add such names to anything."""
        return frozenset(_DUNDER.findall(self.text)) - {HOLE_NAME}

    @property
    def damaged(self) -> bool:
        """Whether some lines could not be read, so that names may be missing."""
        return are_damaged(self.chunks)

    def chunk_at(self, offset: int) -> tuple[Chunk, int]:
        """Return the chunk that holds `offset` and where it starts."""
        index = max(bisect_right(self.starts, offset) - 1, 0)
        return self.chunks[index], self.starts[index]

    @property
    def is_stub(self) -> bool:
        """Whether the text is that of a stub file."""
        return bool(self.path) and str(self.path).endswith(".pyi")

    def function(self, qualname: str, line: int) -> FunctionNode | None:
        """Return the one function of that name; of several, the one at `line` of the text or of its chunk."""
        candidates = [
            (chunk, start, node)
            for chunk, start in zip(self.chunks, self.starts, strict=True)
            for node in chunk.functions.get(qualname, ())
        ]
        if len(candidates) > 1:
            candidates = [
                (chunk, start, node)
                for chunk, start, node in candidates
                if line - chunk.relative_line(node.lineno) in (0, self.lines.line_of(start) - 1)
            ]
        return candidates[0][2] if len(candidates) == 1 else None

    def attribute_at(self, offset: int) -> Probe | None:
        """Return the attribute access whose receiver ends at `offset`, its dot being there or still to come."""
        if self._sound_chunks is not None and (found := self._attribute(offset)) is not None:
            return found
        return self._repaired_probe(offset, "", f".{HOLE_NAME}", lambda document: document._attribute(offset))

    def call_at(self, offset: int) -> Probe | None:
        """Return the call whose callee ends at `offset`, its bracket being there or still to come."""
        if self._sound_chunks is not None and (found := self._call(offset)) is not None:
            return found
        return self._repaired_probe(offset, "", "()", lambda document: document._call(offset))

    def expression_at(self, offset: int) -> Probe | None:
        """Return the place of an expression that may stand at `offset`: what encloses it, down to a placeholder."""
        found = self._innermost(offset) if self._sound_chunks is not None else None
        # A blank line lies within the statement around it without being of its body: only a placeholder tells.
        if found is not None and isinstance(found.node, ast.expr):
            return found
        return self._repaired_probe(offset, HOLE_NAME, "", lambda document: document._innermost(offset))

    def probe(self, node: ast.AST) -> Probe | None:
        """Return the place of a node of one of the document's trees."""
        for chunk in self.chunks:
            if node in chunk.parents or node in chunk.body:
                path = [node]
                while path[-1] in chunk.parents:
                    path.append(chunk.parents[path[-1]])
                return Probe(self, chunk, tuple(reversed(path)))
        return None

    def _repaired_probe(
        self, offset: int, receiver: str, trailer: str, find: Callable[[Document], Probe | None]
    ) -> Probe | None:
        key = (offset, receiver, trailer)
        if self._last_hole is None or self._last_hole[0] != key:
            self._last_hole = key, self._found_in_repaired(offset, receiver, trailer, find)
        return self._last_hole[1]

    def _found_in_repaired(
        self, offset: int, receiver: str, trailer: str, find: Callable[[Document], Probe | None]
    ) -> Probe | None:
        line_end = self.text.find("\n", offset)
        ends_text = line_end < 0 or not self.text[line_end:].strip()
        broken: list[Document] = []
        for repaired in self._repaired(offset, receiver, trailer):
            if repaired._sound_chunks is None:
                broken.append(repaired)
            elif (found := find(repaired)) is not None:
                return Probe(repaired, found.chunk, found.path, repaired=True, ends_text=ends_text)
        for repaired in broken[:1]:  # Broken elsewhere too: what can be read around the hole is sound enough.
            if (found := find(repaired)) is not None and not found.chunk.damaged:
                return Probe(repaired, found.chunk, found.path, repaired=True, ends_text=ends_text)
        return None

    def _repaired(self, offset: int, receiver: str, trailer: str) -> Iterator[Document]:
        """Yield the document with `receiver` and `trailer` at `offset` and what stood there out of the way.

        The less text is looked at the faster it is: the statement of the class body, the chunk, or all up to the end,
        because an unfinished string or bracket may have hidden where the chunk ends. Lines that are dropped are made up
        for, so that those behind keep their numbers.
        """
        for start, end, wrapper in self._parts(offset):
            part = f"{wrapper}{self.text[start:offset]}{receiver}{self.text[offset:end]}"
            receiver_end = len(wrapper) + offset - start + len(receiver)
            repaired = repair_buffer(part, receiver_end)
            if not repaired.parses:
                continue
            changed = repaired.text[len(wrapper) : receiver_end] + trailer + repaired.text[repaired.offset :]
            dropped = part.count("\n") - repaired.text.count("\n")
            padding = "\n" * dropped if changed.endswith("\n") else ""
            text = f"{self.text[:start]}{changed}{padding}{self.text[end:]}"
            yield self.edited(text)

    def _parts(self, offset: int) -> Iterator[tuple[int, int, str]]:
        """Yield the parts of the text to repair: start, end, and a header that makes the part complete."""
        start, end, member = self._surroundings(offset)
        if member is not None:
            yield start + member[0], start + member[1], _MEMBER_WRAPPER
        yield start, end, ""
        if end < len(self.text):
            yield start, len(self.text), ""

    def _surroundings(self, offset: int) -> tuple[int, int, tuple[int, int] | None]:
        """Return start and end of the chunk at `offset`, and in it those of the statement of the class body, if any.

        A text that does not parse is not parsed for that: the state before it tells where its chunks are.
        """
        change = self._change if self._sound_chunks is None and self._base is not None else None
        if change is None or self._base is None or not change.start <= offset <= change.end:
            chunk, start = self.chunk_at(offset)
            return start, start + len(chunk.text), chunk.member_span(offset - start, offset - start)
        if not change.is_inside:
            return change.start, change.end, None
        chunk = self._base.chunks[change.first]
        grown = change.end - change.start - len(chunk.text)
        text = self.text[change.start : change.end]
        prefix = _common_prefix(chunk.text, text)
        suffix = _common_suffix(chunk.text, text, min(len(chunk.text), len(text)) - prefix)
        span = chunk.member_span(prefix, len(chunk.text) - suffix)
        holds = span is not None and span[0] <= offset - change.start <= span[1] + grown
        return change.start, change.end, (span[0], span[1] + grown) if span is not None and holds else None

    def _attribute(self, offset: int) -> Probe | None:
        def matches(chunk: Chunk, node: ast.AST, at: int) -> bool:
            if not isinstance(node, ast.Attribute):
                return False
            value_end, name_start = chunk.end(node.value), chunk.end(node) - len(node.attr)
            return (
                value_end <= at <= name_start
                and chunk.text.startswith(node.attr, name_start)
                and _BEHIND_RECEIVER.match(chunk.text[value_end:at]) is not None
            )

        return self._find(offset, matches)

    def _call(self, offset: int) -> Probe | None:
        def matches(chunk: Chunk, node: ast.AST, at: int) -> bool:
            if not isinstance(node, ast.Call):
                return False
            value_end = chunk.end(node.func)
            if not value_end <= at or _BEHIND_RECEIVER.match(chunk.text[value_end:at]) is None:
                return False
            return chunk.text[at:].lstrip(" \t\\\n)").startswith("(")

        return self._find(offset, matches)

    def _innermost(self, offset: int) -> Probe | None:
        chunk, start = self.chunk_at(offset)
        longest = max(chunk.paths(offset - start), key=len, default=())
        return Probe(self, chunk, longest) if longest else None

    def _find(self, offset: int, matches: Callable[[Chunk, ast.AST, int], bool]) -> Probe | None:
        chunk, start = self.chunk_at(offset)
        at = offset - start
        for path in chunk.paths(at):
            if matches(chunk, path[-1], at) and _position_is_exact(chunk, path):
                return Probe(self, chunk, path)
        return None


def _position_is_exact(chunk: Chunk, path: tuple[ast.AST, ...]) -> bool:
    """Say whether the node at the end of `path` really stands where it says.

    Before Python 3.12 (PEP 701) the positions inside f-strings can be wrong; there the text must read as the node.
    """
    if sys.version_info >= (3, 12) or not any(isinstance(one, ast.JoinedStr) for one in path):
        return True
    node = path[-1]
    text = chunk.text[chunk.start(node) : chunk.end(node)]
    try:
        return ast.dump(ast.parse(f"({text}\n)", mode="eval").body) == ast.dump(node)
    except (SyntaxError, ValueError):
        return False


def _common_prefix(left: str, right: str) -> int:
    """Return the length of the common prefix, by bisection: slices compare at the speed of memory."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(left: str, right: str, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if left[len(left) - middle : len(left) - low] == right[len(right) - middle : len(right) - low]:
            low = middle
        else:
            high = middle - 1
    return low
