"""The lightbulb, and the edits behind it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from scene import EVERYTHING, Scene, patch_of

from tracemend.analysis.syntax.edits import TextEdit, apply_edits
from tracemend.repair.patch import FileChange
from tracemend.server.clients import ClientFeatures
from tracemend.server.documents import Document
from tracemend.server.features import code_actions as feature
from tracemend.server.features.code_actions import code_actions, resolve_code_action
from tracemend.server.features.diagnostics import all_diagnostics
from tracemend.server.findings import FoundPatch
from tracemend.server.problems import RequestFailed
from tracemend.server.static_messages import StaticFinding
from tracemend.server.static_reviews import ReviewedText
from tracemend.server.workspace_edits import ANNOTATION

TEST = "test_shop.py::test_total"
SNIPPET = """
    #- shop.py
    RATE = 1

    def total(xs):
        return sum(xs) + 1
    #- test_shop.py
    from shop import total

    def test_total():
        assert total([1, 2]) == 3
"""
MINIMAL = ClientFeatures(apply_edit=True)


class Session:
    """Knows the patches that were offered."""

    def __init__(self, *patches: FoundPatch) -> None:
        self.repairs = self
        self.patches = {one.key: one for one in patches}

    def patch(self, root: Path, key: str) -> FoundPatch | None:
        """Return what the background repairs would."""
        return self.patches.get(key)


@pytest.fixture(autouse=True)
def any_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the feature take the session above for one with background repairs."""
    monkeypatch.setattr(feature, "Repairs", Session)


def failing_scene(
    folder: Path, client: ClientFeatures = EVERYTHING, **fields: Any
) -> tuple[Scene, FoundPatch]:
    scene = Scene(folder, SNIPPET, client)
    scene.fails(TEST, "AssertionError", "assert 4 == 3", at="assert total")
    patch = patch_of(scene, TEST, "shop.py", "sum(xs) + 1", "sum(xs)", **fields)
    scene.suspects(TEST, ("shop.py", "return sum", 1.0))
    scene.knows(TEST, phase="found", patches=(patch,))
    return scene, patch


def actions_at(scene: Scene, path: str, text: str, **context: Any) -> list[Any]:
    """Return the actions offered on the line that holds `text`."""
    line = (
        scene.texts[path].split("\n").index(next(one for one in scene.texts[path].split("\n") if text in one))
    )
    where = types.Range(types.Position(line, 4), types.Position(line, 4))
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(scene.uri(path)), where, types.CodeActionContext([], **context)
    )
    return list(code_actions(Session(), scene.snapshot, params) or [])  # type: ignore[arg-type]


def resolved(scene: Scene, patch: FoundPatch) -> types.WorkspaceEdit:
    """Return the edit of the repair that is offered."""
    action = actions_at(scene, "shop.py", "return sum")[0]
    found = resolve_code_action(Session(patch), scene.snapshot, action)  # type: ignore[arg-type]
    assert found.edit is not None
    return found.edit


def applied(document: Document, edits: Any) -> str:
    """Return the document's text as a client would have it after the edits."""
    return apply_edits(
        document.text,
        [
            TextEdit(document.offset_at(one.range.start), document.offset_at(one.range.end), one.new_text)
            for one in edits
        ],
    )


def test_a_patch_that_mends_two_failures_is_offered_once(tmp_path: Path) -> None:
    scene, patch = failing_scene(tmp_path)
    scene.fails("test_shop.py::test_other", "AssertionError", "assert 4 == 3", at="assert total")
    scene.knows("test_shop.py::test_other", phase="found", patches=(patch,))
    titles = [one.title for one in actions_at(scene, "test_shop.py", "assert total")]
    assert any("test_other" in title for title in titles)
    assert sum(title.startswith("Repair") for title in titles) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [("test_shop.py", "assert total"), ("test_shop.py", "def test_total"), ("shop.py", "return sum"),
     ("shop.py", "def total")],
)  # fmt: skip
def test_a_repair_is_offered_wherever_the_failure_is_seen(tmp_path: Path, path: str, text: str) -> None:
    scene, _ = failing_scene(tmp_path)
    first = actions_at(scene, path, text)[0]
    assert first.title == "Repair: writes `sum(xs)` (mends test_total, 5 tests pass, fails without it)"
    assert (first.kind, first.is_preferred, first.edit) == (types.CodeActionKind.QuickFix, True, None)


def test_nothing_is_offered_elsewhere_unasked(tmp_path: Path) -> None:
    scene, _ = failing_scene(tmp_path)
    assert not actions_at(scene, "shop.py", "RATE", trigger_kind=types.CodeActionTriggerKind.Automatic)


def test_help_and_runs_come_after_the_repairs(tmp_path: Path) -> None:
    scene, _ = failing_scene(tmp_path)
    titles = [one.title for one in actions_at(scene, "test_shop.py", "assert total")]
    assert titles[1:] == [
        "Explain why test_total fails",
        "Hint for test_total: where to look",
        "Hint for test_total: what is wrong there",
        "Hint for test_total: how to mend it",
        "Trace test_total",
        "Run test_total",
        "Run all 1 tests of this file",
    ]


def test_only_the_kinds_that_were_asked_for_are_returned(tmp_path: Path) -> None:
    scene, _ = failing_scene(tmp_path)
    found = actions_at(scene, "shop.py", "return sum", only=[types.CodeActionKind.QuickFix])
    assert [one.title.partition(":")[0] for one in found] == ["Repair"]


def test_low_confidence_is_not_preferred_and_wants_a_confirmation(tmp_path: Path) -> None:
    scene, patch = failing_scene(tmp_path, confidence="low")
    action = actions_at(scene, "shop.py", "return sum")[0]
    assert not action.is_preferred and action.title.endswith("look before you apply)")
    annotations = resolved(scene, patch).change_annotations or {}
    assert annotations[ANNOTATION].needs_confirmation is True


def test_the_resolved_edit_is_versioned_annotated_and_small(tmp_path: Path) -> None:
    scene, patch = failing_scene(tmp_path)
    (change,) = resolved(scene, patch).document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (scene.uri("shop.py"), 1)
    (edit,) = change.edits
    assert isinstance(edit, types.AnnotatedTextEdit) and edit.annotation_id == ANNOTATION
    assert edit.new_text == "" and edit.range.start.line == edit.range.end.line
    document = scene.snapshot.documents[scene.uri("shop.py")]
    assert applied(document, change.edits) == patch.changes[0].new


def test_an_edit_elsewhere_carries_the_repair_over(tmp_path: Path) -> None:
    scene, patch = failing_scene(tmp_path)
    scene.edit("shop.py", lambda text: "# Prices.\n" + text)
    (change,) = resolved(scene, patch).document_changes or ()
    assert isinstance(change, types.TextDocumentEdit) and change.text_document.version == 2
    document = scene.snapshot.documents[scene.uri("shop.py")]
    assert applied(document, change.edits) == "# Prices.\n" + patch.changes[0].new


@pytest.mark.parametrize("moved", [False, True])
def test_what_was_carried_over_wants_a_confirmation(tmp_path: Path, moved: bool) -> None:
    scene, patch = failing_scene(tmp_path)
    if moved:
        scene.edit("shop.py", lambda text: "# Prices.\n" + text)
    annotation = (resolved(scene, patch).change_annotations or {})[ANNOTATION]
    assert annotation.needs_confirmation is moved


@pytest.mark.parametrize("old, new", [("sum(xs) + 1", "sum(xs) + 2"), ("def total(xs)", "def total(ys)")])
def test_an_edit_of_the_place_makes_it_refused(tmp_path: Path, old: str, new: str) -> None:
    scene, patch = failing_scene(tmp_path)
    action = actions_at(scene, "shop.py", "return sum")[0]
    scene.edit("shop.py", lambda text: text.replace(old, new))
    with pytest.raises(RequestFailed, match=r"shop\.py has changed around line \d"):
        resolve_code_action(Session(patch), scene.snapshot, action)  # type: ignore[arg-type]


def test_a_repair_that_nobody_knows_any_more_is_refused(tmp_path: Path) -> None:
    scene, _ = failing_scene(tmp_path)
    action = actions_at(scene, "shop.py", "return sum")[0]
    with pytest.raises(RequestFailed, match="not known any more"):
        resolve_code_action(Session(), scene.snapshot, action)  # type: ignore[arg-type]


def test_files_that_are_not_open_are_edited_as_the_disk_has_them(tmp_path: Path) -> None:
    scene, patch = failing_scene(tmp_path)
    other = FileChange("rates.py", "RATE = 1\n", "RATE = 2\n")
    (scene.root / "rates.py").write_text(other.old)
    both = replace(patch, changes=(*patch.changes, other))
    scene.knows(TEST, patches=(both,))
    changes = {one.text_document.uri: one for one in resolved(scene, both).document_changes or ()}  # type: ignore[union-attr]
    assert changes[scene.uri("rates.py")].text_document.version is None  # type: ignore[union-attr]
    assert changes[scene.uri("shop.py")].text_document.version == 1  # type: ignore[union-attr]
    assert " in 2 files (" in actions_at(scene, "shop.py", "return sum")[0].title


def test_clients_without_resolve_get_a_command(tmp_path: Path) -> None:
    client = replace(EVERYTHING, code_action_resolve_edit=False)
    scene, patch = failing_scene(tmp_path, client)
    action = actions_at(scene, "shop.py", "return sum")[0]
    assert action.data is None and action.command.command == "tracemend.apply"
    assert action.command.arguments == [{"root": str(scene.root), "test": TEST, "patch": patch.key}]


def test_clients_that_take_no_edits_from_a_server_get_them_with_the_menu(tmp_path: Path) -> None:
    client = replace(EVERYTHING, code_action_resolve_edit=False, apply_edit=False)
    scene, patch = failing_scene(tmp_path, client)
    action = actions_at(scene, "shop.py", "return sum")[0]
    assert action.edit == feature.edit_of(scene.snapshot, scene.root, patch)
    assert action.command is None and action.disabled is None


def test_the_oldest_clients_get_commands_and_plain_changes(tmp_path: Path) -> None:
    scene, patch = failing_scene(tmp_path, MINIMAL)
    first = actions_at(scene, "shop.py", "return sum")[0]
    assert isinstance(first, types.Command) and first.title.startswith("Repair: ")
    edit = feature.edit_of(scene.snapshot, scene.root, patch)
    assert edit.document_changes is None and list(edit.changes or {}) == [scene.uri("shop.py")]


def test_before_a_repair_is_found_a_search_is_offered(tmp_path: Path) -> None:
    scene, _ = failing_scene(tmp_path)
    scene.knows(TEST, phase="waiting", patches=())
    first = actions_at(scene, "shop.py", "return sum")[0]
    assert (first.title, first.command.command) == ("Search a repair for test_total", "tracemend.repair")


def test_a_flaky_test_can_be_ignored(tmp_path: Path) -> None:
    scene, _ = failing_scene(tmp_path)
    scene.results[TEST] = replace(scene.results[TEST], flaky="it depends on the time.")
    action = actions_at(scene, "test_shop.py", "def test_total")[-1]
    assert action.title == "Ignore test_total as flaky"
    assert action.command.arguments == [{"root": str(scene.root), "tests": [TEST], "ignore": True}]


def test_a_static_finding_is_followed_and_can_be_changed(tmp_path: Path) -> None:
    scene = Scene(tmp_path, SNIPPET)
    start = scene.files["shop.py"].index("RATE")
    found = StaticFinding("undefined-name", start, start + 4, "RATE is not defined", ("RATES",))
    scene.static["shop.py"] = ReviewedText(scene.files["shop.py"], (found,))
    scene.edit("shop.py", lambda text: "# Prices.\n" + text)
    (diagnostic,) = all_diagnostics(scene.snapshot)[scene.uri("shop.py")]
    assert (diagnostic.source, diagnostic.range.start) == ("tracemend static", types.Position(1, 0))
    action = actions_at(scene, "shop.py", "RATE")[0]
    (change,) = action.edit.document_changes
    assert action.title == "Change to 'RATES'"
    document = scene.snapshot.documents[scene.uri("shop.py")]
    assert applied(document, change.edits).startswith("# Prices.\nRATES = 1\n")
    scene.edit("shop.py", lambda text: text.replace("RATE = 1", "RATE = 2"))
    assert not all_diagnostics(scene.snapshot)
