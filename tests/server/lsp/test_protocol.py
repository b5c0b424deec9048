"""Each gap that was measured in pygls 2.1.1, and that it is closed; over the wire, as an editor would see it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from lsp_wire import Wire, at

from tracemend.server.problems import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    REQUEST_CANCELLED,
    SERVER_NOT_INITIALIZED,
)

HOVER = "textDocument/hover"
EXECUTE = "workspace/executeCommand"


@pytest.fixture(scope="module")
def session() -> Iterator[Wire]:
    """A session that these tests share; whatever one of them does to it, the next one must still be served."""
    with Wire.start() as wire:
        wire.initialize(capabilities={"window": {"workDoneProgress": True}})
        yield wire


@pytest.fixture
def client(session: Wire) -> Wire:
    """The shared session with nothing left of the test before."""
    session.forget()
    return session


def waiting(client: Wire, count: int) -> None:
    """Let the server get on until that many jobs are at work."""
    while client.call("test/state")["waiting"] != count:
        pass


# Requests that cannot be served.

MALFORMED = {
    "no params": (HOVER, None),
    "params that are a number": (HOVER, 3),
    "a list for an object": (HOVER, []),
    "a missing member": (HOVER, {"textDocument": {"uri": "file:///secret.py"}}),
    "a text for a number": (HOVER, {"textDocument": {"uri": "u"}, "position": {"line": "x", "character": 0}}),
    "a negative line": (HOVER, at("u", -1)),
    "a command that is no text": (EXECUTE, {"command": {}}),
    "an unknown command": (EXECUTE, {"command": "no.such"}),
}


@pytest.mark.parametrize(("method", "params"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_params_are_answered(client: Wire, method: str, params: Any) -> None:
    error = client.error(method, params)
    assert error["code"] == INVALID_PARAMS
    assert "secret" not in json.dumps(error) and "Traceback" not in json.dumps(error)


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("textDocument/nonsense", METHOD_NOT_FOUND),
        ("$/nonsense", METHOD_NOT_FOUND),
        ("test/refusing", INVALID_PARAMS),
        ("test/broken", INTERNAL_ERROR),
        ("test/unwritable", INTERNAL_ERROR),
        ("initialize", INVALID_REQUEST),
    ],
)
def test_errors(client: Wire, method: str, code: int) -> None:
    error = client.error(method, {"processId": None, "rootUri": None, "capabilities": {}})
    assert error["code"] == code
    assert "data" not in error and "secret" not in error["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", PARSE_ERROR),
        (b"\xff\xfe", PARSE_ERROR),
        (b"[" * 100_000, PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b"3", INVALID_REQUEST),
        (b'{"id": 1, "method": "test/nothing"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "test/nothing"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "method": 3}', INVALID_REQUEST),
    ],
)
def test_what_is_no_message_is_refused(client: Wire, body: bytes, code: int) -> None:
    client.send_bytes(body)
    assert client.answer(None)["error"]["code"] == code
    del client._answers[None]
    client.settle()


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/didOpen", {"textDocument": 3}),
        ("textDocument/didChange", {"textDocument": {"uri": "file:///never/opened.py", "version": 2}}),
        ("textDocument/didSave", None),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": 3, "type": 99}]}),
        ("notebookDocument/didOpen", {}),
        ("$/setTrace", {"value": "verbose"}),
        ("tracemend/nonsense", [1, 2]),
        ("$/cancelRequest", {"id": "no such request"}),
        ("$/cancelRequest", 3),
        ("window/workDoneProgress/cancel", {"token": "no such token"}),
    ],
)
def test_odd_notifications_do_no_harm_and_nobody_is_told(client: Wire, method: str, params: Any) -> None:
    client.notify(method, params)
    assert client.messages() == []


def test_an_answer_that_nobody_asked_for_is_dropped(client: Wire) -> None:
    client.send({"id": "never asked", "result": 3})
    client.send({"id": [], "error": {"code": 1, "message": "x"}})
    assert client.messages() == []


def test_the_id_of_a_running_request_is_not_used_twice(client: Wire) -> None:
    running = client.request("test/wait")
    client.send({"id": running, "method": "test/nothing"})
    assert client.answer(running)["error"]["code"] == INVALID_REQUEST
    del client._answers[running]
    client.cancel(running)
    assert client.answer(running)["error"]["code"] == REQUEST_CANCELLED


# Cancelling.


@pytest.mark.parametrize(
    ("method", "params"),
    [("test/wait", {}), (EXECUTE, {"command": "test.wait"}), (EXECUTE, {"command": "test.child"})],
    ids=["feature", "command", "child process"],
)
def test_cancelling_reaches_running_work(client: Wire, method: str, params: Any) -> None:
    waiting(client, 0)
    running = client.request(method, params)
    waiting(client, 1)
    client.cancel(running)
    assert client.answer(running)["error"]["code"] == REQUEST_CANCELLED
    waiting(client, 0)


def test_a_storm_of_cancelled_requests(client: Wire) -> None:
    """More than there are workers, so that most are cancelled while they wait for their turn."""
    running = [client.request("test/wait") for _ in range(300)]
    for message_id in running[::2] + running[1::2]:
        client.cancel(message_id)
    assert {client.answer(one)["error"]["code"] for one in running} == {REQUEST_CANCELLED}
    waiting(client, 0)


def test_fast_requests_are_served_while_all_workers_are_busy(client: Wire) -> None:
    running = [client.request("test/wait") for _ in range(10)]
    waiting(client, 4)
    assert client.call("test/nothing") is None
    for message_id in running:
        client.cancel(message_id)
    waiting(client, 0)


def test_progress_is_shown_and_its_cancel_button_works(client: Wire) -> None:
    running = client.request(EXECUTE, {"command": "test.wait"})
    token = client.was_asked("window/workDoneProgress/create")["params"]["token"]
    kinds = [client.heard("$/progress")["value"]["kind"] for _ in range(2)]
    client.notify("window/workDoneProgress/cancel", {"token": token})
    assert client.answer(running)["error"]["code"] == REQUEST_CANCELLED
    assert kinds == ["begin", "report"]
    client.heard("$/progress", lambda params: params["value"]["kind"] == "end")


def test_progress_uses_the_token_of_the_client(client: Wire) -> None:
    running = client.request(EXECUTE, {"command": "test.wait", "workDoneToken": "mine"})
    client.heard("$/progress", lambda params: params["token"] == "mine")
    client.cancel(running)


def test_a_worker_asks_the_client(client: Wire) -> None:
    client.answers_to["test/question"] = lambda params: {"heard": params}
    assert client.call(EXECUTE, {"command": "test.ask", "arguments": [1, "two"]}) == {"heard": [1, "two"]}


def test_a_question_is_given_up_with_its_request(client: Wire) -> None:
    client.answers_to["test/question"] = lambda params: client.cancel(running)
    running = client.request(EXECUTE, {"command": "test.ask"})
    assert client.answer(running)["error"]["code"] == REQUEST_CANCELLED
    assert client.messages() == []


def test_what_is_printed_does_not_break_the_protocol(client: Wire) -> None:
    """Neither by the server itself nor by a process that it starts."""
    assert client.call("test/print") is None
    client.settle()


# The life of a session.


def test_before_initialize_and_a_client_newer_than_our_types() -> None:
    """An enumeration value that LSP did not have costs that capability, not the session."""
    novel = {"workspace": {"symbol": {"symbolKind": {"valueSet": [1, 9999]}}}, "novel": {"thing": [1]}}
    with Wire.start() as client:
        assert client.error(HOVER, at("u"))["code"] == SERVER_NOT_INITIALIZED
        assert client.error("shutdown")["code"] == SERVER_NOT_INITIALIZED
        client.open("untitled:a", "x")
        client.initialize(capabilities=novel)
        assert client.text("untitled:a") is None


def test_after_shutdown() -> None:
    with Wire.start() as client:
        client.initialize()
        client.call("shutdown")
        assert client.error(HOVER, at("u"))["code"] == INVALID_REQUEST
        assert client.error("initialize", {"capabilities": {}})["code"] == INVALID_REQUEST
        client.open("untitled:a", "x")
        client.notify("exit")
        assert client.process.wait(10) == 0


@pytest.mark.parametrize(("shutdown", "code"), [(True, 0), (False, 1)])
def test_leaving_with_work_in_flight(shutdown: bool, code: int) -> None:
    """Jobs that listen, one that does not, and a question that the client never answers."""
    with Wire.start() as client:
        client.initialize()
        commands = ["test.wait", "test.child", "test.deaf"]
        running = [client.request(EXECUTE, {"command": one}) for one in commands]
        waiting(client, 3)
        running.append(client.request("test/wait"))
        assert client.leave(shutdown=shutdown) == code
        if shutdown:
            assert {client.answer(one)["error"]["code"] for one in running} == {REQUEST_CANCELLED}
        else:
            client._sent.clear()  # An exit without shutdown asks for no answers.


def test_the_end_of_the_input_is_the_end() -> None:
    with Wire.start() as client:
        client.initialize()
        client.process.stdin.close()  # type: ignore[union-attr]
        assert client.process.wait(10) == 1


def test_the_death_of_the_editor_is_noticed() -> None:
    """Its end of the pipe stays open here, in this process."""
    editor = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with Wire.start() as client:
        client.call("initialize", {"processId": editor.pid, "rootUri": None, "capabilities": {}})
        os.kill(editor.pid, signal.SIGKILL)
        editor.wait()
        assert client.process.wait(10) == 1


def test_the_log_holds_no_document(tmp_path: Any) -> None:
    log = tmp_path / "server.log"
    with Wire.start("--log-level", "debug", "--log-file", str(log)) as client:
        client.initialize()
        client.open("untitled:a", "the secret text = 1")
        client.change("untitled:a", 2, {"text": "another secret"})
        client.change("untitled:a", 3, {"range": 3, "text": "a third secret"})
        client.error("test/broken")
    text = log.read_text()
    assert "KeyError" in text  # What the client is not told stands here.
    assert "secret text" not in text and "another secret" not in text and "third secret" not in text
