"""Completion over the wire: names from the oracle, text from a model. All tests share one session."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from client_profiles import capabilities_of
from lsp_wire import Wire
from openai_server import FAULTS, Asked, Behaviour, OpenAIServer
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
CURSOR = {"line": 3, "character": 11}


@dataclass
class Scene:
    """A client that looks at `shop.to`, and a model that says what a test wants."""

    client: Wire
    root: Path
    server: OpenAIServer
    settings: dict[str, Any]
    says: Behaviour = "tal(2.0)"
    asked: list[Asked] = field(default_factory=list)

    @property
    def uri(self) -> str:
        return (self.root / "main.py").as_uri()

    def names(self) -> list[dict[str, Any]]:
        """Ask which names fit, until the worker has come up and knows."""
        where = {"textDocument": {"uri": self.uri}, "position": CURSOR}
        for _ in range(60):
            found = self.client.call("textDocument/completion", where)
            if not found["isIncomplete"]:
                return list(found["items"])
            time.sleep(0.1)
        raise AssertionError("the worker never answered")

    def inline(self, **context: Any) -> list[dict[str, Any]]:
        """Ask the model."""
        where = {
            "textDocument": {"uri": self.uri},
            "position": CURSOR,
            "context": {"triggerKind": 1, **context},
        }
        return list(self.client.call("textDocument/inlineCompletion", where)["items"])

    def set(self, **changed: Any) -> None:
        """Change settings, and wait until the server has asked for them."""
        self.settings.update(changed)
        self.client.notify("workspace/didChangeConfiguration", {"settings": None})
        self.client.was_asked("workspace/configuration")
        self.client.settle()


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A workspace in which nothing else is at work; its user has configured a model."""
    folder = tmp_path_factory.mktemp("completion")
    project = make_project(folder / "project", PROJECT)
    scene: Scene | None = None

    def say(asked: Asked) -> Behaviour:
        assert scene is not None
        scene.asked.append(asked)
        return scene.says

    environment = {f"XDG_{one}_HOME": str(folder / one.lower()) for one in ("CACHE", "STATE", "CONFIG")}
    with OpenAIServer(say) as server, Wire.start(env=environment) as client:
        settings = {
            "modelBaseUrl": server.base_url,
            "completionTemplate": "plain",
            "completionDelay": 0.01,
            "runOn": "request",
            "staticDiagnostics": False,
        }
        client.answers_to["workspace/configuration"] = lambda params: [settings] * len(params["items"])
        scene = Scene(client, project.root, server, settings)
        client.initialize(project.root, capabilities=capabilities_of("vs code"))
        client.was_asked("workspace/configuration")
        client.open(scene.uri, (project.root / "main.py").read_text())
        yield scene


@pytest.fixture
def scene(session: Scene) -> Scene:
    """The session, as if nothing had happened in it."""
    session.client.forget()
    session.says = "tal(2.0)"
    session.asked.clear()
    return session


def test_a_member_is_offered_described_and_replaced(scene: Scene) -> None:
    first = scene.names()[0]
    assert first["label"] == "total"
    assert first["textEdit"]["replace"] == {"start": {"line": 3, "character": 9}, "end": CURSOR}
    full = scene.client.call("completionItem/resolve", first)
    assert full["detail"] == "def total(rate: float = ...) -> float"
    assert "Return what all of it costs." in full["documentation"]["value"]


def test_unsaved_text_of_another_file_counts_while_it_is_open(scene: Scene) -> None:
    shop = (scene.root / "shop.py").as_uri()
    scene.client.open(shop, "class Shop:\n    def tonight(self): ...\n")
    assert scene.names()[0]["label"] == "tonight"
    scene.client.notify("textDocument/didClose", {"textDocument": {"uri": shop}})
    assert scene.names()[0]["label"] == "total"


def test_what_changes_on_disk_is_read_again(scene: Scene) -> None:
    shop = scene.root / "shop.py"
    before = shop.read_text()
    for text, first in (("class Shop:\n    def tomorrow(self): ...\n", "tomorrow"), (before, "total")):
        shop.write_text(text)
        changes = [{"uri": shop.as_uri(), "type": 2}]
        scene.client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        assert scene.names()[0]["label"] == first


def test_a_model_completes_and_what_is_accepted_is_written_down(scene: Scene) -> None:
    (item,) = scene.inline()
    assert item["insertText"] == "tal(2.0)"
    assert item["range"] == {"start": CURSOR, "end": CURSOR}
    command = {"command": item["command"]["command"], "arguments": item["command"]["arguments"]}
    scene.client.call("workspace/executeCommand", command)
    (journal,) = scene.root.parent.glob("state/tracemend/journal/*/*.jsonl")
    noted = [json.loads(row) for row in journal.read_text().splitlines()][-1]
    assert (noted["what"], noted["path"], noted["text"]) == ("completion accepted", "main.py", "tal(2.0)")
    assert (noted["verdict"], noted["model"]) == ("checked", "scripted")


def test_the_entry_that_the_editors_list_shows_is_gone_on_with(scene: Scene) -> None:
    scene.says = "(2.0)"
    chosen = {"range": {"start": {"line": 3, "character": 9}, "end": CURSOR}, "text": "total"}
    (item,) = scene.inline(selectedCompletionInfo=chosen)
    assert (item["insertText"], item["range"]) == ("total(2.0)", chosen["range"])


def test_an_invented_name_is_never_shown(scene: Scene) -> None:
    scene.says = "tals(2.0)"
    assert all("totals" not in f"to{item['insertText']}" for item in scene.inline())


def test_it_can_be_switched_off(scene: Scene) -> None:
    scene.set(completionNames=False, completionInline=False)
    assert scene.names() == [] and scene.inline() == [] and scene.asked == []
    scene.set(completionNames=True, completionInline=True)
    assert scene.names() and scene.inline()


def test_an_endpoint_that_fails_is_told_once_and_then_left_alone(scene: Scene) -> None:
    """The last test: the endpoint rests from then on."""
    scene.says = FAULTS["401"]
    assert [scene.inline() for _ in range(3)] == [[], [], []]
    (told,) = [one for one in scene.client.messages() if "rests" in one]
    assert "key" in told and len(scene.asked) <= 2
    assert scene.names()[0]["label"] == "total"
