"""Inlay hints, hovers, lenses, coverage and the status line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types
from scene import Scene, patch_of, step, trace_of, traced_scene

from tracemend.server.config import Config
from tracemend.server.features.code_lenses import code_lenses, resolve_code_lens
from tracemend.server.features.coverage import coverage
from tracemend.server.features.hover import hover
from tracemend.server.features.inlay_hints import inlay_hints
from tracemend.server.features.status import status_of
from tracemend.server.jobs import Job
from tracemend.server.problems import InvalidParams

TEST = "test_shop.py::test_total"
OTHER = "test_shop.py::test_other"


def session_of(covered: Mapping[str, Mapping[str, frozenset[int]]] | None = None) -> Any:
    """Return what these features ask of a session: the live project's coverage."""

    def covering(path: str, line: int) -> set[str]:
        return {test for test, files in (covered or {}).items() if line in files.get(path, ())}

    live = SimpleNamespace(coverage=lambda: covered or {}, covering=covering)
    return SimpleNamespace(live=lambda root: live, repairs=None)


def check_hints(scene: Scene) -> None:
    """Compare the hints of all files with the comments; a hint begins where its line ends."""
    found = {}
    for uri in scene.snapshot.documents:
        params = types.InlayHintParams(
            types.TextDocumentIdentifier(uri), types.Range(types.Position(0, 0), types.Position(99, 0))
        )
        hints = inlay_hints(session_of(), scene.snapshot, params) or []
        found[uri] = [(types.Range(one.position, one.position), "hint", str(one.label)) for one in hints]
    scene.check({
        uri: [(types.Range(types.Position(one.start.line, 0), one.end), kind, text) for one, kind, text in hints]
        for uri, hints in found.items()
    })  # fmt: skip


def check_lenses(scene: Scene) -> None:
    """Compare the resolved lenses of all files with the comments: their titles, joined, at one name."""
    found: dict[str, list[tuple[types.Range, str, str]]] = {}
    for uri in scene.snapshot.documents:
        params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
        titles: dict[tuple[int, int, int], list[str]] = {}
        for lens in code_lenses(session_of(), scene.snapshot, params) or []:
            resolved = resolve_code_lens(session_of(), scene.snapshot, lens)
            assert resolved.command is not None
            where = lens.range.start.line, lens.range.start.character, lens.range.end.character
            titles.setdefault(where, []).append(resolved.command.title)
        found[uri] = [
            (types.Range(types.Position(line, start), types.Position(line, end)), "lens", " | ".join(found))
            for (line, start, end), found in titles.items()
        ]
    scene.check(found)


def hover_text(scene: Scene, path: str, text: str, session: Any = None) -> str:
    """Return what the hover on the line that holds `text` says."""
    position = types.Position(scene.line(path, text) - 1, 4)
    params = types.HoverParams(types.TextDocumentIdentifier(scene.uri(path)), position)
    found = hover(session or session_of(), scene.snapshot, params)
    return found.contents.value if found is not None else ""  # type: ignore[union-attr]


def test_hints_show_first_and_last_values_of_the_failing_path(tmp_path: Path) -> None:
    check_hints(traced_scene(tmp_path))


def test_hints_follow_their_lines(tmp_path: Path) -> None:
    scene = traced_scene(tmp_path)
    scene.edit("shop.py", lambda text: "import os\n\n" + text)
    check_hints(scene)


def test_hints_of_the_test_that_was_asked_for_go_first(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- shop.py
        def twice(x):
        # <- hint: x = 7
            return x * 3
        #- test_shop.py
        def test_total(): assert twice(1) == 2
        def test_other(): assert twice(7) == 14
    """)  # fmt: skip
    for asked, (test, value) in enumerate([(TEST, "1"), (OTHER, "7")]):
        scene.fails(test, "AssertionError", "", at=test.partition("::")[2])
        call = step("shop.py", 1, "call", frame=2, x=value)
        scene.knows(test, trace=trace_of(test, call), asked=asked)
    check_hints(scene)


def test_a_hover_has_all_values_and_who_is_suspected(tmp_path: Path) -> None:
    scene = traced_scene(tmp_path)
    scene.suspects(TEST, ("shop.py", "result +=", 0.9))
    scene.passes(OTHER)
    line = frozenset({scene.line("shop.py", "result +=")})
    covered = {TEST: {"shop.py": line}, OTHER: {"shop.py": line}}
    text = hover_text(scene, "shop.py", "result +=", session_of(covered))
    assert "`result`: `2, 6`" in text
    assert "**Suspect 1** of 1 for test_total, score 0.90: executed by failing tests" in text
    assert "Executed by 2 tests: 1 passing, 1 failing\n- test_total fails" in text


def test_a_hover_for_plain_clients_has_no_markup(tmp_path: Path) -> None:
    scene = traced_scene(tmp_path)
    scene.client = replace(scene.client, markdown_hover=False)
    text = hover_text(scene, "shop.py", "result +=")
    assert "test_total had here\n- result: 2, 6" in text


def test_lenses_sit_on_tests_and_tell_their_verdict(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- test_shop.py
        def helper(): pass
        def test_total():
        #   ^^^^^^^^^^ lens: Run (failed) | Trace | Repair (proven)
            assert 0
        class TestMore:
            def test_other(self):
        #       ^^^^^^^^^^ lens: Run (passed)
                assert 1
        def test_never():
        #   ^^^^^^^^^^ lens: Run (2 tests)
            '''
            def test_in_text(): pass
            '''
    """)  # fmt: skip
    scene.fails(TEST, "AssertionError", "assert 0", at="assert 0")
    scene.passes("test_shop.py::TestMore::test_other")
    for name in ("a", "b"):
        scene.passes(f"test_shop.py::test_never[{name}]")
        one = scene.results[f"test_shop.py::test_never[{name}]"]
        scene.results[one.result.test] = replace(one, fresh=False)
    patch = patch_of(scene, TEST, "test_shop.py", "assert 0", "assert 1")
    scene.knows(TEST, phase="found", patches=(patch,))
    check_lenses(scene)


def test_lenses_sit_on_the_function_that_a_failure_is_suspected_to_come_from(tmp_path: Path) -> None:
    scene = Scene(tmp_path, """
        #- shop.py
        def price(x): return x
        def total(xs):
        #   ^^^^^ lens: Run (failed) | Trace | Repair (searching ...)
            return sum(xs) + 1
        #- test_shop.py
        def test_total():
        #   ^^^^^^^^^^ lens: Run (failed) | Trace | Repair (searching ...)
            assert 0
    """)  # fmt: skip
    scene.fails(TEST, "AssertionError", "assert 0", at="assert 0")
    scene.suspects(TEST, ("shop.py", "return sum", 1.0))
    scene.knows(TEST, phase="searching")
    check_lenses(scene)


def test_a_lens_of_somebody_else_is_refused(tmp_path: Path) -> None:
    lens = types.CodeLens(types.Range(types.Position(0, 0), types.Position(0, 1)), data={"kind": "run"})
    with pytest.raises(InvalidParams):
        resolve_code_lens(session_of(), Scene(tmp_path, "").snapshot, lens)


@pytest.mark.parametrize("setting", ["inlay_hints", "code_lenses", "hovers"])
def test_each_aid_can_be_switched_off(tmp_path: Path, setting: str) -> None:
    scene = traced_scene(tmp_path)

    def shown() -> dict[str, bool]:
        document = types.TextDocumentIdentifier(scene.uri("shop.py"))
        everywhere = types.Range(types.Position(0, 0), types.Position(99, 0))
        lenses = types.CodeLensParams(types.TextDocumentIdentifier(scene.uri("test_shop.py")))
        return {
            "inlay_hints": bool(
                inlay_hints(session_of(), scene.snapshot, types.InlayHintParams(document, everywhere))
            ),
            "code_lenses": bool(code_lenses(session_of(), scene.snapshot, lenses)),
            "hovers": bool(hover_text(scene, "shop.py", "result +=")),
        }

    assert all(shown().values())
    scene.settings = replace(Config(), **{setting: False})
    assert [name for name, here in shown().items() if not here] == [setting]


def test_coverage_names_the_tests_of_each_line(tmp_path: Path) -> None:
    scene = traced_scene(tmp_path)
    scene.passes(OTHER)
    covered = {
        TEST: {"shop.py": frozenset({2, 3}), "test_shop.py": frozenset({2})},
        OTHER: {"shop.py": frozenset({3})},
    }
    params = {"textDocument": {"uri": scene.uri("shop.py")}}
    assert coverage(session_of(covered), scene.snapshot, params, Job("coverage")) == {
        "uri": scene.uri("shop.py"),
        "tests": [OTHER, TEST],
        "verdicts": ["passed", "failed"],
        "lines": [{"line": 1, "tests": [1]}, {"line": 2, "tests": [0, 1]}],
    }


def test_the_status_counts_and_says_one_line(tmp_path: Path) -> None:
    scene = traced_scene(tmp_path)
    scene.passes(OTHER)
    scene.knows(TEST, phase="searching")
    found = status_of(scene.snapshot)
    assert (found["health"], found["quiescent"]) == ("ok", False)
    assert found["message"] == "1 failed, 1 passed, searching a repair"
    (folder,) = found["folders"]
    assert (folder["passed"], folder["failed"], folder["searching"]) == (1, 1, [TEST])


def test_an_untrusted_folder_says_that_nothing_is_run(tmp_path: Path) -> None:
    scene = traced_scene(tmp_path)
    scene.trusted = False
    assert status_of(scene.snapshot)["message"] == "not trusted: nothing is run"
