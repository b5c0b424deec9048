"""ty as a member engine: its language server on a repaired buffer, and only those of its answers that mean something.

What must be known of ty 0.0.104 to read its completions (found by asking it, `tests/analysis/engines/test_ty.py` guards
it): behind an expression of unknown type it lists the attributes of `object`; behind a union it lists what *all* its
parts have; behind a class with a base it could not resolve it lists what it found, and marks the inherited details
with "& Unknown"; platform branches are followed for one platform unless it is told "all". None of these lists says
what may stand there, so none becomes an answer. The hover beside each completion tells the type at little cost.

ty reads the environment's files and starts no interpreter (checked with strace); it gets a neutral working directory.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tracemend.analysis.syntax.positions import LineIndex
from tracemend.analysis.types.engines.client import ServerProcess, resident_bytes
from tracemend.analysis.types.engines.lexing import ends_with_call
from tracemend.analysis.types.engines.protocol import EngineAnswer
from tracemend.analysis.types.engines.repaired import Repaired, repair_buffer
from tracemend.analysis.types.engines.ty_types import Completion, ReceiverEnding, read_answer, stub_module

_KEYWORD_FOLLOWS = re.compile(r"[\s\\]*(?:if|else|and|or|in|is|not|for|async|as|from)\b")

MAX_OPEN_DOCUMENTS = 24
MAX_RESIDENT_BYTES = 1_000_000_000
MEMORY_CHECK_INTERVAL = 64  # Questions.
MAX_RESTARTS = 3
RESTART_WINDOW_S = 120.0
STALLED_AFTER_S = 20.0  # Without any answer, while one was asked for.


def find_ty() -> Path | None:
    """Return the ty binary that was installed with tracemend, or one on the PATH; None if there is none."""
    suffix = ".exe" if os.name == "nt" else ""
    beside = Path(sys.executable).with_name(f"ty{suffix}")
    found = str(beside) if beside.exists() else shutil.which("ty")
    return Path(found) if found else None


class TyEngine:
    """Members as `ty server` sees them, one process a workspace, started by the first question."""

    def __init__(self, root: Path, python: Path, *, command: tuple[str, ...] | None = None) -> None:
        """Serve the workspace `root`, whose packages are those of the interpreter `python`."""
        self._root = root.absolute()
        self._python = python.absolute()
        binary = find_ty()
        self._command = command or ((str(binary), "server") if binary else ())
        self._server: ServerProcess | None = None
        self._starts: deque[float] = deque(maxlen=MAX_RESTARTS + 1)
        self._opened: OrderedDict[str, tuple[int, str]] = OrderedDict()
        self._questions = 0
        self._stalled_since: float | None = None
        self._closed = False
        self._lock = threading.Lock()

    def members(self, path: str, text: str, offset: int, *, deadline_s: float) -> EngineAnswer | None:
        """See `MemberEngine.members`. One question at a time; who waits too long for the turn gets None."""
        ends_at = time.monotonic() + deadline_s
        if not self._lock.acquire(timeout=deadline_s):
            return None
        try:
            server = self._running_server()
            if server is None or not server.wait_until_ready(ends_at - time.monotonic()):
                return None
            return self._ask(server, path, text, offset, ends_at)
        finally:
            self._lock.release()

    def note_changes(self, paths: Iterable[str]) -> None:
        """Tell ty that files changed on disk, of which it watches none itself."""
        with self._lock:
            if self._server is not None and self._server.alive:
                changes = [{"uri": Path(path).as_uri(), "type": 2} for path in paths]
                self._server.notify("workspace/didChangeWatchedFiles", {"changes": changes})

    @property
    def process_id(self) -> int | None:
        """The process id of the running server, None if there is none."""
        return self._server.process_id if self._server is not None and self._server.alive else None

    def kill(self) -> None:
        """End the server at once; the next question starts another, if it has not been restarted too often."""
        with self._lock:
            if self._server is not None:
                self._server.kill()

    def close(self) -> None:
        """See `MemberEngine.close`."""
        with self._lock:
            self._closed = True
            self._end_server()

    def _ask(
        self, server: ServerProcess, path: str, text: str, offset: int, ends_at: float
    ) -> EngineAnswer | None:
        """Ask for the completions behind the dot, the type before it and where that is defined, at one go."""
        repaired = repair_buffer(text, offset)
        shown = _separated(repaired)
        lines = LineIndex(shown)
        uri = Path(path).as_uri()
        self._show(server, uri, shown)
        receiver_end = max(len(text[:offset].rstrip()) - 1, 0)
        asked = [
            server.ask(
                f"textDocument/{what}", {"textDocument": {"uri": uri}, "position": _position(lines, at)}
            )
            for what, at in (
                ("completion", repaired.offset),
                ("hover", receiver_end),
                ("typeDefinition", receiver_end),
            )
        ]
        listed, described, defined = [server.wait_for(one, ends_at - time.monotonic()) for one in asked]
        self._note_health(server, answered=listed is not None)
        if listed is None:
            return None
        answer = read_answer(
            _completions(listed), _hover_text(described), _receiver_ending(text, receiver_end)
        )
        return None if answer is None else _with_definition(answer, defined)

    def _show(self, server: ServerProcess, uri: str, text: str) -> None:
        """Make `text` what the server takes for the content of `uri`."""
        version, shown = self._opened.pop(uri, (0, None))
        if shown is None:
            document = {"uri": uri, "languageId": "python", "version": version + 1, "text": text}
            server.notify("textDocument/didOpen", {"textDocument": document})
        elif shown != text:
            changed = {
                "textDocument": {"uri": uri, "version": version + 1},
                "contentChanges": [{"text": text}],
            }
            server.notify("textDocument/didChange", changed)
        self._opened[uri] = (version + 1, text)
        if len(self._opened) > MAX_OPEN_DOCUMENTS:
            oldest, _ = self._opened.popitem(last=False)
            server.notify("textDocument/didClose", {"textDocument": {"uri": oldest}})

    def _running_server(self) -> ServerProcess | None:
        """Return a server that is alive, starting one if the last did not die too often lately."""
        if self._server is not None and self._server.alive:
            return self._server
        now = time.monotonic()
        starts_too_often = (
            len(self._starts) == self._starts.maxlen and now - self._starts[0] < RESTART_WINDOW_S
        )
        if self._closed or not self._command or starts_too_often:
            return None
        self._starts.append(now)
        self._opened.clear()
        self._stalled_since = None
        try:
            self._server = ServerProcess(
                self._command,
                _initialize_params(self._root, self._python),
                environment=_environment(),
                working_directory=Path(self._root.anchor),
            )
        except OSError:
            return None
        return self._server

    def _note_health(self, server: ServerProcess, *, answered: bool) -> None:
        """End a server that has stalled or grown too large; the next question starts another."""
        self._questions += 1
        now = time.monotonic()
        if answered:
            self._stalled_since = None
        elif self._stalled_since is None:
            self._stalled_since = now
        is_stalled = self._stalled_since is not None and now - self._stalled_since > STALLED_AFTER_S
        is_due = self._questions % MEMORY_CHECK_INTERVAL == 0
        is_large = is_due and resident_bytes(server.process_id) > MAX_RESIDENT_BYTES
        if is_stalled:
            server.kill()
        elif is_large:
            self._starts.pop()  # Growth is not a crash, and does not count as one.
            self._end_server()

    def _end_server(self) -> None:
        if self._server is not None:
            self._server.end()
            self._server = None


def _initialize_params(root: Path, python: Path) -> dict[str, Any]:
    """Return the handshake: the interpreter's environment, every platform, and none of the services we do not use."""
    environment = {"python": str(python), "python-platform": "all"}
    return {
        "processId": os.getpid(),
        "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
        "capabilities": {
            "general": {"positionEncodings": ["utf-32", "utf-16"]},
            "textDocument": {
                "completion": {},
                "diagnostic": {},
                "hover": {"contentFormat": ["plaintext"]},
                "typeDefinition": {},
            },
            "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
        },
        "initializationOptions": {
            "diagnosticMode": "off",
            "completions": {"autoImport": False},
            "configuration": {"environment": environment},
        },
    }


def _environment() -> dict[str, str]:
    """Return the child's environment: no search path, no settings of the user, few threads."""
    kept = {name: os.environ[name] for name in ("HOME", "SYSTEMROOT", "TEMP", "TMPDIR") if name in os.environ}
    return kept | {"XDG_CONFIG_HOME": os.devnull, "TY_MAX_PARALLELISM": "2", "LC_ALL": "C.UTF-8"}


def _position(lines: LineIndex, offset: int) -> dict[str, int]:
    line, character = lines.to_position(offset, "utf-32")
    return {"line": line, "character": character}


def _separated(repaired: Repaired) -> str:
    """Return the text with a keyword kept away from the dot: ty would take it for the attribute that is typed there."""
    before, behind = repaired.text[: repaired.offset], repaired.text[repaired.offset :]
    return f"{before}(){behind}" if _KEYWORD_FOLLOWS.match(behind) else repaired.text


def _receiver_ending(text: str, end: int) -> ReceiverEnding:
    """Return what the receiver whose last character stands at `end` ends with."""
    if text[end] == ")":
        return "call" if ends_with_call(text, end + 1) else "parenthesis"
    return "literal" if text[end] in "]}\"'" else "name"


def _completions(listed: Any) -> tuple[Completion, ...]:
    """Return the labels and details of an answer to `textDocument/completion`, whichever of its two forms it has."""
    items = listed.get("items", ()) if isinstance(listed, Mapping) else listed
    return tuple(Completion(item["label"], item.get("detail") or "") for item in items)


def _with_definition(answer: EngineAnswer, defined: Any) -> EngineAnswer:
    """Add where the type is defined, from an answer to `textDocument/typeDefinition`, if it is one place."""
    if not isinstance(defined, list) or len(defined) != 1:
        return answer
    path = unquote(urlsplit(defined[0]["uri"]).path)
    line = defined[0]["range"]["start"]["line"] + 1
    return replace(answer, defined_in=path, defined_at=line, stub_module=stub_module(path))


def _hover_text(described: Any) -> str:
    """Return the type in an answer to `textDocument/hover`: the text above the documentation."""
    if not isinstance(described, Mapping):
        return ""
    contents = described.get("contents")
    text = contents.get("value", "") if isinstance(contents, Mapping) else ""
    return str(text).partition("\n---")[0].strip()
