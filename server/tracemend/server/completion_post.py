"""How the completion worker answers."""

from __future__ import annotations

import json
import threading
from typing import BinaryIO

from tracemend.repair.records import to_json

from .completion_messages import Reply


class Post:
    """Where answers leave, one line each, from any thread."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._lock = threading.Lock()

    def send(self, kind: str, reply: Reply) -> None:
        """Send the answer to a question."""
        body = json.dumps({kind: to_json(reply)}).encode() + b"\n"
        with self._lock:
            self._output.write(body)
            self._output.flush()
