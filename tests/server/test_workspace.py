"""The settings of folders, asked of a client that answers when it likes, or never."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tracemend.server.clients import ClientFeatures
from tracemend.server.session import Session
from tracemend.server.workspace import Workspace


class Client:
    """A link and a loop that keep what they are given, for the test to carry out."""

    def __init__(self) -> None:
        self.answers: list[
            Callable[[Any], None]
        ] = []  # How each question for settings is answered, in their order.
        self.timers: list[Callable[[], None]] = []  # What happens where none of them is.

    def request_then(self, method: str, params: Any, then: Callable[[Any], None]) -> None:
        self.answers.append(then)

    def call_later(self, delay_s: float, action: Callable[..., None], *arguments: Any) -> SimpleNamespace:
        self.timers.append(lambda: action(*arguments))
        return SimpleNamespace(cancel=lambda: None)  # As where the time is up before the answer is looked at.


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Client, Workspace, list[Any]]]:
    client: Any = Client()
    session = Session(client)
    session.client = ClientFeatures(configuration=True)
    workspace, applied = Workspace(session, client, client, client), []
    monkeypatch.setattr(workspace, "_apply", lambda folder, editor: applied.append(dict(editor.values)))
    workspace.open_folders([(tmp_path.as_uri(), "shop")])
    yield client, workspace, applied
    for folder in session.folders.values():
        folder.close()


def test_what_was_asked_again_is_not_overwritten_by_the_end_of_the_older_question(
    scene: tuple[Client, Workspace, list[Any]],
) -> None:
    client, workspace, applied = scene
    workspace.push_settings(None)
    client.answers[1]([{"trusted": False}])
    client.timers[0]()
    client.answers[0]([{"trusted": True}])
    assert applied == [{"trusted": False}]


def test_a_late_answer_counts(scene: tuple[Client, Workspace, list[Any]]) -> None:
    client, _, applied = scene
    client.timers[0]()
    client.answers[0]([{"trusted": False}])
    assert applied == [{}, {"trusted": False}]
