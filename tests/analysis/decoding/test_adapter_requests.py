"""What travels to an engine with a request, and what the engine makes of it."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest

from tracemend.analysis.decoding.adapters.requests import (
    AFTER,
    BEFORE,
    FENCED,
    MAX_BEFORE,
    TABLE,
    HoleStore,
    UnknownTable,
    UnreadableRequest,
    request_fields,
    shortened,
)
from tracemend.analysis.monitors.tables import MAX_BYTES, SymbolTable, TableType

TEXT = SymbolTable((TableType("str", frozenset({"upper", "lower"}), is_open=False),), {"text": 0})
ITEMS = SymbolTable((TableType("list", frozenset({"append"}), is_open=False),), {"items": 0})


def test_what_was_sent_arrives() -> None:
    store = HoleStore()
    fields = request_fields(TEXT, before="x = text.", after="\n", fenced=False)
    request = store.read(fields)
    assert request is not None
    assert (request.before, request.after, request.fenced) == ("x = text.", "\n", False)
    assert store.guide(request).legal == {"upper", "lower"}
    assert all(isinstance(value, str | int) for value in fields.values())


def test_requests_without_our_fields_are_none_of_our_business() -> None:
    assert HoleStore().read(None) is None
    assert HoleStore().read({"somebody_else": 1}) is None


def test_a_table_is_known_by_its_digest_once_it_was_sent() -> None:
    store = HoleStore()
    named = request_fields(TEXT, before="x = text.", by_digest=True)
    with pytest.raises(UnknownTable, match="send it whole"):
        store.read(named)
    store.read(request_fields(TEXT, before="elsewhere"))
    request = store.read(named)
    assert request is not None and store.guide(request).legal == {"upper", "lower"}


def test_the_table_used_longest_ago_is_forgotten_first() -> None:
    store = HoleStore(kept_tables=1, kept_guides=1)
    store.read(request_fields(TEXT, before=""))
    store.read(request_fields(ITEMS, before=""))
    assert store.read(request_fields(ITEMS, before="", by_digest=True)) is not None
    with pytest.raises(UnknownTable):
        store.read(request_fields(TEXT, before="", by_digest=True))


def test_each_sequence_has_a_guide_of_its_own() -> None:
    store = HoleStore()
    request = store.read(request_fields(TEXT, before="x = text."))
    assert request is not None
    first, second = store.guide(request), store.guide(request)
    first.feed(b"upper() + ")
    assert first.legal is None
    assert second.legal == {"upper", "lower"}


@pytest.mark.parametrize(
    "fields",
    [
        {TABLE: 7},
        {TABLE: "upper,lower"},
        {TABLE: "zlib:***"},
        {TABLE: "zlib:" + base64.b64encode(b"not compressed").decode()},
        {TABLE: "zlib:" + base64.b64encode(zlib.compress(b"not a table")).decode()},
        {TABLE: "zlib:" + base64.b64encode(zlib.compress(bytes(MAX_BYTES + 1))).decode()},
        {TABLE: "zlib:" + base64.b64encode(zlib.compress(TEXT.encode())[:-3]).decode()},
        {BEFORE: "text."},
        {**request_fields(TEXT, before=""), BEFORE: "x" * (MAX_BEFORE + 1)},
        {**request_fields(TEXT, before=""), AFTER: ["x"]},
        {**request_fields(TEXT, before=""), FENCED: "yes"},
    ],
)
def test_nonsense_is_refused_in_words(fields: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRequest, match="tracemend_"):
        HoleStore().read(fields)


def test_a_long_text_is_cut_where_no_string_can_have_begun() -> None:
    body = "x = 1\n" * 5000
    text = f'import os\n{body}"""\ndef inside():\n{body}"""\ndef outside():\n{body}'
    text = text[: text.index("def inside")] + "def inside():\n" + body * 2 + '"""\ndef outside():\n' + body
    assert shortened(text).startswith("def outside():")
    assert shortened("short.") == "short."


def test_a_text_that_cannot_be_cut_is_not_sent() -> None:
    with pytest.raises(UnreadableRequest, match="top level"):
        shortened("x = (\n" + "    1,\n" * MAX_BEFORE)
