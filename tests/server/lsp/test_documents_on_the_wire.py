"""Documents as a client sees them: its text is ours, or we say nothing about it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from lsp_wire import Wire, at, edit
from text_edits import random_edit

ENCODINGS = {"utf-8": ["utf-8", "utf-16"], "utf-16": None, "utf-32": ["utf-7", "utf-32"]}


@pytest.fixture(scope="module")
def client() -> Iterator[Wire]:
    """A session without folders."""
    with Wire.start() as wire:
        wire.initialize()
        yield wire


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_random_edits(encoding: str) -> None:
    """Several documents at once, several changes in a message, requests in between."""
    choose = random.Random(encoding)
    with Wire.start() as client:
        general = {"positionEncodings": ENCODINGS[encoding]} if ENCODINGS[encoding] else {}
        offered = client.initialize(capabilities={"general": general})
        assert offered["capabilities"]["positionEncoding"] == encoding
        texts = {f"untitled:{number}": "def f():\r\n    return '𝄞é'\n" for number in range(3)}
        for uri, text in texts.items():
            client.open(uri, text)
        for version in range(2, 150):
            uri = choose.choice(sorted(texts))
            made = random_edit(texts[uri], encoding, choose)
            again = random_edit(made.after, encoding, choose)
            client.change(uri, version, made.change, again.change)
            texts[uri] = again.after
            if version % 10 == 0:
                assert client.text(uri) == texts[uri]
        assert {uri: client.text(uri) for uri in texts} == texts


def test_an_out_of_order_change_is_harmless(client: Wire) -> None:
    client.open("untitled:order", "a", version=5)
    client.change("untitled:order", 9, edit((0, 0), (0, 0), "x"))
    client.change("untitled:order", 3, edit((0, 0), (0, 0), "y"))
    assert client.text("untitled:order") == "xa"
    assert client.messages() == []


def test_a_document_that_was_never_opened(client: Wire) -> None:
    client.change("file:///never/opened.py", 2, {"text": "x"})
    client.save("file:///never/opened.py")
    client.notify("textDocument/didClose", {"textDocument": {"uri": "file:///never/opened.py"}})
    assert client.text("file:///never/opened.py") is None
    assert client.call("textDocument/hover", at("file:///never/opened.py")) is None
    assert client.messages() == []


@pytest.mark.parametrize("bad", [edit((7, 0), (7, 0), "x"), {"range": None, "text": "x"}, {"text": 3}, 3])
def test_an_edit_that_cannot_be_meant_silences_the_document_until_it_is_whole_again(
    client: Wire, bad: Any
) -> None:
    client.open("untitled:step", "a")
    client.change("untitled:step", 2, bad)
    assert client.text("untitled:step") is None
    assert client.call("textDocument/hover", at("untitled:step")) is None
    document = {"uri": "untitled:step"}
    client.notify("textDocument/didSave", {"textDocument": document, "text": "saved"})
    assert client.text("untitled:step") == "saved"
    assert client.messages() == []


def test_inside_of_a_surrogate_pair(client: Wire) -> None:
    client.open("untitled:pair", "𝄞b")
    client.change("untitled:pair", 2, edit((0, 1), (0, 1), "x"))
    assert client.text("untitled:pair") in ("x𝄞b", None)


def test_notebooks_are_left_alone(client: Wire) -> None:
    cell = "vscode-notebook-cell:/n.ipynb#1"
    client.notify(
        "notebookDocument/didOpen",
        {
            "notebookDocument": {
                "uri": "file:///n.ipynb",
                "notebookType": "jupyter-notebook",
                "version": 1,
                "cells": [{"kind": 2, "document": cell}],
            },
            "cellTextDocuments": [{"uri": cell, "languageId": "python", "version": 1, "text": "x"}],
        },
    )
    client.open(cell, "x = 1")
    assert client.call("textDocument/hover", at(cell)) is None
    assert client.messages() == []
