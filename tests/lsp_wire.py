"""A client that speaks raw JSON-RPC with a real server process, and keeps the books.

    with Wire.start() as client:
        client.initialize(folder)
        answer = client.call("textDocument/hover", {...})

It sends what it is told to, well formed or not, answers what the server asks, and when it is closed it fails the test
unless each of its requests had exactly one answer and no answer came that was not asked for. Every answer with a result
must be what lsprotocol says the method returns.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import converters, types

TIMEOUT_S = 120.0
PROGRAM = "import lsp_test_features; from tracemend.server.cli.main import main; main()"

_converter = converters.get_converter()


class Wire:
    """One connection."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.answers_to: dict[str, Callable[[Any], Any]] = {  # What to answer the server's requests.
            types.WORKSPACE_CONFIGURATION: lambda params: [None] * len(params["items"])
        }
        self.notifications: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []  # Requests of the server.
        self.capabilities: dict[str, Any] = {}
        self._writer = writer
        self._reader = reader
        self._arrived: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._next_id = 0
        self._sent: dict[int | str | None, str] = {}
        self._answers: dict[int | str | None, dict[str, Any]] = {}
        threading.Thread(target=self._read, daemon=True).start()

    @classmethod
    @contextmanager
    def start(
        cls,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        program: str = PROGRAM,
    ) -> Iterator[Wire]:
        """Start a server on its standard streams; at the end let it leave as the protocol has it, or kill it."""
        process = start_server(*arguments, env=env, program=program)
        assert process.stdin is not None and process.stdout is not None
        client = cls(process.stdout, process.stdin, process)
        try:
            yield client
            if process.poll() is None:
                client.leave()
            client.check_books()
        finally:
            process.kill()
            process.wait(TIMEOUT_S)
            process.stdin.close()
            process.stdout.close()

    # Sending.

    def send_bytes(self, body: bytes) -> None:
        """Send a body that may be no message at all."""
        self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._writer.flush()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message as it is."""
        self.send_bytes(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def request(self, method: str, params: Any = None) -> int:
        """Send a request and return its id."""
        self._next_id += 1
        self._sent[self._next_id] = method
        message = {"id": self._next_id, "method": method}
        self.send(message if params is None else {**message, "params": params})
        return self._next_id

    def cancel(self, message_id: int) -> None:
        """Ask for a request to be cancelled."""
        self.notify("$/cancelRequest", {"id": message_id})

    # Receiving.

    def call(self, method: str, params: Any = None) -> Any:
        """Send a request and return its result."""
        answer = self.answer(self.request(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def error(self, method: str, params: Any = None) -> dict[str, Any]:
        """Send a request and return the error it is answered with."""
        answer = self.answer(self.request(method, params))
        assert "error" in answer, answer
        found: dict[str, Any] = answer["error"]
        return found

    def answer(self, message_id: int | None) -> dict[str, Any]:
        """Wait for the answer of a request."""
        self._wait(lambda: message_id in self._answers, f"the answer of {self._sent.get(message_id)}")
        return self._answers[message_id]

    def heard(self, method: str, matching: Callable[[Any], bool] = lambda params: True) -> Any:
        """Wait for a notification, one that came already included, and return its params; it counts once."""

        def find() -> dict[str, Any] | None:
            return next(
                (
                    one
                    for one in self.notifications
                    if one["method"] == method and matching(one.get("params"))
                ),
                None,
            )

        self._wait(lambda: find() is not None, method)
        found = find()
        assert found is not None
        self.notifications.remove(found)
        return found.get("params")

    def was_asked(self, method: str) -> dict[str, Any]:
        """Wait for a request of the server and return it; it counts once."""
        self._wait(lambda: any(one["method"] == method for one in self.asked), method)
        found = next(one for one in self.asked if one["method"] == method)
        self.asked.remove(found)
        return found

    def diagnostics(self, uri: str, matching: Callable[[list[Any]], bool] = bool) -> list[Any]:
        """Wait until the latest diagnostics of a document are as wanted, and return them."""

        def latest() -> list[Any] | None:
            pushed = [
                one["params"]["diagnostics"]
                for one in self.notifications
                if one["method"] == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS and one["params"]["uri"] == uri
            ]
            return pushed[-1] if pushed else None

        self._wait(
            lambda: (found := latest()) is not None and matching(found), f"diagnostics, last {latest()}"
        )
        return latest() or []

    def messages(self) -> list[str]:
        """Return what was shown to the user so far, everything that the server has sent until now included."""
        self.settle()
        return [
            one["params"]["message"]
            for one in self.notifications
            if one["method"] == types.WINDOW_SHOW_MESSAGE
        ]

    def settle(self) -> None:
        """Wait until the server has dealt with everything that was sent to it."""
        self.answer(self.request("test/nothing"))

    # A session.

    def initialize(
        self,
        folder: Path | None = None,
        *,
        capabilities: Mapping[str, Any] | None = None,
        options: Any = None,
        folders: list[Path] | None = None,
    ) -> Any:
        """Shake hands and return what the server offers."""
        roots = folders or ([folder] if folder is not None else [])
        result = self.call(
            types.INITIALIZE,
            {
                "processId": os.getpid(),
                "rootUri": None,
                "capabilities": dict(capabilities or {}),
                "initializationOptions": options,
                "workspaceFolders": [{"uri": one.as_uri(), "name": one.name} for one in roots],
            },
        )
        self.capabilities = result["capabilities"]
        self.notify(types.INITIALIZED, {})
        return result

    def open(self, uri: str, text: str, version: int = 1) -> None:
        """Open a document."""
        item = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.notify(types.TEXT_DOCUMENT_DID_OPEN, {"textDocument": item})

    def change(self, uri: str, version: int, *changes: Mapping[str, Any]) -> None:
        """Edit a document."""
        document = {"uri": uri, "version": version}
        self.notify(types.TEXT_DOCUMENT_DID_CHANGE, {"textDocument": document, "contentChanges": changes})

    def save(self, uri: str) -> None:
        """Say that a document was saved; writing it is up to the test."""
        self.notify(types.TEXT_DOCUMENT_DID_SAVE, {"textDocument": {"uri": uri}})

    def text(self, uri: str) -> str | None:
        """Return the server's text of a document, None where it has none that it trusts."""
        found: str | None = self.call("test/text", {"uri": uri})
        return found

    def leave(self, *, shutdown: bool = True) -> int:
        """Say goodbye, and return the exit code."""
        if shutdown:
            self.call(types.SHUTDOWN)
        self.notify(types.EXIT)
        return self.process.wait(TIMEOUT_S)

    def check_books(self) -> None:
        """Every request has its answer; that none came twice or unasked was seen on arrival."""
        self._wait(lambda: self._sent.keys() <= self._answers.keys(), "an answer for each request")

    def forget(self) -> None:
        """Forget what the server said and asked so far, for a test that shares the session with others."""
        self.settle()
        self.notifications.clear()
        self.asked.clear()

    # Within.

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            try:
                message = self._arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"The server did not send {what} within {TIMEOUT_S:.0f} s.") from None
            assert message is not None, f"The server left before it sent {what}."
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self._take_answer(message)
        elif "id" in message:
            self.asked.append(message)
            result = self.answers_to.get(message["method"], lambda params: None)(message.get("params"))
            self.send({"id": message["id"], "result": result})
        else:
            self.notifications.append(message)

    def _take_answer(self, message: dict[str, Any]) -> None:
        message_id = message["id"]
        assert message_id is None or message_id in self._sent, f"An answer that was not asked for: {message}"
        assert message_id is None or message_id not in self._answers, f"A second answer: {message}"
        response_type = types.METHOD_TO_TYPES.get(self._sent.get(message_id, ""), (None, None))[1]
        if "result" in message and response_type is not None:
            _converter.structure(json.loads(json.dumps(message)), response_type)
        self._answers[message_id] = message

    def _read(self) -> None:
        while (length := self._read_header()) is not None:
            self._arrived.put(json.loads(self._reader.read(length)))
        self._arrived.put(None)

    def _read_header(self) -> int | None:
        length = None
        while (line := self._reader.readline()).strip():
            name, _, value = line.decode("ascii").partition(":")
            if name.lower() == "content-length":
                length = int(value)
        return length


def start_server(
    *arguments: str, env: Mapping[str, str] | None = None, program: str = PROGRAM, stderr: int | None = None
) -> subprocess.Popen[bytes]:
    """Start a server with the features of `lsp_test_features`."""
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-c", program, "lsp", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **(env or {})},
    )


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    """Return a change of a range, given as (line, character)."""
    (start_line, start_character), (end_line, end_character) = start, end
    return {
        "range": {
            "start": {"line": start_line, "character": start_character},
            "end": {"line": end_line, "character": end_character},
        },
        "text": text,
    }


def at(uri: str, line: int = 0, character: int = 0) -> dict[str, Any]:
    """Return the params that name a position in a document."""
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
