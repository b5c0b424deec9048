"""Other engines behind one small protocol, each given the text in the form in which it answers best."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import jedi

from tracemend.analysis.syntax.positions import LineIndex
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


def make_peer(name: str, root: Path, python: Path) -> Peer:
    """Return the peer of that name for the workspace `root`."""
    makers: dict[str, type[TyPeer | JediPeer]] = {"ty": TyPeer, "jedi": JediPeer}
    if name not in makers:
        raise SystemExit(f"No peer {name}; known: {', '.join(makers)}")
    return makers[name](root, python)
