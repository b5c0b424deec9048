"""The lightbulb: *Repair* with what was proven, then what helps to understand, then what runs.

Which failures concern a place is told by the diagnostics that the editor sends along and, for editors that drop their
data, by the place itself: where a test fails, where a line is suspected, where a proven patch would change something.

A *Repair* comes without its edit where the client can ask for it later. `data` then names the patch by a hash of the
texts that it was proven on and of those it makes of them. On resolve the edit is made for the texts of that moment:
exactly as proven where they are the same, carried over line by line where only other lines have changed, and refused
with a sentence otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types

from tracemend.server.documents import Document
from tracemend.server.findings import FoundPatch, RepairState
from tracemend.server.places import failing_place, place_now
from tracemend.server.problems import InvalidParams, RequestFailed
from tracemend.server.repairs import Repairs
from tracemend.server.session import FolderView, Session, Snapshot
from tracemend.server.targets import tests_at, tests_of_file
from tracemend.server.views.hints import LEVELS
from tracemend.server.views.outline import outline_of
from tracemend.server.views.patch_edits import OutOfDate
from tracemend.server.views.wording import counted, repair_title, short_name
from tracemend.server.workspace_edits import is_exact, workspace_edit

from .diagnostics import SOURCE
from .registry import request
from .static_findings import static_fixes

MAX_STATES = 3

OTHER = types.CodeActionKind.Empty  # What neither fixes nor refactors has no kind of its own.
HINT_TITLES = {"where": "where to look", "what": "what is wrong there", "how": "how to mend it"}


@request(
    types.TEXT_DOCUMENT_CODE_ACTION,
    options=types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix], resolve_provider=True),
)
def code_actions(
    session: Session, snapshot: Snapshot, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    """Return what can be done at the place of the cursor, repairs first."""
    document = snapshot.document(params.text_document.uri)
    folder = snapshot.folder_of(document) if document is not None else None
    if document is None or folder is None:
        return None
    here = _Here(snapshot, folder, document, params.range, params.context)
    actions = [one for one in here.actions() if _is_wanted(one, params.context.only)]
    if snapshot.client.code_action_literals:
        return list(actions)
    return [one.command for one in actions if one.command is not None and one.disabled is None]


@request(types.CODE_ACTION_RESOLVE)
def resolve_code_action(session: Session, snapshot: Snapshot, action: types.CodeAction) -> types.CodeAction:
    """Give a repair its edit, made for the texts as they are now. Raises `RequestProblem` with a sentence."""
    data: Any = action.data
    if action.edit is not None or not isinstance(data, dict) or "patch" not in data:
        return action
    try:
        root, key = Path(data["root"]), str(data["patch"])
    except (TypeError, KeyError) as error:
        raise InvalidParams("This code action is not one of tracemend's.") from error
    patch = known_patch(session, root, key)
    action.edit = edit_of(snapshot, root, patch)
    return action


def known_patch(session: Session, root: Path, key: str) -> FoundPatch:
    """Return a patch that was offered before. Raises `RequestFailed`."""
    patch = session.repairs.patch(root, key) if isinstance(session.repairs, Repairs) else None
    if patch is None:
        raise RequestFailed(
            "This repair is not known any more. Save the file to have the failure looked at again."
        )
    return patch


def edit_of(snapshot: Snapshot, root: Path, patch: FoundPatch) -> types.WorkspaceEdit:
    """Return the edit of a patch. Raises `RequestFailed` where the texts have moved on."""
    try:
        return workspace_edit(snapshot, root, patch)
    except OutOfDate as problem:
        raise RequestFailed(str(problem)) from problem


@dataclass(frozen=True, slots=True)
class _Here:
    """One place, and what there is to do."""

    snapshot: Snapshot
    folder: FolderView
    document: Document
    range: types.Range
    context: types.CodeActionContext

    def actions(self) -> Iterator[types.CodeAction]:
        states = self.failures()[:MAX_STATES]
        offered: set[str] = set()  # Failures that have a cause in common are mended by the same patches.
        for state in states:
            yield from self.repairs(state, offered)
        yield from static_fixes(self.snapshot, self.document, self.range)
        for state in states:
            yield from self.help(state)
        if states or self.context.trigger_kind != types.CodeActionTriggerKind.Automatic:
            yield from self.runs(states)
        yield from self.flaky()

    def failures(self) -> list[RepairState]:
        """Return the failures that this place has to do with, those named by diagnostics first."""
        known = self.folder.repairs
        named = [known[test] for test in self.named_tests() if test in known]
        near = [one for one in known.values() if self.is_near(one)]
        return list({one.test: one for one in (*named, *near)}.values())

    def named_tests(self) -> Iterator[str]:
        for diagnostic in self.context.diagnostics:
            data: Any = diagnostic.data
            if diagnostic.source == SOURCE and isinstance(data, dict):
                yield from (str(one) for one in data.get("tests", ()))

    def is_near(self, state: RepairState) -> bool:
        places = [failing_place(self.snapshot, self.folder, state)]
        if state.suspects:
            first = state.suspects[0]
            places.append(place_now(self.snapshot, self.folder, state.texts, first.path, first.line))
        for patch in state.patches:
            for change in patch.evidence.changes:
                places.append(place_now(self.snapshot, self.folder, state.texts, change.path, change.line))
        lines = [one.line for one in places if one is not None and one.page.uri == self.document.uri]
        return any(self.first_line <= line <= self.last_line or self.is_around(line) for line in lines)

    def is_around(self, line: int) -> bool:
        """Say whether `line` is in the function whose `def` the cursor stands on."""
        outline = outline_of(self.document.text)
        function = outline.function_at(self.document.lines, line)
        return function is not None and function.line == self.first_line

    @property
    def first_line(self) -> int:
        return self.range.start.line + 1

    @property
    def last_line(self) -> int:
        return self.range.end.line + 1

    def repairs(self, state: RepairState, offered: set[str]) -> Iterator[types.CodeAction]:
        for rank, patch in enumerate(state.patches, 1):
            if patch.key not in offered:
                offered.add(patch.key)
                yield self.repair(state, patch, preferred=rank == 1)
        if not state.patches and state.phase != "none":
            title = f"Search a repair for {short_name(state.test)}"
            yield self.command(title, "tracemend.repair", (state.test,), types.CodeActionKind.QuickFix)

    def repair(self, state: RepairState, patch: FoundPatch, *, preferred: bool) -> types.CodeAction:
        client = self.snapshot.client
        data = {"root": str(self.folder.root), "test": state.test, "patch": patch.key}
        action = types.CodeAction(
            repair_title(patch),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=self.diagnostics_of(state) or None,
            is_preferred=preferred
            and patch.confidence == "high"
            and is_exact(self.snapshot, self.folder.root, patch),
        )
        if client.code_action_resolve_edit and client.code_action_data:
            action.data = data
        elif client.code_action_literals and not client.apply_edit:
            self.put_edit(action, patch)  # Such as ALE's: it takes an edit with the menu, or none at all.
        else:
            action.command = types.Command(title=action.title, command="tracemend.apply", arguments=[data])
        return action

    def put_edit(self, action: types.CodeAction, patch: FoundPatch) -> None:
        """Give a repair its edit now, for a client that has no other moment for it."""
        try:
            action.edit = edit_of(self.snapshot, self.folder.root, patch)
        except RequestFailed as problem:
            action.disabled = types.CodeActionDisabled(str(problem))

    def help(self, state: RepairState) -> Iterator[types.CodeAction]:
        name = short_name(state.test)
        yield self.command(f"Explain why {name} fails", "tracemend.explain", (state.test,))
        for level in LEVELS:
            title = f"Hint for {name}: {HINT_TITLES[level]}"
            yield self.command(title, "tracemend.hint", (state.test,), level=level)
        yield self.command(f"Trace {name}", "tracemend.trace", (state.test,))

    def runs(self, states: Sequence[RepairState]) -> Iterator[types.CodeAction]:
        tests = tests_at(self.folder, self.document, self.first_line) or tuple(one.test for one in states)
        path = self.folder.relative(self.document.path) if self.document.path is not None else None
        in_file = tests_of_file(self.folder, path) if path is not None else ()
        if tests:
            named = short_name(tests[0]) if len(tests) == 1 else counted(len(tests), "test")
            yield self.command(f"Run {named}", "tracemend.run", tests)
        if in_file:
            yield self.command(f"Run all {len(in_file)} tests of this file", "tracemend.run", in_file)

    def flaky(self) -> Iterator[types.CodeAction]:
        """Offer to ignore tests that are known to be flaky, where they stand."""
        live = self.folder.live
        for test in dict.fromkeys(
            (*self.named_tests(), *tests_at(self.folder, self.document, self.first_line))
        ):
            result = live.results.get(test) if live is not None else None
            if result is not None and result.flaky:
                word = "Stop ignoring" if result.ignored else "Ignore"
                title = f"{word} {short_name(test)} as flaky"
                yield self.command(
                    title,
                    "tracemend.ignoreFlaky",
                    (test,),
                    types.CodeActionKind.QuickFix,
                    ignore=not result.ignored,
                )

    def command(
        self,
        title: str,
        command: str,
        tests: Sequence[str],
        kind: types.CodeActionKind = OTHER,
        **arguments: object,
    ) -> types.CodeAction:
        argument = {"root": str(self.folder.root), "tests": list(tests), **arguments}
        return types.CodeAction(
            title, kind=kind, command=types.Command(title=title, command=command, arguments=[argument])
        )

    def diagnostics_of(self, state: RepairState) -> list[types.Diagnostic]:
        """Return those of the editor's diagnostics that the repair of `state` would remove."""
        return [
            one
            for one in self.context.diagnostics
            if one.source == SOURCE and isinstance(one.data, dict) and state.test in one.data.get("tests", ())
        ]


def _is_wanted(action: types.CodeAction, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Say whether the action's kind is one of `only`, or below one (LSP 3.17, CodeActionKind)."""
    if not only:
        return True
    kind = _name(action.kind)
    return any(not _name(one) or kind == _name(one) or kind.startswith(f"{_name(one)}.") for one in only)


def _name(kind: types.CodeActionKind | str | None) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind or ""
