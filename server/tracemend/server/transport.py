"""How message bodies get in and out: standard input and output, one TCP connection, or one WebSocket.

Reading and writing block, so each has a thread of its own: `Channel` hands every body that arrives to a callback and
takes bodies to send without ever waiting for the client. A client that stops reading would otherwise stop the server,
and two that wait for each other's pipe to empty would wait for ever.

TCP and WebSocket are for debugging. Any web page may talk to a port of this machine, so both are careful: a WebSocket
that names an origin is refused (browsers always do, editors never), and a stream whose header is not exactly LSP's, such
as an HTTP request with a message in its body, is closed.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import queue
import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 << 20
MAX_HEADER_BYTES = 4096
MAX_UNSENT_BYTES = 256 << 20  # A client that lets so much pile up is not reading any more.
MAX_WAITING_MESSAGES = 1000  # Read and not yet handled; then the client has to wait.
HEADERS = frozenset({"content-length", "content-type"})


class FramingError(Exception):
    """What arrives is not LSP's base protocol; there is no way to find the next message."""


class Transport(Protocol):
    """Blocking input and output of whole message bodies."""

    def read(self) -> bytes | None:
        """Return the next body, None at the end. Raises `FramingError` and `OSError`."""

    def write(self, body: bytes) -> None:
        """Send one body. Raises `OSError`."""

    def close(self) -> None:
        """End both directions; a blocked `read` need not notice."""


class StreamTransport:
    """LSP's base protocol over a pair of byte streams."""

    def __init__(
        self, reader: BinaryIO, writer: BinaryIO, on_close: Callable[[], None] = lambda: None
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_close = on_close

    def read(self) -> bytes | None:
        """Return the next body, None at the end. Raises `FramingError` and `OSError`."""
        length = self._read_header()
        if length is None:
            return None
        body = self._reader.read(length)
        return body if len(body) == length else None

    def write(self, body: bytes) -> None:
        """Send one body. Raises `OSError`."""
        self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._writer.flush()

    def close(self) -> None:
        """End both directions as far as that is possible: stdin stays open, its reader may be blocked in it."""
        self._on_close()

    def _read_header(self) -> int | None:
        """Return the length of the body that follows (LSP 3.17, "Header Part"), None at the end of the input."""
        length: int | None = None
        while True:
            line = self._reader.readline(MAX_HEADER_BYTES)
            if not line:
                return None
            if line in (b"\r\n", b"\n"):
                break
            name, _, value = line.decode("ascii", "replace").partition(":")
            if name.lower() not in HEADERS:
                raise FramingError("a header that LSP does not have")
            if name.lower() == "content-length":
                length = _length(value.strip())
        if length is None:
            raise FramingError("a header without Content-Length")
        return length


class WebSocketTransport:
    """One body a WebSocket message."""

    def __init__(self, connection: ServerConnection, on_close: Callable[[], None]) -> None:
        self._connection = connection
        self._on_close = on_close

    def read(self) -> bytes | None:
        """Return the next body, None at the end."""
        from websockets.exceptions import ConnectionClosed

        try:
            message = self._connection.recv()
        except ConnectionClosed:
            return None
        return message.encode("utf-8") if isinstance(message, str) else message

    def write(self, body: bytes) -> None:
        """Send one body. Raises `OSError`."""
        from websockets.exceptions import ConnectionClosed

        try:
            self._connection.send(body.decode("utf-8"))
        except ConnectionClosed as error:
            raise ConnectionError("The WebSocket is closed.") from error

    def close(self) -> None:
        """Close the connection and the server behind it."""
        self._connection.close()
        self._on_close()


class Channel:
    """A transport with a thread for each direction."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._unsent: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._unsent_bytes = 0
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(MAX_WAITING_MESSAGES)
        self._writer = threading.Thread(target=self._write, name="tracemend-writer", daemon=True)

    def open(self, on_body: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        """Begin: `on_body` gets each body, `on_end` is called once; both in the reading thread.

        After a body is dealt with, `handled` makes room for another one.
        """
        self._writer.start()
        reader = threading.Thread(
            target=self._read, args=(on_body, on_end), name="tracemend-reader", daemon=True
        )
        reader.start()

    def handled(self) -> None:
        """Say that one body is dealt with."""
        self._room.release()

    def send(self, body: bytes) -> None:
        """Send a body soon, after those that wait. Never blocks; without a reader at the other end it does nothing."""
        with self._lock:
            self._unsent_bytes += len(body)
            given_up = self._unsent_bytes > MAX_UNSENT_BYTES
        if given_up:
            logger.error("The client does not read; the connection is closed.")
            self._transport.close()
            return
        self._unsent.put(body)

    def close(self, timeout_s: float) -> None:
        """Send what waits, for at most `timeout_s`, and close."""
        self._unsent.put(None)
        self._writer.join(timeout_s)
        self._transport.close()

    def _read(self, on_body: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        try:
            while (body := self._transport.read()) is not None:
                self._room.acquire()
                on_body(body)
        except FramingError as error:
            logger.error("The connection is closed: it carried %s.", error)
        except OSError as error:
            logger.info("The connection was lost: %s", error.strerror)
        finally:
            on_end()

    def _write(self) -> None:
        while (body := self._unsent.get()) is not None:
            try:
                self._transport.write(body)
            except (OSError, ValueError) as error:  # ValueError: the file was closed meanwhile.
                logger.info("The client cannot be reached any more: %s", type(error).__name__)
                return
            with self._lock:
                self._unsent_bytes -= len(body)


def stdio_transport() -> StreamTransport:
    """Return the transport over standard input and output.

    The two descriptors are moved away first: what anything else prints, be it a library or a child process that
    inherits them, goes to stderr and cannot break the protocol.
    """
    reader = os.fdopen(os.dup(0), "rb")
    writer = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return StreamTransport(reader, writer)


def tcp_transport(host: str, port: int) -> StreamTransport:
    """Wait for one connection at `host` and `port` (0: any free one, told on stderr) and return it."""
    with socket.create_server((host, port), family=_family(host)) as server:
        _tell_address("tcp", server)
        connection, _ = server.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close() -> None:
        connection.close()

    return StreamTransport(connection.makefile("rb"), connection.makefile("wb"), close)


def websocket_transport(host: str, port: int) -> WebSocketTransport:
    """Wait for one WebSocket at `host` and `port` (0: any free one, told on stderr) and return it."""
    from websockets.sync.server import serve

    arrived: queue.SimpleQueue[ServerConnection] = queue.SimpleQueue()
    ended = threading.Event()

    def keep(connection: ServerConnection) -> None:
        arrived.put(connection)
        ended.wait()  # The connection lives as long as its handler.

    server = serve(keep, host, port, origins=[None], max_size=MAX_BODY_BYTES)
    _tell_address("ws", server.socket)
    threading.Thread(target=server.serve_forever, name="tracemend-websocket", daemon=True).start()
    return WebSocketTransport(arrived.get(), ended.set)


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _length(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MAX_BODY_BYTES:
        raise FramingError("a length that no message has")
    return int(text)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _tell_address(scheme: str, server: socket.socket) -> None:
    host, port = server.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"tracemend: waiting at {scheme}://{shown}:{port}", file=sys.stderr, flush=True)
