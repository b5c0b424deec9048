"""Writing patches into the project: only what was verified, only onto what it was verified against.

Of each failure the best patch of high confidence is taken. Several patches of one file are merged when they touch
different lines. A patch is written as a whole or not at all, and each refusal is a sentence.

What holds for every file: it still has the text that the patch was verified against; it lies inside the project; its
encoding, byte-order mark, line ends and mode stay; it is replaced atomically, so that no reader sees half of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracemend.analysis.syntax.edits import unified_diff
from tracemend.analysis.syntax.source import SourceText, UndecodableSource, decode_source
from tracemend.repair.patch import Patch, merge_patches
from tracemend.repair.reports import FixReport


class Refused(Exception):
    """This patch must not be written; the message says why, as the end of "was not applied: ..."."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file to write: what it must hold before, and what it holds after."""

    path: Path
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class PlannedText:
    """The text of one file before and after all patches of a plan."""

    before: SourceText
    new: str

    def diff(self, path: str) -> bytes:
        """Return the change as a diff in the file's own encoding, which is what `git apply` compares with."""
        mark = "\ufeff" if self.before.has_bom else ""
        return unified_diff(path, mark + self.before.text, mark + self.new).encode(self.before.encoding)


@dataclass(slots=True)
class Plan:
    """What would be written, by project-relative path."""

    root: Path
    texts: dict[str, PlannedText] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)  # The tests whose patch is part of the plan.
    refused: dict[str, str] = field(default_factory=dict)  # Test -> why its patch is not.
    without_patch: list[str] = field(default_factory=list)  # Tests for which no patch can be trusted.

    @property
    def diff(self) -> bytes:
        """The plan as one unified diff that `git apply` takes at the project root."""
        return b"".join(text.diff(path) for path, text in sorted(self.texts.items()))

    def refuse_all(self, why: str) -> None:
        """Empty the plan, for `why` concerns all of it."""
        self.refused.update(dict.fromkeys(self.applied, why))
        self.applied.clear()
        self.texts.clear()


def plan_writes(report: FixReport) -> Plan:
    """Choose the patches to write and merge them. Nothing is written."""
    plan = Plan(report.project.root)
    chosen: list[Patch] = []
    for failure in report.failures:
        ranked = failure.trustworthy
        if ranked is None:
            if failure.patches or failure.status != "mended":  # Else the patches of others mend it.
                plan.without_patch.append(failure.test)
            continue
        try:
            plan.texts = _planned_texts(plan.root, [*chosen, ranked.patch])
        except Refused as refusal:
            plan.refused[failure.test] = str(refusal)
        else:
            chosen.append(ranked.patch)
            plan.applied.append(failure.test)
    return plan


def write_plan(plan: Plan) -> Sequence[Path]:
    """Write all files of `plan` and return their paths. Raises `Refused` with all of them as they were."""
    files = [
        _planned_file(plan.root, path, text.before.text, text.new)
        for path, text in sorted(plan.texts.items())
    ]
    written: list[PlannedFile] = []
    try:
        for file in files:
            _replace(file)
            written.append(file)
    except Refused:
        for file in written:
            _replace(PlannedFile(file.path, file.after, file.before))
        raise
    return [file.path for file in files]


def _planned_texts(root: Path, patches: Sequence[Patch]) -> dict[str, PlannedText]:
    """Return the texts of all files once all `patches` are made. Raises `Refused`."""
    merged = merge_patches(patches)
    if merged is None:
        raise Refused("another patch changes the same lines; run tracemend again afterwards")
    texts = {}
    for change in merged.changes:
        file = _planned_file(root, change.path, change.old, change.new)
        texts[change.path] = PlannedText(decode_source(file.before), change.new)
    return texts


def _planned_file(root: Path, path: str, old: str, new: str) -> PlannedFile:
    """Check that the file may be replaced, and encode its new text as the old one was. Raises `Refused`."""
    target = (root / path).resolve()
    if not target.is_relative_to(root):
        raise Refused(f"{path} lies outside the project")
    try:
        before = target.read_bytes()
        source = decode_source(before)
        if source.text != old:
            raise Refused(f"{path} has changed since the patch was verified")
        after = source.encode(new)
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from error
    except UndecodableSource as error:
        raise Refused(f"{path} cannot be read ({error})") from error
    except UnicodeEncodeError as error:
        raise Refused(f"the encoding of {path}, {error.encoding}, lacks a character of the patch") from error
    if not os.access(target, os.W_OK):
        raise Refused(f"{path} is read-only")
    return PlannedFile(target, before, after)


def _replace(file: PlannedFile) -> None:
    """Replace the file by way of a temporary one beside it. Raises `Refused`."""
    temporary = None
    try:
        status = file.path.stat()
        with tempfile.NamedTemporaryFile(dir=file.path.parent, prefix=".tracemend-", delete=False) as stream:
            temporary = Path(stream.name)
            stream.write(file.after)
            stream.flush()
            os.fchmod(stream.fileno(), status.st_mode & 0o7777)
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(stream.fileno(), status.st_uid, status.st_gid)
            os.fsync(stream.fileno())
        if file.path.read_bytes() != file.before:
            raise Refused(f"{file.path.name} has changed since the patch was verified")
        os.replace(temporary, file.path)
        temporary = None
    except OSError as error:
        raise Refused(f"{file.path} cannot be written ({error.strerror})") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
