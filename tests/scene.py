"""A workspace as features see it, from one snippet: files, failing tests, and what is known about these.

    scene = Scene(tmp_path, '''
        #- shop.py
        def total(xs):
            return sum(xs) + 1
        #   ^^^^^^^^^^^^^^^^^^ information: Suspected of the failure of test_total
        #- test_shop.py
        ...
    ''')
    scene.fails("test_shop.py::test_total", "AssertionError", "assert 4 == 3", at="assert total")
    check_diagnostics(scene)

A comment of carets expects something at that range of the last line of code above; `# <- kind: text` at its column 0. Every
expectation must be met, and nothing else may be there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lsprotocol import types
from project_fixture import make_project, project_files

from tracemend.repair.explain.evidence import Suspect
from tracemend.repair.live.state import LiveResult, LiveState
from tracemend.repair.runner.results import CollectedTest, CollectionError, Failure, Frame, TestResult
from tracemend.repair.runner.settings import Project
from tracemend.repair.runner.traces import FailureFrame, Step, Trace
from tracemend.server.clients import ClientFeatures
from tracemend.server.config import Config
from tracemend.server.documents import Document, split_lines, uri_of_path
from tracemend.server.findings import FoundPatch, RepairState
from tracemend.server.session import FolderView, Snapshot
from tracemend.server.static_reviews import ReviewedText
from tracemend.server.views.values import line_values

EVERYTHING = ClientFeatures(
    name="test", apply_edit=True, show_document=True, document_changes=True, change_annotations=True,
    code_action_literals=True, code_action_data=True, code_action_resolve_edit=True, related_information=True,
    refresh_inlay_hints=True, dynamic_text_content=True, markdown_hover=True,
)  # fmt: skip

_NOTE = re.compile(r"^(?P<before>\s*#\s*)(?:(?P<carets>\^+)|<-) (?P<kind>[\w-]+): (?P<text>.*)$")


@dataclass(frozen=True, slots=True)
class Note:
    """Something expected at a range of a file; lines count from 1, columns from 0."""

    path: str
    line: int
    start: int
    end: int | None  # None for an arrow, which says where something begins.
    kind: str
    text: str


class Scene:
    """The workspace. Change it, then take a `snapshot`."""

    def __init__(self, folder: Path, snippet: str, client: ClientFeatures = EVERYTHING) -> None:
        self.project: Project = make_project(folder, snippet)
        self.root = self.project.root
        self.files = project_files(snippet)
        self.client = client
        self.settings = Config()
        self.trusted = True
        self.results: dict[str, LiveResult] = {}
        self.states: dict[str, RepairState] = {}
        self.errors: tuple[CollectionError, ...] = ()
        self.tests: tuple[CollectedTest, ...] = ()
        self.texts: dict[str, str] = dict(self.files)  # What the editor holds now.
        self.versions: dict[str, int] = dict.fromkeys(self.files, 1)
        self.phase: Any = "idle"
        self.static: dict[str, ReviewedText] = {}  # By path.

    def fails(self, test: str, exception: str, message: str, *, at: str, via: str = "") -> TestResult:
        """Let a test fail at the line that holds `at`, in code of the line that holds `via`."""
        path = test.partition("::")[0]
        frames = [self.frame(path, at)]
        if via:
            frames.append(next(self.frame(one, via) for one in self.files if via in self.files[one]))
        result = TestResult(test, "failed", failure=Failure("call", exception, message, tuple(frames)))
        self.add(result)
        return result

    def passes(self, test: str) -> None:
        """Let a test pass."""
        self.results[test] = LiveResult(TestResult(test, "passed"), fresh=True, run=1)

    def add(self, result: TestResult) -> None:
        """Add a failing test, of which nothing but the verdict is known."""
        self.results[result.test] = LiveResult(result, fresh=True, run=1)
        self.states[result.test] = RepairState(result, texts=dict(self.files), run=1)

    def knows(self, test: str, **facts: Any) -> RepairState:
        """Add to what is known about a failing test; a trace brings the values of its lines."""
        state = replace(self.states[test], looked_at=True, **facts)
        if state.trace is not None:
            state = replace(state, values=line_values(state.trace, state.texts))
        self.states[test] = state
        return state

    def suspects(self, test: str, *places: tuple[str, str, float]) -> None:
        """Suspect the lines that hold these texts, each (path, text, score)."""
        suspects = tuple(
            Suspect(path, self.line(path, text), score, text, "", "executed by failing tests")
            for path, text, score in places
        )
        self.knows(test, suspects=suspects)

    def edit(self, path: str, change: Callable[[str], str]) -> None:
        """Let the user change a document without saving it."""
        self.texts[path] = change(self.texts[path])
        self.versions[path] += 1

    def line(self, path: str, text: str) -> int:
        """Return the 1-based line of the file as it was run that holds `text`."""
        lines = self.files[path].splitlines()
        return next(at for at, line in enumerate(lines, 1) if text in line)

    def frame(self, path: str, text: str) -> Frame:
        """Return a traceback's frame at the line that holds `text`."""
        return Frame(path, self.line(path, text), "f", True)

    def uri(self, path: str) -> str:
        """Return the URI of a file."""
        return uri_of_path(self.root / path)

    @property
    def folder(self) -> FolderView:
        """The folder as it is now."""
        live = LiveState(self.phase, results=dict(self.results), tests=self.tests, errors=self.errors, run=1)
        return FolderView(
            uri_of_path(self.root), "scene", self.root, self.settings, self.trusted, self.project, live,
            dict(self.states),
        )  # fmt: skip

    @property
    def snapshot(self) -> Snapshot:
        """The view of this moment, with every file open."""
        documents = [
            Document(
                self.uri(path), self.root / path, self.versions[path], "python", split_lines(text), "utf-16"
            )
            for path, text in self.texts.items()
        ]
        return Snapshot(
            {one.uri: one for one in documents},
            (self.folder,),
            self.client,
            "utf-16",
            {one.path: one.uri for one in documents if one.path},
            {self.uri(path): one for path, one in self.static.items()},
        )

    @property
    def notes(self) -> list[Note]:
        """What the comments expect."""
        return [note for path, text in self.texts.items() for note in _notes(path, text)]

    def check(self, found: Mapping[str, list[tuple[types.Range, str, str]]]) -> None:
        """Compare what was found, (range, kind, text) by URI, with the comments, one to one."""
        expected = sorted((one.path, one.line, one.start, one.end, one.kind, one.text) for one in self.notes)
        ends = {one[:3]: one[3] for one in expected}
        seen = []
        for path in self.texts:
            for where, kind, text in found.get(self.uri(path), []):
                place = path, where.start.line + 1, where.start.character
                end = None if place in ends and ends[place] is None else where.end.character
                wanted = [one[5] for one in expected if one[:5] == (*place, end, kind)]
                shown = next((one for one in wanted if one in text), text)
                seen.append((*place, end, kind, shown))
        assert sorted(seen, key=str) == sorted(expected, key=str)


def step(path: str, line: int, kind: Any = "block", frame: int = 1, visit: int = 1, **values: str) -> Step:
    """Return one moment of a trace."""
    renamed = {name.removesuffix("_"): text for name, text in values.items()}
    return Step(path, line, "f", frame, frame, frame, visit, kind, renamed)


def trace_of(test: str, *steps: Step, error: str = "", failure: tuple[FailureFrame, ...] = ()) -> Trace:
    """Return the trace of a failing test."""
    return Trace(test, "failed", steps, error=error, failure=failure)


def traced_scene(folder: Path) -> Scene:
    """Return a workspace whose failing test was traced through a loop, with the hints that follow."""
    test = "test_shop.py::test_total"
    scene = Scene(folder, """
        #- shop.py
        def total(xs):
        # <- hint: xs = [1, 2]
            result = 0
        # <- hint: result = 0
            for x in xs:
        # <- hint: x = 1 … 2 (2x)
                result += x * 2
        # <- hint: result = 2 … 6 (2x)
            return result
        # <- hint: returns 6
        #- test_shop.py
        def test_total():
            assert total([1, 2]) == 3
        # <- hint: raises AssertionError: assert 6 == 3
    """)  # fmt: skip
    lines = [scene.line("shop.py", text) for text in ("def", "result = 0", "for", "result +=", "return")]
    head, first, loop, body, end = lines
    scene.fails(test, "AssertionError", "assert 6 == 3", at="assert total")
    steps = [
        step("shop.py", head, "call", frame=2, xs="[1, 2]"),
        step("shop.py", first, frame=2),
        step("shop.py", loop, frame=2, result="0"),
        step("shop.py", body, frame=2, x="1"),
        step("shop.py", loop, frame=2, visit=2, result="2"),
        step("shop.py", body, frame=2, visit=2, x="2"),
        step("shop.py", loop, frame=2, visit=3, result="6"),
        step("shop.py", end, frame=2),
        step("shop.py", end, "return", frame=2, return_="6"),
    ]
    frame = FailureFrame("test_shop.py", scene.line("test_shop.py", "assert"), "test_total", {})
    trace = trace_of(test, *steps, error="AssertionError: assert 6 == 3", failure=(frame,))
    scene.knows(test, trace=trace)
    return scene


def patch_of(scene: Scene, test: str, path: str, old: str, new: str, **fields: Any) -> FoundPatch:
    """Return a proven patch that replaces one text in a file."""
    from tracemend.repair.explain.evidence import Change, Evidence, FailurePoint, Rerun
    from tracemend.repair.patch import FileChange

    text = scene.files[path]
    line = scene.line(path, old.splitlines()[0])
    evidence = Evidence(
        FailurePoint(test, "AssertionError"),
        changes=(Change(path, line, old, new),),
        reruns=(Rerun("target", 1), Rerun("whole", 5, fresh_process=True)),
        reverted_fails=True,
    )
    values: dict[str, Any] = {
        "tests": (test,),
        "confidence": "high",
        "changes": (FileChange(path, text, text.replace(old, new, 1)),),
        "note": f"writes `{new}`",
        "explanation": "Because.",
        "evidence": evidence,
    }
    return FoundPatch(**{**values, **fields})


def _notes(path: str, text: str) -> Iterator[Note]:
    code_line = 0
    for number, line in enumerate(text.splitlines(), 1):
        match = _NOTE.match(line)
        if match is None:
            code_line = number
            continue
        start = len(match["before"]) if match["carets"] else line.index("#")
        end = start + len(match["carets"]) if match["carets"] else None
        yield Note(path, code_line, start, end, match["kind"], match["text"])
