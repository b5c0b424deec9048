"""Static findings over the wire: shown, fixed, and gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsp_wire import Wire, edit
from project_fixture import make_project

PROJECT = """
    #- shop.py
    def total(amounts):
        return sum(amonts)
"""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Wire]:
    """An untrusted workspace, so that nothing but the review is at work."""
    project = make_project(tmp_path / "project", PROJECT)
    literals = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}}
    capabilities = {"textDocument": {"codeAction": literals}}
    with Wire.start(env={"XDG_CACHE_HOME": str(tmp_path / "cache")}) as client:
        client.initialize(project.root, capabilities=capabilities, options={"trusted": False})
        yield client


def test_a_name_that_does_not_exist_is_marked_and_mended(client: Wire, tmp_path: Path) -> None:
    path = tmp_path / "project" / "shop.py"
    uri = path.as_uri()
    client.open(uri, path.read_text())
    (found,) = client.diagnostics(uri)
    assert (found["source"], found["code"], found["range"]["start"]) == (
        "tracemend static",
        "undefined-name",
        {"line": 1, "character": 15},
    )
    client.change(uri, 2, edit((0, 0), (0, 0), "# A comment above.\n"))
    client.save(uri)
    client.diagnostics(uri, lambda now: bool(now) and now[0]["range"]["start"]["line"] == 2)

    where = {"start": {"line": 2, "character": 16}, "end": {"line": 2, "character": 16}}
    params = {"textDocument": {"uri": uri}, "range": where, "context": {"diagnostics": []}}
    (fix,) = client.call("textDocument/codeAction", params)
    assert fix["title"] == "Change to 'amounts'"
    (change,) = fix["edit"]["changes"][uri]
    client.change(uri, 3, {"range": change["range"], "text": change["newText"]})
    client.save(uri)
    client.diagnostics(uri, lambda now: not now)
    assert client.text(uri) == "# A comment above.\ndef total(amounts):\n    return sum(amounts)\n"


def test_what_changes_on_disk_decides_about_what_is_open(client: Wire, tmp_path: Path) -> None:
    helper = tmp_path / "project" / "helper.py"
    path = tmp_path / "project" / "use.py"
    client.open(path.as_uri(), "from helper import *\n\ntotal = amounts\n")
    for text, count in (("other = 1\n", 1), ("amounts = 1\n", 0), ("other = 2\n", 1)):
        is_new = not helper.exists()
        helper.write_text(text)
        changes = [{"uri": helper.as_uri(), "type": 1 if is_new else 2}]
        client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        client.diagnostics(path.as_uri(), lambda now, count=count: len(now) == count)  # type: ignore[misc]
