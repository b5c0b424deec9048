"""One whole walk, as an editor makes it: open, break something, save, see why, take the repair, save, all is well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lsp_wire import Wire, at
from lsprotocol import converters
from project_fixture import make_project
from pytest_lsp import client_capabilities

from tracemend.analysis.syntax.edits import TextEdit, apply_edits
from tracemend.analysis.syntax.positions import LineIndex

PROJECT = """
    #- pyproject.toml
    [tool.tracemend]
    max-time = 6
    jobs = 1
    #- shop.py
    def last(items):
        return items[len(items) - 1]
    #- test_shop.py
    from shop import last

    def test_of_three():
        basket = ["pen", "ink", "cap"]
        assert last(basket) == "cap"

    def test_of_one():
        assert last(["pen"]) == "pen"
"""
BROKEN = "def last(items):\n    return items[len(items) - 2]\n"
MINIMAL: dict[str, Any] = {"workspace": {"applyEdit": True}}


class Editor:
    """What an editor holds: the texts, and their versions."""

    def __init__(self, client: Wire, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        client.answers_to["workspace/applyEdit"] = self.apply

    def uri(self, path: str) -> str:
        return (self.folder / path).as_uri()

    def open(self, path: str) -> None:
        uri = self.uri(path)
        self.texts[uri], self.versions[uri] = (self.folder / path).read_text(), 1
        self.client.open(uri, self.texts[uri])

    def write(self, uri: str, text: str) -> None:
        """Change the whole text."""
        self.texts[uri] = text
        self.versions[uri] += 1
        self.client.change(uri, self.versions[uri], {"text": text})

    def save(self, path: str) -> None:
        (self.folder / path).write_text(self.texts[self.uri(path)])
        self.client.save(self.uri(path))

    def apply(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a workspace edit, which must be about the versions that are here."""
        edit = params["edit"]
        changes = [(uri, None, edits) for uri, edits in (edit.get("changes") or {}).items()]
        for one in edit.get("documentChanges") or ():
            changes.append((one["textDocument"]["uri"], one["textDocument"]["version"], one["edits"]))
        for uri, version, edits in changes:
            assert version in (None, self.versions[uri]), "an edit of another version"
            self.write(uri, _edited(self.texts[uri], edits))
        return {"applied": True}

    def actions(self, path: str, line: int) -> list[Any]:
        where = {"start": {"line": line, "character": 4}, "end": {"line": line, "character": 4}}
        document = {"uri": self.uri(path)}
        params = {"textDocument": document, "range": where, "context": {"diagnostics": []}}
        return self.client.call("textDocument/codeAction", params) or []


@pytest.fixture(params=["visual-studio-code", "minimal"])
def editor(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Editor]:
    project = make_project(tmp_path / "project", PROJECT)
    capabilities = MINIMAL
    if request.param != "minimal":
        capabilities = converters.get_converter().unstructure(client_capabilities(request.param))
    with Wire.start(env={"XDG_CACHE_HOME": str(tmp_path / "cache")}) as client:
        client.initialize(project.root, capabilities=capabilities)
        yield Editor(client, project.root)


def test_the_story(editor: Editor) -> None:
    client = editor.client
    editor.open("shop.py")
    editor.open("test_shop.py")
    client.heard("tracemend/status", lambda status: status["message"] == "2 passed")

    editor.write(editor.uri("shop.py"), BROKEN)
    editor.save("shop.py")
    (failure,) = client.diagnostics(editor.uri("test_shop.py"), lambda found: "basket" in str(found))
    assert failure["range"]["start"] == {"line": 4, "character": 4}
    assert "test_of_three fails: AssertionError: assert 'ink' == 'cap'" in failure["message"]
    assert "with basket = ['pen', 'ink', 'cap']" in failure["message"]
    client.diagnostics(editor.uri("shop.py"), lambda found: "Suspected of" in str(found))

    assert titles_of_lenses(editor, "test_shop.py")[0] == "Run (failed)"
    shown = client.call("textDocument/inlayHint", {**whole(editor.uri("shop.py"))})
    assert [one["label"] for one in shown] == ["items = ['pen', 'ink', 'cap']", "returns 'ink'"]
    hover = client.call("textDocument/hover", at(editor.uri("shop.py"), 1, 6))
    assert "'ink'" in hover["contents"]["value"]

    client.heard("tracemend/status", lambda status: status["folders"][0]["repairable"] == 1)
    take_the_repair(editor)
    editor.save("shop.py")
    client.diagnostics(editor.uri("test_shop.py"), lambda found: not found)
    client.diagnostics(editor.uri("shop.py"), lambda found: not found)
    client.heard("tracemend/status", lambda status: status["message"] == "2 passed")
    assert client.call("textDocument/inlayHint", whole(editor.uri("shop.py"))) in (None, [])


def take_the_repair(editor: Editor) -> None:
    """Choose the first action at the assertion, in the way that the client can."""
    first = editor.actions("test_shop.py", 4)[0]
    assert first["title"].startswith("Repair: ") and "mends test_of_three, 2 tests pass" in first["title"]
    if isinstance(first.get("command"), str):
        params = {"command": first["command"], "arguments": first["arguments"]}
        assert editor.client.call("workspace/executeCommand", params) == {"applied": True}
        return
    resolved = editor.client.call("codeAction/resolve", first)
    editor.apply({"edit": resolved["edit"]})


def titles_of_lenses(editor: Editor, path: str) -> list[str]:
    lenses = editor.client.call("textDocument/codeLens", {"textDocument": {"uri": editor.uri(path)}})
    return [editor.client.call("codeLens/resolve", one)["command"]["title"] for one in lenses]


def whole(uri: str) -> dict[str, Any]:
    """Return the params that name all of a document."""
    everywhere = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    return {"textDocument": {"uri": uri}, "range": everywhere}


def _edited(text: str, edits: list[Any]) -> str:
    lines = LineIndex(text)

    def offset(position: Mapping[str, int]) -> int:
        return lines.from_position(position["line"], position["character"])

    return apply_edits(
        text,
        [
            TextEdit(offset(one["range"]["start"]), offset(one["range"]["end"]), one["newText"])
            for one in edits
        ],
    )
