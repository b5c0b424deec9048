"""What a request tells the plug-in inside an engine about the hole it fills, as flat fields of strings and numbers.

vLLM's `vllm_xargs` takes no nested values, so that a symbol table travels as base64 of its compressed msgpack. It is
content-addressed: a client that fills many holes with one table sends it once, and its digest from then on. The engine
keeps a bounded number of tables. Which of them it still has is not known to the client; one that is missing is told
where requests are validated (`UnknownTable`, HTTP 400: send it whole), and where they are not, nothing is forbidden.

    tracemend_table    "zlib:<base64>" or "sha256:<digest>"
    tracemend_before   the text of the file in front of the hole, at most `MAX_BEFORE` characters; see `shortened`
    tracemend_after    the text behind it, at most `MAX_AFTER` characters
    tracemend_fenced   1 where the answer is chat, of which only Python fences are judged
"""

from __future__ import annotations

import base64
import re
import threading
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.monitors.tables import MAX_BYTES, SymbolTable, UnreadableTable, decode_table
from tracemend.analysis.types.engines.lexing import place_at

TABLE, BEFORE, AFTER, FENCED = "tracemend_table", "tracemend_before", "tracemend_after", "tracemend_fenced"
FIELDS = frozenset((TABLE, BEFORE, AFTER, FENCED))

MAX_BEFORE = 64 * 1024
MAX_AFTER = 1024
KEPT_TABLES = 256
KEPT_GUIDES = 64

_WHOLE, _DIGEST = "zlib:", "sha256:"
_TOP_LEVEL_LINE = re.compile(r"^(?:(?:async def|def|class|import|from)\b|@\w)", re.MULTILINE)

Key = TypeVar("Key")
Value = TypeVar("Value")


class UnreadableRequest(ValueError):
    """The fields of a request say nothing that can be used; the text says why, for whoever sent them."""


class UnknownTable(UnreadableRequest):
    """The request names a table by a digest that is not, or no longer, known here."""


@dataclass(frozen=True, slots=True)
class HoleRequest:
    """The hole that one request fills. Equal requests start with equal guides."""

    digest: str
    before: str
    after: str
    fenced: bool


def request_fields(
    table: SymbolTable, *, before: str, after: str = "", fenced: bool = False, by_digest: bool = False
) -> dict[str, str | int]:
    """Return the fields to send with a request, as the value of vLLM's `vllm_xargs`.

    With `by_digest` the table is only named, which is for a table that this engine was sent before.
    """
    if by_digest:
        sent = f"{_DIGEST}{table.digest}"
    else:
        sent = _WHOLE + base64.b64encode(zlib.compress(table.encode())).decode("ascii")
    fields: dict[str, str | int] = {TABLE: sent, BEFORE: shortened(before), AFTER: after[:MAX_AFTER]}
    return fields | {FENCED: 1} if fenced else fields


def shortened(before: str) -> str:
    """Return the end of `before` that is short enough to send, beginning with a line of the module's top level.

    What is cut away must not hold the beginning of a string, for then the rest would be read as code. Raises
    `UnreadableRequest` where there is no such line.
    """
    if len(before) <= MAX_BEFORE:
        return before
    for found in _TOP_LEVEL_LINE.finditer(before, len(before) - MAX_BEFORE):
        place = place_at(before, found.start())
        if not place.brackets and place.string_start < 0:
            return before[found.start() :]
    raise UnreadableRequest(
        f"the last {MAX_BEFORE} characters in front of the hole hold no line of the module's top level"
    )


class HoleStore:
    """The tables that requests brought, and the guides at their holes; both bounded, the oldest use goes first.

    A guide at the start of a hole is made once and forked for every sequence, which matters when `n` is more than one.
    """

    def __init__(self, kept_tables: int = KEPT_TABLES, kept_guides: int = KEPT_GUIDES) -> None:
        self._lock = threading.Lock()
        self._tables: OrderedDict[str, SymbolTable] = OrderedDict()
        self._guides: OrderedDict[HoleRequest, Guide] = OrderedDict()
        self._kept_tables, self._kept_guides = kept_tables, kept_guides

    def read(self, fields: Mapping[str, object] | None) -> HoleRequest | None:
        """Return the hole that `fields` tell of, None where they tell of none. Raises `UnreadableRequest`."""
        if not fields or FIELDS.isdisjoint(fields):
            return None
        request = HoleRequest(
            self._table_digest(_text(fields, TABLE, 2 * MAX_BYTES)),
            _text(fields, BEFORE, MAX_BEFORE),
            _text(fields, AFTER, MAX_AFTER),
            _flag(fields, FENCED),
        )
        return request

    def guide(self, request: HoleRequest) -> Guide:
        """Return a guide of one's own at the start of the hole. Raises `UnknownTable`."""
        with self._lock:
            kept = _touched(self._guides, request)
            table = _touched(self._tables, request.digest)
        if kept is None:
            if table is None:
                raise UnknownTable(f"the symbol table {request.digest} is no longer here; send it whole")
            kept = Guide(table, before=request.before, after=request.after, fenced=request.fenced)
            with self._lock:
                _keep(self._guides, request, kept, self._kept_guides)
        return kept.fork()

    def _table_digest(self, sent: str) -> str:
        """Return the digest of the table that was sent, which is kept, or that is named. Raises `UnreadableRequest`."""
        if sent.startswith(_DIGEST):
            digest = sent.removeprefix(_DIGEST)
            with self._lock:
                if _touched(self._tables, digest) is None:
                    raise UnknownTable(f"the symbol table {digest[:64]} is not known here; send it whole")
            return digest
        table = _decoded(sent)
        digest = table.digest
        with self._lock:
            _keep(self._tables, digest, table, self._kept_tables)
        return digest


def _decoded(sent: str) -> SymbolTable:
    if not sent.startswith(_WHOLE):
        raise UnreadableRequest(f"{TABLE} begins with neither {_WHOLE!r} nor {_DIGEST!r}")
    try:
        packed = base64.b64decode(sent.removeprefix(_WHOLE), validate=True)
        inflater = zlib.decompressobj()
        content = inflater.decompress(packed, MAX_BYTES)
    except (ValueError, zlib.error) as error:  # `binascii.Error` is one, and so is what is no ASCII.
        raise UnreadableRequest(f"{TABLE} is no base64 of compressed data: {error}") from error
    if inflater.unconsumed_tail or not inflater.eof:
        raise UnreadableRequest(f"{TABLE} is longer than {MAX_BYTES} bytes, or cut short")
    try:
        return decode_table(content)
    except UnreadableTable as error:
        raise UnreadableRequest(f"{TABLE}: {error}") from error


def _text(fields: Mapping[str, object], name: str, most: int) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise UnreadableRequest(f"{name} must be a string, not {type(value).__name__}")
    if len(value) > most:
        raise UnreadableRequest(f"{name} has {len(value)} characters, more than the {most} that are taken")
    return value


def _flag(fields: Mapping[str, object], name: str) -> bool:
    """Return a flag, which arrives as 0 or 1: vLLM makes numbers of booleans."""
    value = fields.get(name, 0)
    if value not in (0, 1):
        raise UnreadableRequest(f"{name} must be 0 or 1")
    return bool(value)


def _touched(kept: OrderedDict[Key, Value], key: Key) -> Value | None:
    if key in kept:
        kept.move_to_end(key)
    return kept.get(key)


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
