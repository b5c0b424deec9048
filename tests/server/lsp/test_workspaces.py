"""Folders, settings, trust and runners, with real tests in real projects, as a client sees them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from client_profiles import capabilities_of
from lsp_wire import TIMEOUT_S, Wire
from project_fixture import project_files

BROKEN = "def total(xs):\n    return sum(xs) + 1\n"
MENDED = "def total(xs):\n    return sum(xs)\n"
SHOP = """
    #- pyproject.toml
    [tool.pytest.ini_options]
    #- shop.py
    def total(xs):
        return sum(xs) + 1
    #- test_shop.py
    from shop import total

    def test_total():
        assert total([1, 2]) == 3
"""


def write(folder: Path, snippet: str) -> Path:
    """Write a project and return its folder."""
    for path, text in project_files(snippet).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder.resolve()


def home(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing is remembered."""
    return {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}


def status(client: Wire, matching: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait until the status of the only folder is as wanted."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        folders = client.call("workspace/executeCommand", {"command": "tracemend.status"})["folders"]
        if folders and matching(folders[0]):
            found: dict[str, Any] = folders[0]
            return found
        assert time.monotonic() < deadline, folders
        time.sleep(0.05)


def descendants(pid: int) -> set[int]:
    """Return all processes below `pid`."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found |= {child} | descendants(child)
    return found


class Shop:
    """A session with one project that fails."""

    def __init__(self, client: Wire, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.code = (folder / "shop.py").as_uri()
        self.test = (folder / "test_shop.py").as_uri()
        self.version = 1
        self.settings: dict[str, Any] = {}

    def save(self, text: str) -> None:
        """Type `text` and save it, once nothing of the state before is on its way any more."""
        self.version += 1
        self.client.notifications.clear()
        (self.folder / "shop.py").write_text(text)
        self.client.change(self.code, self.version, {"text": text})
        self.client.save(self.code)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The session that the next tests share, with a client that can do most things but pull."""
    folder = write(tmp_path_factory.mktemp("shop"), SHOP)
    with Wire.start(env=home(tmp_path_factory.mktemp("home"))) as client:
        shop = Shop(client, folder)
        client.answers_to["workspace/configuration"] = lambda params: [shop.settings for _ in params["items"]]
        client.initialize(folder, capabilities=capabilities_of("vs code"))
        client.open(shop.code, BROKEN)
        yield shop


def test_the_first_run_is_announced_once(session: Shop) -> None:
    told = session.client.heard("window/showMessage")["message"]
    assert str(session.folder) in told and "-m pytest" in told and "sandbox" in told
    assert session.client.heard("window/logMessage")["message"] in told


def test_a_failure_appears_goes_and_comes_again_with_each_save(session: Shop) -> None:
    client = session.client
    assert "assert 4 == 3" in client.diagnostics(session.test)[0]["message"]
    session.save(MENDED)
    client.diagnostics(session.test, lambda found: not found)
    session.save(BROKEN)
    assert client.diagnostics(session.test)[0]["severity"] == 1
    assert client.messages() == []


def test_a_document_that_is_pulled_is_not_pushed_too(session: Shop) -> None:
    client = session.client
    client.diagnostics(session.code)
    client.notifications.clear()
    pulled = client.call("textDocument/diagnostic", {"textDocument": {"uri": session.code}})
    assert pulled["kind"] == "full" and pulled["items"]
    assert client.diagnostics(session.code, lambda found: not found) == []
    known = {"textDocument": {"uri": session.code}, "previousResultId": pulled["resultId"]}
    assert client.call("textDocument/diagnostic", known)["kind"] == "unchanged"
    session.save(MENDED)
    client.was_asked("workspace/diagnostic/refresh")
    assert client.call("textDocument/diagnostic", known)["items"] == []


def test_a_file_that_changes_on_disk_counts(session: Shop) -> None:
    client = session.client
    text = (session.folder / "test_shop.py").read_text()
    session.save(MENDED)
    status(client, lambda one: one["passed"] == 1 and one["phase"] == "idle")
    (session.folder / "test_shop.py").write_text(text.replace("== 3", "== 5"))
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": session.test, "type": 2}]})
    assert "assert 3 == 5" in client.diagnostics(session.test)[0]["message"]
    (session.folder / "test_shop.py").write_text(text)
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": session.test, "type": 2}]})
    client.diagnostics(session.test, lambda found: not found)


def test_settings_change_while_it_runs_and_bad_ones_are_told_once(session: Shop) -> None:
    client = session.client
    session.save(MENDED)
    status(client, lambda one: one["passed"] == 1 and one["phase"] == "idle")
    client.forget()
    session.settings = {"runOn": "request", "jobs": "many"}
    for _ in range(2):
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        client.was_asked("workspace/configuration")
    assert len([one for one in client.messages() if "jobs takes a whole number" in one]) == 1
    session.save(BROKEN)
    assert status(client, lambda one: one["stale"] == 1)["failed"] == 0
    client.call("workspace/executeCommand", {"command": "tracemend.runAll"})
    client.diagnostics(session.test)
    session.settings = {}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.was_asked("workspace/configuration")


def test_a_runner_that_is_killed_is_replaced(session: Shop) -> None:
    client = session.client
    session.save(MENDED)
    status(client, lambda one: one["passed"] == 1 and one["phase"] == "idle")
    for pid in descendants(client.process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    session.save(BROKEN)
    assert client.diagnostics(session.test)
    session.save(MENDED)
    client.diagnostics(session.test, lambda found: not found)


def test_trust_that_is_taken_back_ends_everything(session: Shop) -> None:
    client = session.client
    status(client, lambda one: one["phase"] == "idle")
    client.notifications.clear()
    client.notify("tracemend/didChangeTrust", {"trusted": False})
    status(client, lambda one: one["phase"] == "stopped" and not one["trusted"])
    session.save(BROKEN)
    client.notify("tracemend/didChangeTrust", {"trusted": True})
    client.diagnostics(session.test)


# Sessions of their own.


@pytest.mark.parametrize("said", [{"trusted": False}, {"settings": {"trusted": False}}])
def test_nothing_of_an_untrusted_workspace_is_executed(tmp_path: Path, said: Any) -> None:
    folder = write(tmp_path / "shop", SHOP)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ntouch {tmp_path}/executed\n")
    python.chmod(0o755)
    (folder / "conftest.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')\n")
    with Wire.start(env=home(tmp_path)) as client:
        client.initialize(folder, options=said)
        uri = (folder / "shop.py").as_uri()
        client.open(uri, BROKEN)
        client.save(uri)
        assert not status(client, lambda one: True)["trusted"]
        client.request("workspace/executeCommand", {"command": "tracemend.runAll"})
        client.settle()
    assert not (tmp_path / "executed").exists()


def test_two_folders(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a", SHOP), write(tmp_path / "b", SHOP)
    with Wire.start(env=home(tmp_path)) as client:
        client.initialize(folders=[first, second], capabilities=capabilities_of("neovim 0.11"))
        for folder in (first, second):
            client.diagnostics((folder / "test_shop.py").as_uri())
        removed = [{"uri": second.as_uri(), "name": "b"}]
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": removed}})
        client.diagnostics((second / "test_shop.py").as_uri(), lambda found: not found)
        assert len(client.call("workspace/executeCommand", {"command": "tracemend.status"})["folders"]) == 1


def test_a_thousand_files(tmp_path: Path) -> None:
    """All of them open, as after a search in the whole workspace."""
    folder = write(tmp_path / "shop", SHOP)
    modules = [folder / f"part_{number // 100}" / f"module_{number}.py" for number in range(1000)]
    for module in modules:
        module.parent.mkdir(exist_ok=True)
        module.write_text(MENDED)
    with Wire.start(env=home(tmp_path)) as client:
        client.initialize(folder, capabilities=capabilities_of("neovim 0.7"))
        for module in modules:
            client.open(module.as_uri(), MENDED)
        client.settle()
        assert client.diagnostics((folder / "test_shop.py").as_uri())
        assert client.messages() != []  # The announcement of the first run, and nothing went wrong.


def test_a_project_with_broken_settings_is_told_and_started_once_they_are_right(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", SHOP)
    settings = folder / "pyproject.toml"
    settings.write_text("[tool.tracemend]\njobs = 0\n")
    with Wire.start(env=home(tmp_path)) as client:
        client.initialize(folder, capabilities=capabilities_of("emacs"))
        assert "jobs takes a whole number" in client.heard("window/showMessage")["message"]
        assert status(client, lambda one: bool(one["message"]))["phase"] == "stopped"
        settings.write_text("[tool.tracemend]\njobs = 1\n")
        client.save(settings.as_uri())
        client.diagnostics((folder / "test_shop.py").as_uri())


def test_a_file_without_a_folder_brings_its_project(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", SHOP)
    with Wire.start(env=home(tmp_path)) as client:
        client.initialize()
        client.open((folder / "shop.py").as_uri(), BROKEN)
        client.diagnostics((folder / "test_shop.py").as_uri())
