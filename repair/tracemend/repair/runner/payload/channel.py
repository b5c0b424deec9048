"""Messages between tracemend and the project's interpreter: JSON with its length and one tag byte in front.

The far side runs untrusted code, so there is no pickle and no unbounded read: a frame longer than `MAX_BYTES`, or one
that is not a JSON object, raises `Malformed`, and the peer that sent it is killed. The tag says who speaks: the fork
server relays the frames of its children under `CHILD`, whatever tag they chose, and speaks for itself under `SERVER`.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any, Dict, Iterator, Optional, Tuple

Message = Dict[str, Any]

MAX_BYTES = 64 << 20
SERVER, CHILD = 0, 1

_HEADER = struct.Struct(">IB")
HEADER_BYTES = _HEADER.size


class Malformed(Exception):
    """The peer broke the protocol."""


class Frames:
    """Cuts a stream of bytes into (tag, body) frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Tuple[int, bytes]]:
        """Add `data` and yield the frames that are complete now, those before a malformed one too."""
        self._buffer += data
        while len(self._buffer) >= _HEADER.size:
            length, tag = _HEADER.unpack_from(self._buffer)
            if length > MAX_BYTES:
                raise Malformed("a frame of %d bytes is longer than %d" % (length, MAX_BYTES))
            end = _HEADER.size + length
            if end > len(self._buffer):
                return
            body = bytes(self._buffer[_HEADER.size : end])
            del self._buffer[:end]
            yield tag, body


def frame(tag: int, body: bytes) -> bytes:
    """Return `body` with its header."""
    return header(tag, body) + body


def header(tag: int, body: bytes) -> bytes:
    """Return what stands before `body` in its frame."""
    if len(body) > MAX_BYTES:
        raise Malformed("a message of %d bytes is longer than %d" % (len(body), MAX_BYTES))
    return _HEADER.pack(len(body), tag)


def encode(message: Message) -> bytes:
    """Return `message` as a frame body. ASCII JSON carries any text, lone surrogates included."""
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def decode(body: bytes) -> Message:
    """Return the message in a frame body."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("a frame is not JSON: %s" % error) from error
    if not isinstance(message, dict):
        raise Malformed("a frame holds a %s, not an object" % type(message).__name__)
    return message


def send(connection: socket.socket, message: Message) -> None:
    """Send `message` as the server."""
    connection.sendall(frame(SERVER, encode(message)))


def write(descriptor: int, *messages: Message) -> None:
    """Write messages as a child into a pipe, at once, so that the far side wakes up once."""
    data = memoryview(b"".join(frame(CHILD, encode(one)) for one in messages))
    while data:
        data = data[os.write(descriptor, data) :]


def receive(connection: socket.socket) -> Optional[Message]:
    """Wait for the next message; None once the peer has gone."""
    body = receive_body(connection)
    return None if body is None else decode(body)


def receive_body(connection: socket.socket, header: Optional[bytes] = None) -> Optional[bytes]:
    """Wait for the body of the next frame, or of the one whose `header` was read already; None once the peer has gone."""
    header = header or _read_exactly(connection, HEADER_BYTES)
    if header is None:
        return None
    length, _ = _HEADER.unpack(header)
    if length > MAX_BYTES:
        raise Malformed("a frame of %d bytes is longer than %d" % (length, MAX_BYTES))
    return _read_exactly(connection, length)


def _read_exactly(connection: socket.socket, count: int) -> Optional[bytes]:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(count - len(parts), 1 << 16))
        if not part:
            return None
        parts += part
    return bytes(parts)
