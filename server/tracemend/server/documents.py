"""The texts that the editor holds, each an immutable value per version.

`Document` is one version of one text. It is kept as its lines, because a keystroke touches one: an edit converts
positions within the lines it names and splices the list, and neither joins, splits nor indexes the rest. What needs the
whole text asks for `text` or `lines`, which are made when first asked for and kept with the version.

`Documents` is the store. It is forgiving towards clients and strict with itself: a change to an unknown document or of
an old version does nothing, and a change that cannot be meant (it starts at a place that our text does not have) proves
that client and server no longer hold the same text. Such a document is *out of step*: features treat it as absent until
the client sends a whole text again.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from lsprotocol import types

from tracemend.analysis.syntax.positions import Encoding, LineIndex, units

logger = logging.getLogger(__name__)

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")


class OutOfStep(ValueError):
    """An edit names a place that the text does not have."""


@dataclass(frozen=True)
class Document:
    """One version of one text. Offsets count characters; positions are LSP's, in the negotiated `encoding`."""

    uri: str
    path: Path | None  # Absolute and resolved; None for what is not a file, such as an untitled buffer.
    version: int
    language: str
    parts: tuple[str, ...]  # The lines with their ends; the last one has none and may be empty.
    encoding: Encoding

    @cached_property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.parts)

    @cached_property
    def lines(self) -> LineIndex:
        """The index of `text`, whose lines count from 1."""
        return LineIndex(self.text)

    def offset_at(self, position: types.Position) -> int:
        """Return the offset of `position`, clamped to its line and to the text (LSP 3.17, Position)."""
        return self.lines.from_position(position.line, position.character, self.encoding)

    def position_at(self, offset: int) -> types.Position:
        """Return the position of the character at `offset`."""
        return types.Position(*self.lines.to_position(offset, self.encoding))

    def range_of(self, start: int, end: int) -> types.Range:
        """Return the range of the characters from `start` up to `end`."""
        return types.Range(self.position_at(start), self.position_at(end))

    def line_range(self, line: int) -> types.Range:
        """Return the range of the code on 1-based `line`: without its indentation and its end."""
        text = self.lines.line_text(line)
        start = self.lines.line_start(line)
        return self.range_of(start + len(text) - len(text.lstrip()), start + len(text.rstrip()))

    def edited(self, change: types.TextDocumentContentChangeEvent, version: int) -> Document:
        """Return the document after one change. Raises `OutOfStep`."""
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            parts = split_lines(change.text)
        else:
            parts = _spliced(self.parts, change.range, change.text, self.encoding)
        return Document(self.uri, self.path, version, self.language, parts, self.encoding)


class Documents:
    """All open documents by URI, as the client spells it. Owned by the event loop."""

    def __init__(self) -> None:
        self.encoding: Encoding = "utf-16"
        self._open: dict[str, Document] = {}
        self._versions: dict[str, int] = {}  # The latest that the client named, be its text known or not.
        self._out_of_step: set[str] = set()

    def in_step(self) -> dict[str, Document]:
        """Return the documents of which we know that the client has the same text."""
        return {uri: one for uri, one in self._open.items() if uri not in self._out_of_step}

    def get(self, uri: str) -> Document | None:
        """Return the document, or None if it is not open or out of step."""
        return None if uri in self._out_of_step else self._open.get(uri)

    def open(self, item: types.TextDocumentItem) -> Document:
        """Take a document into the store; one that is open already is replaced."""
        document = Document(
            item.uri,
            path_of_uri(item.uri),
            item.version,
            item.language_id,
            split_lines(item.text),
            self.encoding,
        )
        self._open[item.uri] = document
        self._versions[item.uri] = item.version
        self._out_of_step.discard(item.uri)
        return document

    def change(
        self, uri: str, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]
    ) -> Document | None:
        """Carry out a `didChange` and return the new document; None if nothing is known about its text now."""
        document = self._open.get(uri)
        if document is None:
            logger.info("A change to a document that is not open was ignored.")
            return None
        if version <= self._versions[uri]:
            logger.info("A change to version %d was ignored, the client was further.", version)
            return self.get(uri)
        self._versions[uri] = version
        changes = _from_last_whole_text(changes)
        if uri in self._out_of_step and not _is_whole_text(changes):
            return None
        try:
            for change in changes:
                document = document.edited(change, version)
        except OutOfStep as error:
            self.mark_out_of_step(uri, str(error))
            return None
        self._out_of_step.discard(uri)
        self._open[uri] = document
        return document

    def saved(self, uri: str, text: str | None) -> Document | None:
        """Return the document that was saved; the text that came along brings it back in step.

        One that is in step keeps its text even if the two differ: a client may send the save before the last edit.
        """
        document = self._open.get(uri)
        if document is None or text is None or uri not in self._out_of_step:
            return self.get(uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        healed = self._open[uri] = document.edited(whole, self._versions[uri])
        self._out_of_step.discard(uri)
        return healed

    def mark_out_of_step(self, uri: str, why: str) -> None:
        """Treat the document as absent until its whole text comes."""
        if uri in self._open:
            logger.warning("A document is out of step with the client until it is reopened: %s", why)
            self._out_of_step.add(uri)

    def close(self, uri: str) -> Document | None:
        """Forget the document and return what it was."""
        self._out_of_step.discard(uri)
        self._versions.pop(uri, None)
        return self._open.pop(uri, None)


def split_lines(text: str) -> tuple[str, ...]:
    """Return the lines of `text` with their ends; a text that ends in a line end has an empty last line."""
    parts = _LINES.findall(text)
    if not parts or parts[-1][-1] in "\r\n":
        parts.append("")
    return tuple(parts)


def path_of_uri(uri: str) -> Path | None:
    """Return the resolved path of a `file:` URI, None for any other."""
    try:
        split = urlsplit(uri)
    except ValueError:
        return None
    if split.scheme != "file" or split.netloc not in ("", "localhost") or "%00" in split.path:
        return None
    return Path(os.path.realpath(unquote(split.path)))


def uri_of_path(path: Path) -> str:
    """Return the `file:` URI of an absolute path, spelt as VS Code and Neovim spell it."""
    return "file://" + quote(path.as_posix(), safe="/~")


def _is_whole_text(changes: Sequence[types.TextDocumentContentChangeEvent]) -> bool:
    return bool(changes) and _replaces_all(changes[0])


def _replaces_all(change: types.TextDocumentContentChangeEvent) -> bool:
    return isinstance(change, types.TextDocumentContentChangeWholeDocument)


def _from_last_whole_text(
    changes: Sequence[types.TextDocumentContentChangeEvent],
) -> Sequence[types.TextDocumentContentChangeEvent]:
    """Leave out the changes that a later whole text makes void, were they even impossible ones."""
    last = max((at for at, change in enumerate(changes) if _replaces_all(change)), default=0)
    return changes[last:]


def _spliced(
    parts: tuple[str, ...], where: types.Range, new_text: str, encoding: Encoding
) -> tuple[str, ...]:
    """Return `parts` with the text at `where` replaced. Raises `OutOfStep`."""
    if where.start == types.Position(0, 0) and where.end.line >= len(parts):
        return split_lines(new_text)  # How some clients say "everything".
    first, start = _place(parts, where.start, encoding)
    last, end = _place(parts, where.end, encoding)
    if (last, end) < (first, start):
        raise OutOfStep("a change ends before it starts.")
    # A lone carriage return at the end of the line above becomes one line end with a newline that follows it now.
    before = first - 1 if first and parts[first - 1].endswith("\r") else first
    prefix = "".join(parts[before:first]) + parts[first][:start]
    middle = split_lines(prefix + new_text + parts[last][end:])
    if last + 1 < len(parts):
        middle = middle[:-1] if not middle[-1] else middle
    return (*parts[:before], *middle, *parts[last + 1 :])


def _place(parts: tuple[str, ...], position: types.Position, encoding: Encoding) -> tuple[int, int]:
    """Return (index into `parts`, character in it). The line after the last one, column 0, is the end of the text.

    Raises `OutOfStep` where the text has no such place. LSP lets a column past the end of a line stand for its end; so
    does this for *queries* (`Document.offset_at`), but in a change it tells that the texts differ.
    """
    if position.line == len(parts) and position.character == 0:
        return len(parts) - 1, len(parts[-1])
    if position.line >= len(parts):
        raise OutOfStep(f"a change names line {position.line} of {len(parts)}.")
    line = parts[position.line]
    content = line.rstrip("\r\n")
    if position.character == 0 or content.isascii() or encoding == "utf-32":
        column = position.character
    else:
        column = _characters(content, position.character, encoding)
    if column > len(content):
        raise OutOfStep(f"a change names column {position.character} of a line that is shorter.")
    return position.line, column


def _characters(content: str, column: int, encoding: Encoding) -> int:
    """Return how many characters the first `column` units are; one more than there are for a column past the end.

    A column inside a character stands for its start, as in `positions.LineIndex`.
    """
    taken = 0
    for count, character in enumerate(content):
        if taken >= column:
            return count - (taken > column)
        taken += units(character, encoding)
    return len(content) + 1 if taken < column else len(content) - (taken > column)
