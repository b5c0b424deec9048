"""TCP and WebSocket, for debugging; and who is not let in."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from lsp_wire import PROGRAM, Wire, start_server
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.server.cli.lsp import chosen_transport
from tracemend.server.transport import Channel, FramingError, StreamTransport, is_loopback


@contextmanager
def listening(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], str, int]]:
    """Start a server that waits for a connection, and return where."""
    process = start_server(*arguments, program=PROGRAM, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        address = re.search(r"://([^:]+):(\d+)", process.stderr.readline().decode())
        assert address is not None
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield process, address[1], int(address[2])
    finally:
        process.kill()
        process.wait(10)


def test_tcp() -> None:
    with (
        listening("--tcp", "127.0.0.1:0") as (process, host, port),
        socket.create_connection((host, port)) as connection,
    ):
        client = Wire(connection.makefile("rb"), connection.makefile("wb"), process)
        client.initialize()
        client.settle()
        assert client.leave() == 0
        client.check_books()


def test_a_web_page_cannot_smuggle_a_message_into_the_tcp_port() -> None:
    """A browser sends a form to any port; its body could hold a message."""
    with listening("--tcp", "127.0.0.1:0") as (process, host, port):
        with socket.create_connection((host, port)) as connection:
            body = b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}'
            connection.sendall(
                b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )
            assert connection.recv(1000) == b""
        assert process.wait(10) == 1


class SocketFile(BytesIO):
    """The stream that `Wire` expects, over a WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        super().__init__()
        self._connection = connection

    def write(self, framed: object) -> int:
        """Send the body of a framed message."""
        data = bytes(framed)  # type: ignore[call-overload]
        self._connection.send(data.partition(b"\r\n\r\n")[2].decode())
        return len(data)

    def readline(self, size: int | None = -1) -> bytes:
        """Return a header for the next message, then an empty line."""
        if self.getbuffer().nbytes == self.tell():
            try:
                body = self._connection.recv().encode()  # type: ignore[union-attr]
            except ConnectionClosed:
                return b""
            self.seek(0)
            self.truncate()
            super().write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self.seek(0)
        return super().readline()


def test_websocket() -> None:
    with (
        listening("--ws", "127.0.0.1:0") as (process, host, port),
        connect(f"ws://{host}:{port}") as connection,
    ):
        client = Wire(SocketFile(connection), SocketFile(connection), process)
        client.initialize()
        client.settle()
        assert client.leave() == 0


def test_a_web_page_cannot_open_the_websocket() -> None:
    page = Origin("https://evil.example")
    with (
        listening("--ws", "127.0.0.1:0") as (_, host, port),
        pytest.raises(InvalidStatus),
        connect(f"ws://{host}:{port}", origin=page),
    ):
        pass


@pytest.mark.parametrize(
    ("tcp", "ws", "sentence"),
    [
        ("0.0.0.0:0", None, "other machines could connect"),
        (None, "example.com:80", "other machines could connect"),
        ("nonsense", None, "takes HOST:PORT"),
        ("127.0.0.1:99999", None, "takes HOST:PORT"),
        ("127.0.0.1:0", "127.0.0.1:0", "exclude each other"),
    ],
)
def test_what_is_refused(tcp: str | None, ws: str | None, sentence: str) -> None:
    with pytest.raises(EnvironmentProblem, match=sentence):
        chosen_transport(tcp, ws, allow_remote=False)


def test_a_wrong_option_ends_the_command_with_code_2() -> None:
    process = start_server("--log-file", "/no/such/place/x.log", stderr=subprocess.PIPE)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 2 and "cannot be written" in stderr.decode()


@pytest.mark.parametrize(
    ("host", "yes"),
    [
        ("localhost", True),
        ("127.0.0.9", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("a.b", False),
    ],
)
def test_loopback(host: str, yes: bool) -> None:
    assert is_loopback(host) == yes


# Framing (LSP 3.17, "Header Part").


@pytest.mark.parametrize(
    ("stream", "bodies"),
    [
        (b"Content-Length: 2\r\n\r\n{}Content-Length: 1\r\n\r\n3", [b"{}", b"3"]),
        (b"content-length:2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}", [b"{}"]),
        (b"Content-Length: 9\r\n\r\n{}", []),
        (b"", []),
    ],
)
def test_framing(stream: bytes, bodies: list[bytes]) -> None:
    transport = StreamTransport(BytesIO(stream), BytesIO())
    assert list(iter(transport.read, None)) == bodies


@pytest.mark.parametrize(
    "stream",
    [
        b"GET / HTTP/1.1\r\n",
        b"Host: x\r\n\r\n",
        b"\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 99999999999\r\n\r\n",
        b"Content-Length: x\r\n\r\n",
        b"A" * 100_000,
    ],
)
def test_what_is_no_frame(stream: bytes) -> None:
    with pytest.raises(FramingError):
        StreamTransport(BytesIO(stream), BytesIO()).read()


def test_a_client_that_does_not_read_does_not_stop_the_server() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(StreamTransport(ours.makefile("rb"), ours.makefile("wb")))
        ended = threading.Event()
        channel.open(lambda body: channel.handled(), ended.set)
        for _ in range(50):
            channel.send(b"x" * 1_000_000)  # Far more than a pipe holds; returns all the same.
        theirs.close()
        assert ended.wait(10)
        channel.close(10)
