"""Holes for the scripted model: what is known at each, and what it writes there freely and under a guide.

Shared by the tests of all engines; imports no engine.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from engines.models import SCRIPTS, Script

from tracemend.analysis.monitors.tables import SymbolTable, TableType

MAX_TOKENS = 24


@dataclass(frozen=True)
class Hole:
    """A prompt of the scripted model with the table that is known there."""

    name: str
    script: Script
    table: SymbolTable

    @property
    def prompt(self) -> str:
        return self.script.prompt

    @property
    def free(self) -> str:
        """What the model writes when nobody guides it: a name that does not exist."""
        return f"{self.script.lead}.{self.script.wrong}{self.script.rest}"

    @property
    def guided(self) -> str:
        """What it writes when names that do not exist are forbidden."""
        return f"{self.script.lead}.{self.script.right}{self.script.rest}"


def holes() -> tuple[Hole, ...]:
    """Return one hole for each script."""
    return tuple(Hole(name, SCRIPTS[name], table) for name, table in _tables().items())


def scripted_folder() -> Path:
    """Return the scripted model, which the run of the suite has made."""
    return Path(os.environ["TRACEMEND_SCRIPTED_MODEL"])


def invented(written: str, hole: Hole) -> bool:
    """Say whether `written` begins with the name that does not exist."""
    return written.startswith(f"{hole.script.lead}.{hole.script.wrong}")


def _tables() -> Mapping[str, SymbolTable]:
    return {
        "json": SymbolTable((_module(json),), {"json": 0, "path": -1, "file": -1}),
        "items": SymbolTable(
            (_closed("Queue", {"items", "put"}, member_types={"items": 1}), _type(list)),
            {"self": 0, "item": -1},
        ),
        "text": SymbolTable((_type(str),), {"text": 0}),
        "path": SymbolTable(
            (_closed("os", dir(os), member_types={"path": 1}), _module(os.path)), {"os": 0, "name": -1}
        ),
        "re": SymbolTable((_module(re),), {"re": 0}),
    }


def _module(module: ModuleType) -> TableType:
    return _closed(module.__name__, dir(module))


def _type(type_: type) -> TableType:
    return _closed(type_.__name__, dir(type_))


def _closed(name: str, members: set[str] | list[str], **known: Mapping[str, int]) -> TableType:
    return TableType(name, frozenset(members), is_open=False, **known)
