"""The live view: what it shows while events come in, drawn on a console that only pretends to be a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from sample_report import CONTAINMENT

from tracemend.repair import events
from tracemend.server.cli.progress import LiveWatcher, PlainWatcher, watcher_for
from tracemend.server.cli.terminal import shortened

TEST = "tests/test_shop.py::test_free[50]"

STORY: list[tuple[events.Event, list[str]]] = [
    (events.Started("3.12.1", "9.2.0", CONTAINMENT), ["collecting tests"]),
    (events.Collected(41), ["running 41 tests"]),
    (events.BaselineDone(40, 1, 0.5), ["comparing"]),
    (events.FailureStarted(TEST, 1, 2), [f"[1/2] {TEST}", "localizing", "0 of 2 failures done"]),
    (events.Localized(TEST, (("shop.py", 9, 0.82),)), ["suspect shop.py:9 (0.82)", "searching"]),
    (events.Tried(TEST, 312, 154.4, "compares with `>=`", "shop.py", 9), ["312 tried, 154/s", "shop.py:9 compares"]),
    (events.Plausible(TEST, "compares", "--- a"), ["1 plausible patch", "green: compares"]),
    (events.Judging(TEST, "the whole selection"), ["judging: the whole selection"]),
    (events.Tried("not begun", 1, 1.0, "", "", 1), ["judging: the whole selection"]),
    (events.FailureStarted("other", 2, 2), [f"[1/2] {TEST}", "[2/2] other"]),
    (events.FailureDone(TEST, "mended"), ["[2/2] other", "1 of 2 failures done"]),
]  # fmt: skip


def drawn(watcher: LiveWatcher) -> str:
    console = Console(file=io.StringIO(), width=120, markup=False)
    console.print(watcher.view())
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_live_view_follows_the_events() -> None:
    watcher = LiveWatcher(Console(file=io.StringIO(), force_terminal=True, width=120))
    for event, shown in STORY:
        watcher(event)
        for text in shown:
            assert text in drawn(watcher), event


def test_live_view_leaves_only_what_lasts() -> None:
    stream = io.StringIO()
    with LiveWatcher(Console(file=stream, force_terminal=True, width=120, markup=False)) as watcher:
        for event, _ in STORY:
            watcher(event)
    assert f"mended: {TEST}" in stream.getvalue()


@pytest.mark.parametrize(("terminal", "kind"), [(True, LiveWatcher), (False, PlainWatcher)])
def test_watcher_suits_the_stream(terminal: bool, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(watcher_for(Console(file=io.StringIO(), force_terminal=terminal)), kind)


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [("short", 10, "short"), ("a\n b", 10, "a b"), ("abcdefghijkl", 9, "abc...jkl"), ("abcdefghijkl", 10, "abcd...jkl")],
)  # fmt: skip
def test_shortened(text: str, width: int, short: str) -> None:
    assert shortened(text, width) == short
