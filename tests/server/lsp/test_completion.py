"""Completion of names over the wire."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from client_profiles import capabilities_of
from lsp_wire import Wire
from project_fixture import make_project

PROJECT = '''
    #- shop.py
    class Shop:
        def total(self, rate: float = 1.0) -> float:
            """Return what all of it costs."""
            return rate
    #- main.py
    from shop import Shop

    def run(shop: Shop) -> None:
        shop.to
'''


@pytest.mark.parametrize("profile", ["vs code", "minimal"])
def test_names_are_offered_described_and_replaced(profile: str, tmp_path: Path) -> None:
    """One session a profile, in an untrusted workspace, so that nothing else is at work."""
    project = make_project(tmp_path / "project", PROJECT)
    main, shop = project.root / "main.py", (project.root / "shop.py").as_uri()
    with Wire.start(env={"XDG_CACHE_HOME": str(tmp_path / "cache")}) as client:
        client.initialize(project.root, capabilities=capabilities_of(profile), options={"trusted": False})
        client.open(main.as_uri(), main.read_text())
        first = complete(client, main.as_uri())[0]
        check_item(client, first)
        # The unsaved text of another file counts, as long as it is open.
        client.open(shop, "class Shop:\n    def tonight(self): ...\n")
        assert labels(client, main.as_uri())[0] == "tonight"
        client.notify("textDocument/didClose", {"textDocument": {"uri": shop}})
        assert labels(client, main.as_uri())[0] == "total"
        # Where another server does it already, it is switched off.
        settings = {"completionNames": False}
        client.answers_to["workspace/configuration"] = lambda params: [settings] * len(params["items"])
        client.notify("workspace/didChangeConfiguration", {"settings": {"tracemend": settings}})
        client.settle()
        assert complete(client, main.as_uri()) == []


def check_item(client: Wire, item: dict[str, Any]) -> None:
    """The member replaces what is typed of it, and says what it is when it is looked at."""
    assert item["label"] == "total"
    change = item["textEdit"]
    replaced = change.get("range") or change["replace"]
    assert replaced == {"start": {"line": 3, "character": 9}, "end": {"line": 3, "character": 11}}
    full = client.call("completionItem/resolve", item)
    assert full["detail"] == "def total(rate: float = ...) -> float"
    assert "Return what all of it costs." in full["documentation"]["value"]


def labels(client: Wire, uri: str) -> list[str]:
    """Return what is offered behind `shop.to`."""
    return [one["label"] for one in complete(client, uri)]


def complete(client: Wire, uri: str) -> list[dict[str, Any]]:
    """Ask what is offered behind `shop.to`, until the worker has come up and knows."""
    where = {"textDocument": {"uri": uri}, "position": {"line": 3, "character": 11}}
    for _ in range(60):
        found = client.call("textDocument/completion", where)
        if not found["isIncomplete"]:
            return list(found["items"])
        time.sleep(0.1)
    raise AssertionError("the worker never answered")
