"""The commands: what their arguments mean, what they show, and what they answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types
from scene import EVERYTHING, Scene, patch_of, step, trace_of

from tracemend.server.clients import ClientFeatures
from tracemend.server.features import commands
from tracemend.server.features.explain import explain, text_document_content
from tracemend.server.jobs import Job
from tracemend.server.problems import InvalidParams, RequestFailed, RequestProblem
from tracemend.server.targets import target_of

TEST = "test_shop.py::test_total"
SNIPPET = """
    #- shop.py
    def total(xs):
        return sum(xs) + 1
    #- test_shop.py
    def test_total():
        assert total([1]) == 1

    def test_other(): pass
"""


class FakeSession:
    """A session whose client answers as it is told, and whose search is over."""

    def __init__(self, scene: Scene, *, runs: bool = True) -> None:
        self.scene = scene
        self.repairs = self
        self.link = self
        self.shown: list[str] = []
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, Any] = {}
        self.ran: list[Any] = []
        self._live = (
            SimpleNamespace(run=lambda tests: self.ran.append(tests) or len(self.ran)) if runs else None
        )

    def live(self, root: Path) -> Any:
        return self._live

    def latest(self) -> Any:
        return self.scene.snapshot

    def publish(self) -> None:
        """Nobody listens."""

    def show_message(self, text: str, kind: str = "info") -> None:
        self.shown.append(text)

    def ask(self, method: str, params: Any, job: Job) -> Any:
        self.asked.append((method, params))
        return self.answers.get(method)

    def repair(self, root: Path, test: str, job: Job) -> Any:
        return self.scene.states[test]

    investigate = repair

    def patch(self, root: Path, key: str) -> Any:
        return next(
            (one for state in self.scene.states.values() for one in state.patches if one.key == key), None
        )


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(commands, "Repairs", FakeSession)
    monkeypatch.setattr("tracemend.server.features.code_actions.Repairs", FakeSession)
    made = Scene(tmp_path, SNIPPET)
    made.fails(TEST, "AssertionError", "assert 2 == 1", at="assert total")
    made.passes("test_shop.py::test_other")
    return made


def call(command: Any, scene: Scene, session: FakeSession | None = None, **argument: Any) -> Any:
    """Carry out a command on the failing test."""
    arguments = [{"root": str(scene.root), "tests": [TEST], **argument}]
    return command(session or FakeSession(scene), scene.snapshot, arguments, Job("command"))


def with_patch(scene: Scene, **fields: Any) -> Any:
    patch = patch_of(scene, TEST, "shop.py", "sum(xs) + 1", "sum(xs)", **fields)
    scene.knows(TEST, phase="found", patches=(patch,))
    return patch


@pytest.mark.parametrize(
    ("argument", "tests"),
    [
        ({"root": "", "tests": ["a", "b"]}, ("a", "b")),
        ({"root": ""}, ()),
        ({"uri": "test_shop.py"}, (TEST, "test_shop.py::test_other")),
        ({"uri": "test_shop.py", "line": 1}, (TEST,)),
        ({"uri": "shop.py"}, ()),
        (None, ()),
    ],
)
def test_what_arguments_mean(scene: Scene, argument: dict[str, Any] | None, tests: tuple[str, ...]) -> None:
    if argument is not None and "uri" in argument:
        argument = {**argument, "uri": scene.uri(argument["uri"])}
    elif argument is not None:
        argument = {**argument, "root": str(scene.root)}
    found = target_of(scene.snapshot, [argument] if argument is not None else [])
    assert (found.root, found.tests) == (scene.root, tests)


@pytest.mark.parametrize(
    "argument",
    ["x", 3, {"root": "/nowhere"}, {"uri": "file:///nowhere.py"}, {"uri": "untitled:a"}, {"tests": "x", "root": ""},
     {"uri": "shop.py", "line": 0}, {"uri": "shop.py", "line": "one"}],
    ids=str,
)  # fmt: skip
def test_arguments_that_mean_nothing_are_refused(scene: Scene, argument: Any) -> None:
    if isinstance(argument, dict) and argument.get("uri") == "shop.py":
        argument = {**argument, "uri": scene.uri("shop.py")}
    if isinstance(argument, dict) and argument.get("root") == "":
        argument = {**argument, "root": str(scene.root)}
    with pytest.raises(RequestProblem):
        target_of(scene.snapshot, [argument])


def test_run_runs_what_is_named(scene: Scene) -> None:
    session = FakeSession(scene)
    assert call(commands.run, scene, session)["run"] == 1
    call(commands.run_all, scene, session)
    assert session.ran == [[TEST], None]


def test_where_nothing_runs_the_reason_is_told(scene: Scene) -> None:
    with pytest.raises(RequestFailed, match="No tests are run here"):
        call(commands.run, scene, FakeSession(scene, runs=False))


def test_a_hint_is_shown_and_returned(scene: Scene) -> None:
    session = FakeSession(scene)
    found = call(commands.give_hint, scene, session, level="how")
    assert session.shown == [found["text"]] and found["level"] == "how"
    with pytest.raises(InvalidParams):
        call(commands.give_hint, scene, session, level="all")


def test_repair_lets_the_user_choose_and_applies_that(scene: Scene) -> None:
    patch = with_patch(scene)
    session = FakeSession(scene)
    title = "Repair: writes `sum(xs)` (mends test_total, 5 tests pass, fails without it)"
    session.answers["window/showMessageRequest"] = types.MessageActionItem(title)
    session.answers["workspace/applyEdit"] = types.ApplyWorkspaceEditResult(applied=True)
    found = call(commands.repair, scene, session)
    assert (found["chosen"], found["applied"]) == (0, True)
    (question, request), (method, params) = session.asked
    assert question == "window/showMessageRequest" and [one.title for one in request.actions] == [title]
    assert (
        method == "workspace/applyEdit"
        and params.label == title
        and patch.diff == found["patches"][0]["diff"]
    )


def test_repair_changes_nothing_without_a_choice(scene: Scene) -> None:
    with_patch(scene)
    session = FakeSession(scene)
    found = call(commands.repair, scene, session)
    assert (found["chosen"], found["applied"], len(session.asked)) == (None, False, 1)


def test_a_client_that_shows_repairs_itself_is_not_asked_to(scene: Scene) -> None:
    with_patch(scene)
    session = FakeSession(scene)
    found = call(commands.repair, scene, session, choose=False)
    assert len(found["patches"]) == 1 and not found["applied"] and not session.asked


def test_repair_says_why_there_is_none(scene: Scene) -> None:
    scene.knows(TEST, phase="none", reason="Nothing helped.")
    session = FakeSession(scene)
    assert not call(commands.repair, scene, session)["applied"]
    assert session.shown == ["No repair was found for test_total. Nothing helped."]


def test_an_edit_that_the_editor_refuses_is_told(scene: Scene) -> None:
    patch = with_patch(scene)
    session = FakeSession(scene)
    session.answers["workspace/applyEdit"] = types.ApplyWorkspaceEditResult(False, "version mismatch")
    assert call(commands.apply, scene, session, patch=patch.key) == {"applied": False}
    assert session.shown == ["The repair was not applied: version mismatch."]


def test_an_edit_of_what_has_changed_is_not_even_asked_for(scene: Scene) -> None:
    patch = with_patch(scene)
    scene.edit("shop.py", lambda text: text.replace("+ 1", "+ 2"))
    session = FakeSession(scene)
    with pytest.raises(RequestFailed, match=r"shop\.py has changed"):
        call(commands.apply, scene, session, patch=patch.key)
    assert not session.asked


def test_trace_answers_with_the_run(scene: Scene) -> None:
    trace = trace_of(TEST, step("shop.py", 1, "call", xs="[1]"))
    scene.knows(TEST, trace=trace)
    (row,) = call(commands.trace, scene)["rows"]
    assert row.startswith("shop.py:1") and row.endswith("xs = [1]")


@pytest.mark.parametrize(
    ("client", "shown"),
    [
        (EVERYTHING, "tracemend:/"),
        (replace(EVERYTHING, dynamic_text_content=False), "file:///"),
        (ClientFeatures(), ""),
    ],
    ids=["virtual document", "temporary file", "message"],
)
def test_an_explanation_is_shown_as_the_client_can(scene: Scene, client: ClientFeatures, shown: str) -> None:
    scene.client = client
    session = FakeSession(scene)
    found = call(explain, scene, session)
    assert found["text"].startswith(f"# {TEST}")
    if not shown:
        assert not session.asked and session.shown[0].startswith(f"# {TEST}")
        return
    ((_, params),) = session.asked
    assert params.uri.startswith(shown) and params.uri.endswith(".md") == (shown == "file:///")
    if shown == "file:///":
        assert Path(params.uri.removeprefix("file://")).read_text() == found["text"]


def test_the_virtual_document_has_the_explanation_and_outlives_the_failure(scene: Scene) -> None:
    params = types.TextDocumentContentParams(call(explain, scene)["uri"])
    session: Any = FakeSession(scene)
    assert "AssertionError" in text_document_content(session, scene.snapshot, params, Job("content")).text
    scene.states.clear()
    assert "not known to fail" in text_document_content(session, scene.snapshot, params, Job("content")).text
