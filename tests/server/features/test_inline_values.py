"""Inline values while a debugger has stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsprotocol import types
from scene import Scene, traced_scene

from tracemend.server.features.inline_values import inline_values
from tracemend.server.jobs import Job

SHOP = """
    #- shop.py
    def total(xs):
        amount = 0
        for x in xs:
            amount += x
        return amount
    #- test_shop.py
    def test_total(): ...
"""


def shown(scene: Scene, stopped_line: int) -> list[tuple[int, str]]:
    """Return (line, what is shown) of shop.py, stopped at a line; a look-up is shown as its name."""
    uri = scene.uri("shop.py")
    stopped = types.Range(types.Position(stopped_line - 1, 0), types.Position(stopped_line - 1, 0))
    params = types.InlineValueParams(
        types.TextDocumentIdentifier(uri),
        types.Range(types.Position(0, 0), types.Position(99, 0)),
        types.InlineValueContext(1, stopped),
    )
    session: Any = None
    found = inline_values(session, scene.snapshot, params, Job("test"))
    return [(one.range.start.line + 1, getattr(one, "text", None) or one.variable_name) for one in found]


def test_the_debuggers_own_values_down_to_where_it_stopped(tmp_path: Path) -> None:
    scene = Scene(tmp_path, SHOP)
    assert sorted(shown(scene, 4)) == [
        (1, "xs"),
        (2, "amount"),
        (3, "x"),
        (3, "xs"),
        (4, "amount"),
        (4, "x"),
    ]
    assert sorted(shown(scene, 2)) == [(1, "xs"), (2, "amount")]


def test_what_the_failing_run_had_stands_beside_them(tmp_path: Path) -> None:
    scene = traced_scene(tmp_path)
    line = scene.line("shop.py", "result = 0")
    assert (line, "test_total had result = 0") in shown(scene, line)
    assert all("had" not in text or at <= line for at, text in shown(scene, line))


def test_nothing_in_a_file_that_does_not_parse(tmp_path: Path) -> None:
    assert shown(Scene(tmp_path, SHOP.replace("return amount", "return (")), 4) == []
