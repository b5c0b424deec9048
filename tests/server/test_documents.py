"""The document store: equal to the client's text whatever is typed, and silent when it cannot be sure."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsp_wire import edit
from lsprotocol import converters, types
from text_edits import random_edit

from tracemend.analysis.syntax.positions import Encoding, LineIndex
from tracemend.server.clients import ENCODINGS
from tracemend.server.documents import Document, Documents, path_of_uri, split_lines, uri_of_path

URI = "untitled:one"
_converter = converters.get_converter()


def opened(text: str, encoding: Encoding = "utf-16", version: int = 1) -> Documents:
    """Return a store with one document."""
    documents = Documents()
    documents.encoding = encoding
    documents.open(types.TextDocumentItem(URI, "python", version, text))
    return documents


def change(documents: Documents, version: int, *changes: dict[str, Any]) -> str | None:
    """Carry out a `didChange`, and return the text that features see afterwards."""
    params = {"textDocument": {"uri": URI, "version": version}, "contentChanges": changes}
    structured = _converter.structure(params, types.DidChangeTextDocumentParams)
    documents.change(URI, version, structured.content_changes)
    document = documents.get(URI)
    return None if document is None else document.text


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(seed=st.integers(0, 2**32), text=st.text("ab\n\ré𝄞", max_size=30))
@settings(max_examples=40, deadline=None)
def test_the_text_is_the_clients(encoding: Encoding, seed: int, text: str) -> None:
    """LSP 3.17, didChange: the changes of one message apply one after another, each to the state before it."""
    choose = random.Random(seed)
    documents = opened(text, encoding)
    for version in range(2, 8):
        changes = []
        for _ in range(choose.choice((1, 1, 3))):
            made = random_edit(text, encoding, choose)
            changes.append(made.change)
            text = made.after
        assert change(documents, version, *changes) == text


@given(st.text("ab\n\r\f\u2028é", max_size=30))
def test_lines_are_those_of_the_index(text: str) -> None:
    parts = split_lines(text)
    assert "".join(parts) == text
    assert len(parts) == len(LineIndex(text))


@pytest.mark.parametrize(
    "wrong",
    [
        edit((5, 0), (5, 0), "x"),
        edit((0, 1), (5, 0), "x"),
        edit((0, 99), (0, 99), "x"),
        edit((1, 1), (0, 0), "x"),
        edit((2, 1), (2, 1), "x"),
    ],
)
def test_an_impossible_edit_makes_the_document_silent_until_its_whole_text_comes(
    wrong: dict[str, Any],
) -> None:
    documents = opened("ab\ncd\n")
    assert change(documents, 2, wrong) is None
    assert documents.in_step() == {}
    assert change(documents, 3, edit((0, 0), (0, 0), "x")) is None
    assert change(documents, 4, {"text": "all new"}, edit((0, 0), (0, 3), "still")) == "still new"


@pytest.mark.parametrize(
    ("change_event", "after"),
    [
        (edit((3, 0), (3, 0), "x"), "ab\ncd\nx"),  # The line after the last one is the end.
        (edit((0, 0), (99999, 0), "x"), "x"),  # How some clients say "everything".
        (edit((1, 2), (2, 0), ""), "ab\ncd"),
        (edit((0, 2), (0, 2), "\r"), "ab\r\ncd\n"),  # It joins the newline that follows.
    ],
)
def test_edges(change_event: dict[str, Any], after: str) -> None:
    assert change(opened("ab\ncd\n"), 2, change_event) == after


def test_a_newline_after_a_lone_carriage_return_is_one_line_end() -> None:
    documents = opened("a\rb")
    assert change(documents, 2, edit((1, 0), (1, 0), "\n")) == "a\r\nb"
    assert change(documents, 3, edit((1, 1), (1, 1), "c")) == "a\r\nbc"


@pytest.mark.parametrize("version", [4, 5])
def test_an_old_version_is_ignored(version: int) -> None:
    documents = opened("ab", version=5)
    assert change(documents, version, edit((0, 0), (0, 0), "x")) == "ab"
    assert change(documents, 6, edit((0, 0), (0, 0), "x")) == "xab"


def test_a_document_that_was_never_opened() -> None:
    documents = Documents()
    assert documents.change("untitled:two", 2, []) is None
    assert documents.saved("untitled:two", "text") is None
    assert documents.close("untitled:two") is None


def test_a_save_with_the_text_heals() -> None:
    documents = opened("ab")
    assert change(documents, 7, edit((9, 9), (9, 9), "x")) is None
    healed = documents.saved(URI, "the text")
    assert healed is not None and (healed.text, healed.version) == ("the text", 7)
    assert change(documents, 8, edit((0, 0), (0, 3), "a")) == "a text"


def test_a_save_that_overtakes_an_edit_does_not_apply_it_twice() -> None:
    documents = opened("ab")
    documents.saved(URI, "xab")
    assert change(documents, 2, edit((0, 0), (0, 0), "x")) == "xab"


def test_opening_again_replaces() -> None:
    documents = opened("ab", version=9)
    documents.open(types.TextDocumentItem(URI, "python", 1, "new"))
    assert change(documents, 2, edit((0, 3), (0, 3), "er")) == "newer"


@pytest.mark.parametrize("name", ["a b.py", "ä.py", "100%.py", "a;b.py", "a#b?.py", "x[1].py"])
def test_paths_survive_as_uris(tmp_path: Path, name: str) -> None:
    assert path_of_uri(uri_of_path(tmp_path / name)) == (tmp_path / name).resolve()
    assert path_of_uri((tmp_path / name).as_uri()) == (tmp_path / name).resolve()


@pytest.mark.parametrize(
    "uri", ["untitled:a", "file://elsewhere/x.py", "http://[bad", "file:///a%00b", "", "x"]
)
def test_what_is_no_file_has_no_path(uri: str) -> None:
    assert path_of_uri(uri) is None


def test_positions_and_offsets() -> None:
    document = Document(URI, None, 1, "python", split_lines("é𝄞 = 1\n  x = 𝄞\n"), "utf-16")
    assert document.position_at(2) == types.Position(0, 3)
    assert document.offset_at(types.Position(0, 3)) == 2
    assert document.offset_at(types.Position(0, 99)) == 6
    assert document.line_range(2) == types.Range(types.Position(1, 2), types.Position(1, 8))
