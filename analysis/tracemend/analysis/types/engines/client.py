"""One language server as a child process, spoken to over stdio: questions with a deadline, nothing that can block.

This is the part of LSP 3.17 that an engine needs (base protocol, life cycle, `$/cancelRequest`, answers to the
server's own requests). Writing happens in a thread of its own, since a child that has stopped reading would block a
writer for ever; reading happens in another, which drops answers that nobody waits for any more.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import IO, Any

MAX_MESSAGE_BYTES = 64 * 2**20
MAX_UNSENT_MESSAGES = 256
EXIT_WAIT_S = 1.0


class ServerProcess:
    """A running language server. Every method returns at once or within its deadline, whatever the child does."""

    def __init__(
        self,
        command: Sequence[str],
        initialize_params: Mapping[str, Any],
        *,
        environment: Mapping[str, str],
        working_directory: Path,
    ) -> None:
        """Start the server and begin the handshake; raises `OSError` where the command cannot be started."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=working_directory,
            env=dict(environment),
            start_new_session=True,
        )
        self._ready = threading.Event()
        self._dead = threading.Event()
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._next_id = 0
        self._unsent: queue.Queue[bytes | None] = queue.Queue(MAX_UNSENT_MESSAGES)
        for loop in (self._write_all, self._read_all):
            threading.Thread(target=loop, name=f"{Path(command[0]).name}-io", daemon=True).start()
        self._ask("initialize", initialize_params).add_done_callback(self._finish_handshake)

    @property
    def alive(self) -> bool:
        """Whether the server can still answer."""
        return not self._dead.is_set() and self._process.poll() is None

    @property
    def process_id(self) -> int:
        """The process id of the child."""
        return self._process.pid

    def wait_until_ready(self, timeout_s: float) -> bool:
        """Wait for the end of the handshake, and tell whether the server can be asked."""
        return self._ready.wait(max(timeout_s, 0)) and self.alive

    def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Send a notification; a server that no longer reads is ended."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Mapping[str, Any]) -> Future[Any]:
        """Send a request. The future holds the result; errors and a dead server give None."""
        return self._ask(method, params)

    def wait_for(self, answer: Future[Any], timeout_s: float) -> Any | None:
        """Return what `answer` holds, or None after `timeout_s`: the request is cancelled and its answer dropped."""
        found = self.peek(answer, timeout_s)
        if not answer.done():
            self._forget(answer)
        return found

    def peek(self, answer: Future[Any], timeout_s: float) -> Any | None:
        """Return what `answer` holds, or None after `timeout_s`; the server works on."""
        try:
            return answer.result(max(timeout_s, 0))
        except FutureTimeout:
            return None

    def end(self) -> None:
        """Ask the server to exit, and kill it if it does not."""
        if self.alive:
            self._ask("shutdown", {})
            self.notify("exit", {})
        self._put(None)
        try:
            self._process.wait(EXIT_WAIT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the server now."""
        self._process.kill()
        self._process.wait()
        self._release()

    def _ask(self, method: str, params: Mapping[str, Any]) -> Future[Any]:
        answer: Future[Any] = Future()
        with self._lock:
            self._next_id += 1
            request_id = self._next_id
            self._waiting[request_id] = answer
        self._send({"id": request_id, "method": method, "params": params})
        if not self.alive:
            self._release()
        return answer

    def _finish_handshake(self, answer: Future[Any]) -> None:
        if answer.result() is not None:
            self.notify("initialized", {})
            self._ready.set()

    def _forget(self, answer: Future[Any]) -> None:
        """Stop waiting for `answer`, and tell the server that it need not work on it."""
        with self._lock:
            late = [request_id for request_id, waiting in self._waiting.items() if waiting is answer]
            for request_id in late:
                del self._waiting[request_id]
        for request_id in late:
            self.notify("$/cancelRequest", {"id": request_id})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode("utf-8", "replace")
        self._put(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def _put(self, data: bytes | None) -> None:
        try:
            self._unsent.put_nowait(data)
        except queue.Full:
            self._process.kill()

    def _write_all(self) -> None:
        stream = self._process.stdin
        assert stream is not None, "the child was started with a pipe as its input"
        try:
            while (data := self._unsent.get()) is not None:
                stream.write(data)
                stream.flush()
            stream.close()
        except OSError:
            self._release()

    def _read_all(self) -> None:
        stream = self._process.stdout
        assert stream is not None, "the child was started with a pipe as its output"
        try:
            while (message := read_message(stream)) is not None:
                self._take(message)
        except (OSError, ValueError):
            self._process.kill()
        finally:
            self._release()
            self._put(None)
            self._process.wait()

    def _take(self, message: dict[str, Any]) -> None:
        """Hand an answer to who waits for it, and answer what the server itself asks: it has no settings to fetch."""
        if "method" not in message:
            with self._lock:
                answer = self._waiting.pop(message.get("id", 0), None)
            if answer is not None:
                answer.set_result(message.get("result"))
        elif "id" in message:
            items = (message.get("params") or {}).get("items", ())
            is_configuration = message["method"] == "workspace/configuration"
            result = [None] * len(items) if is_configuration else None
            self._send({"id": message["id"], "result": result})

    def _release(self) -> None:
        """Mark the server as dead, and let go all who wait."""
        self._dead.set()
        self._ready.set()
        with self._lock:
            waiting = list(self._waiting.values())
            self._waiting.clear()
        for answer in waiting:
            answer.set_result(None)


def read_message(stream: IO[bytes]) -> dict[str, Any] | None:
    """Read one message of the base protocol; None at the end. Raises `ValueError` for what is not one."""
    length = -1
    while (line := stream.readline()).strip():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    if not line:
        return None
    if not 0 <= length <= MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {length} bytes")
    body = stream.read(length)
    message = json.loads(body) if len(body) == length else None
    if message is not None and not isinstance(message, dict):
        raise ValueError("a message that is no object")
    return message


def resident_bytes(process_id: int) -> int:
    """Return the memory that a process holds, 0 where the system does not tell (Linux does)."""
    try:
        with open(f"/proc/{process_id}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0
