"""Other engines behind one small protocol, each given the text in the form in which it answers best."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import jedi

from tracemend.analysis.syntax.positions import LineIndex
from tracemend.analysis.types.engines.client import ServerProcess
from tracemend.analysis.types.engines.protocol import OBJECT_NAMES
from tracemend.analysis.types.engines.repaired import repair_buffer
from tracemend.analysis.types.engines.ty import TyEngine

DEADLINE_S = 20.0


class Peer(Protocol):
    """An engine that is asked at the same sites in the same run; any list but that of `object` is an answer."""

    name: str

    def ask(self, path: str, text: str, offset: int) -> tuple[frozenset[str], str]:
        """Return the names that the engine lists behind the dot at `offset`, and the type it names."""
        ...

    def close(self) -> None:
        """End its processes."""
        ...


class TyPeer:
    """ty as the oracle's engine sees it, alone: repaired text, without unions and unknown bases, without our proofs."""

    name = "ty"

    def __init__(self, root: Path, python: Path) -> None:
        self._engine = TyEngine(root, python)

    def ask(self, path: str, text: str, offset: int) -> tuple[frozenset[str], str]:
        answer = self._engine.members(path, text, offset, deadline_s=DEADLINE_S)
        return (answer.names, answer.type_name) if answer is not None else (frozenset(), "")

    def close(self) -> None:
        self._engine.close()


class JediPeer:
    """jedi in this process, on the same repaired text."""

    name = "jedi"

    def __init__(self, root: Path, python: Path) -> None:
        self._project = jedi.Project(root, environment_path=str(python), load_unsafe_extensions=False)

    def ask(self, path: str, text: str, offset: int) -> tuple[frozenset[str], str]:
        repaired = repair_buffer(text, offset)
        line, column = LineIndex(repaired.text).to_position(repaired.offset, "utf-32")
        script = jedi.Script(repaired.text, path=path, project=self._project)
        try:
            completions = script.complete(line + 1, column)
        except Exception:  # noqa: BLE001 - jedi raises what its evaluation happens to meet; that is an answer of its own.
            return frozenset(), "jedi failed"
        names = frozenset(completion.name for completion in completions)
        return (frozenset() if names <= OBJECT_NAMES else names), ""

    def close(self) -> None: ...


class BasedPyrightPeer:
    """basedpyright's language server on the same repaired text; it finds the environment by the `PATH` it is given."""

    name = "basedpyright"

    def __init__(self, root: Path, python: Path) -> None:
        command = shutil.which("basedpyright-langserver")
        if command is None:
            raise SystemExit("basedpyright-langserver is not on the PATH; pip install basedpyright")
        search_path = os.pathsep.join((str(python.parent), str(Path(command).parent), os.environ["PATH"]))
        self._server = ServerProcess(
            (command, "--stdio"),
            {
                "processId": os.getpid(),
                "rootUri": root.as_uri(),
                "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
                "capabilities": {"workspace": {"configuration": True}, "textDocument": {"completion": {}}},
            },
            environment=dict(os.environ) | {"PATH": search_path, "VIRTUAL_ENV": str(python.parent.parent)},
            working_directory=root,
        )
        self._versions: dict[str, int] = {}

    def ask(self, path: str, text: str, offset: int) -> tuple[frozenset[str], str]:
        if not self._server.wait_until_ready(DEADLINE_S):
            return frozenset(), "basedpyright did not start"
        repaired = repair_buffer(text, offset)
        uri = Path(path).as_uri()
        self._show(uri, repaired.text)
        line, character = LineIndex(repaired.text).to_position(repaired.offset, "utf-16")
        question = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        listed = self._server.wait_for(self._server.ask("textDocument/completion", question), DEADLINE_S)
        items = listed.get("items", ()) if isinstance(listed, Mapping) else listed or ()
        names = frozenset(item["label"].rstrip("=") for item in items)
        return (frozenset() if names <= OBJECT_NAMES else names), ""

    def close(self) -> None:
        self._server.end()

    def _show(self, uri: str, text: str) -> None:
        version = self._versions[uri] = self._versions.get(uri, 0) + 1
        if version == 1:
            document = {"uri": uri, "languageId": "python", "version": version, "text": text}
            self._server.notify("textDocument/didOpen", {"textDocument": document})
        else:
            changed = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
            self._server.notify("textDocument/didChange", changed)


def make_peer(name: str, root: Path, python: Path) -> Peer:
    """Return the peer of that name for the workspace `root`."""
    makers: dict[str, type[TyPeer | JediPeer | BasedPyrightPeer]] = {
        "ty": TyPeer,
        "jedi": JediPeer,
        "basedpyright": BasedPyrightPeer,
    }
    if name not in makers:
        raise SystemExit(f"No peer {name}; known: {', '.join(makers)}")
    return makers[name](root, python)
