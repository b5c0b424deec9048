"""What a live project knows, kept for its next session: one file a project, in the user's cache folder.

The file is MessagePack, written beside the old one and put in its place in one step. What cannot be read, whatever the
reason, counts as not there: nothing is kept that a run of all tests does not bring back. Results are kept with the
fingerprints of what they rest on, so that a later session can tell which of them still hold.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]

from tracemend.repair.live.board import History
from tracemend.repair.live.impact import Block, Footprint
from tracemend.repair.live.texts import FileStamp
from tracemend.repair.records import BadRecord, from_json, to_json
from tracemend.repair.runner.results import TestResult
from tracemend.repair.runner.settings import Project

FORMAT = 1
MAX_BYTES = 64 << 20
MAX_PROJECTS = 40


@dataclass(slots=True)
class SavedTest:
    """What is kept of one test."""

    result: TestResult
    fresh: bool = True
    flaky: str = ""
    history: History = field(default_factory=History)
    footprint: Footprint | None = None


@dataclass(slots=True)
class Saved:
    """What is kept of one project."""

    environment: str  # Another one says that nothing holds any more.
    tests: dict[str, SavedTest] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    collected: frozenset[Block] = frozenset()  # Functions that ran while the project was collected.
    digests: dict[str, str] = field(default_factory=dict)  # Of the text of each Python file.
    blocks: dict[str, dict[str, str]] = field(default_factory=dict)  # Their fingerprints, by path and name.
    others: dict[str, FileStamp] = field(default_factory=dict)


class Store:
    """The file of one project. `folder` is made when first needed; without one nothing is kept."""

    def __init__(self, folder: Path | None, project: Project) -> None:
        key = "\0".join([str(project.root), str(project.python), *project.selection, *project.pytest_args])
        name = f"{hashlib.blake2b(key.encode(), digest_size=10).hexdigest()}.live"
        self._path = folder / name if folder else None

    def load(self) -> Saved | None:
        """Return what an earlier session saved, None where there is nothing of use."""
        if self._path is None:
            return None
        try:
            if self._path.stat().st_size > MAX_BYTES:
                return None
            return _decode(msgpack.unpackb(self._path.read_bytes(), strict_map_key=False))
        except (OSError, ValueError, TypeError, KeyError, IndexError, BadRecord, msgpack.UnpackException):
            return None

    def save(self, saved: Saved) -> bool:
        """Keep `saved`; return whether that worked."""
        if self._path is None:
            return False
        data: bytes = msgpack.packb(_encode(saved))
        if len(data) > MAX_BYTES:
            return False
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _replace(self._path, data)
            _remove_oldest(self._path.parent)
        except OSError:
            return False
        return True


def environment_of(project: Project) -> str:
    """Return what changes when something is installed into the project's environment."""
    prefix = Path(os.path.abspath(project.python)).parent.parent
    folders = sorted(prefix.glob("lib/python*/site-packages"))
    parts = [str(project.python)]
    for folder in folders:
        with contextlib.suppress(OSError):
            parts.append(f"{folder}:{folder.stat().st_mtime_ns}")
    return "\0".join(parts)


def _replace(path: Path, data: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _remove_oldest(folder: Path) -> None:
    """Keep the cache small: projects come and go."""
    files = sorted(folder.glob("*.live"), key=lambda one: one.stat().st_mtime, reverse=True)
    for file in files[MAX_PROJECTS:]:
        file.unlink(missing_ok=True)


def _encode(saved: Saved) -> dict[str, Any]:
    blocks = sorted(
        {block for test in saved.tests.values() if test.footprint for block in test.footprint.blocks}
    )
    numbers = {block: number for number, block in enumerate(blocks)}
    return {
        "format": FORMAT,
        "environment": saved.environment,
        "footprint_blocks": blocks,
        "tests": {name: _encode_test(test, numbers) for name, test in saved.tests.items()},
        "ignored": sorted(saved.ignored),
        "collected": sorted(saved.collected),
        "digests": saved.digests,
        "blocks": saved.blocks,
        "others": {path: (stamp.mtime_ns, stamp.size) for path, stamp in saved.others.items()},
    }


def _encode_test(test: SavedTest, numbers: Mapping[Block, int]) -> list[Any]:
    result, history, footprint = test.result, test.history, test.footprint
    mask = 0
    for block in footprint.blocks if footprint else ():
        mask |= 1 << numbers[block]
    return [
        to_json(result),
        test.fresh,
        test.flaky,
        [history.kills, history.agrees_alone, history.needs_others, history.costly_alone],
        None
        if footprint is None
        else [mask.to_bytes((mask.bit_length() + 7) // 8, "little"), footprint.alone, footprint.processes],
    ]


def _decode(data: Any) -> Saved:
    if data["format"] != FORMAT:
        raise BadRecord("another format")
    blocks = [_block(one) for one in data["footprint_blocks"]]
    return Saved(
        str(data["environment"]),
        {str(name): _decode_test(row, blocks) for name, row in data["tests"].items()},
        frozenset(map(str, data["ignored"])),
        frozenset(_block(one) for one in data["collected"]),
        dict(data["digests"]),
        {path: dict(found) for path, found in data["blocks"].items()},
        {path: FileStamp(int(mtime), int(size)) for path, (mtime, size) in data["others"].items()},
    )


def _decode_test(row: Any, blocks: list[Block]) -> SavedTest:
    result, fresh, flaky, (kills, agrees, needs_others, costly), footprint = row
    found = None
    if footprint is not None:
        mask, alone, processes = footprint
        members = frozenset(blocks[number] for number in _bits(mask))
        found = Footprint(members, bool(alone), bool(processes))
    return SavedTest(
        from_json(TestResult, result),
        bool(fresh),
        str(flaky),
        History(int(kills), bool(agrees), bool(needs_others), bool(costly)),
        found,
    )


def _bits(mask: bytes) -> Iterator[int]:
    for position, byte in enumerate(mask):
        for bit in range(8):
            if byte >> bit & 1:
                yield 8 * position + bit


def _block(value: Any) -> Block:
    path, name = value
    return str(path), str(name)
