"""The process in which jedi runs: it answers `members` requests in the base protocol of LSP, one after the other.

jedi evaluates for as long as it takes, holds the interpreter lock meanwhile and keeps what it has parsed, which is why
it lives apart: here it may be slow, be killed and be limited in memory. It gets the search path of the project's
interpreter as data, loads none of its compiled modules, and runs none of its code.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import jedi  # type: ignore[import-untyped]

from tracemend.analysis.types.engines.client import read_message

MAX_ADDRESS_SPACE_BYTES = 2 * 2**30
NICENESS = 5


def main() -> None:
    """Serve requests from standard input until it ends."""
    _limit_self()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # What a library prints must not get between the messages.
    project: jedi.Project | None = None
    while (message := read_message(requests)) is not None:
        result: Any = {}
        match message.get("method"):
            case "initialize":
                project = _make_project(message["params"])
            case "members":
                result = _members(project, message["params"])
            case "exit":
                return
        if "id" in message:
            body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
            answers.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            answers.flush()


def _limit_self() -> None:
    """Give way to everyone else, and bound memory, where the system can do that."""
    with suppress(ImportError, OSError, ValueError, AttributeError):
        os.nice(NICENESS)
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_SPACE_BYTES, MAX_ADDRESS_SPACE_BYTES))


def _make_project(params: Mapping[str, Any]) -> jedi.Project:
    return jedi.Project(
        params["root"], sys_path=[params["root"], *params["searchPath"]], load_unsafe_extensions=False
    )


def _members(project: jedi.Project | None, params: Mapping[str, Any]) -> list[str] | None:
    """Return the names that jedi lists at a position; None where it fails, as its evaluation may in many ways."""
    environment = jedi.InterpreterEnvironment()
    try:
        script = jedi.Script(
            params["text"], path=Path(params["path"]), project=project, environment=environment
        )
        return [completion.name for completion in script.complete(params["line"], params["column"])]
    except Exception as error:  # noqa: BLE001 - jedi raises whatever its evaluation happens to meet.
        print(f"jedi failed: {type(error).__name__}", file=sys.stderr)
        return None


if __name__ == "__main__":
    main()
