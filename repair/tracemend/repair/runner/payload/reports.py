"""From pytest's reports to result dictionaries: one a test, with the failure taken from the exception itself.

Searching needs no traceback text (rendering one costs ten times the rest of a failing test), so `failure_of` reads
type, message and frames off the exception; only with `detail` does pytest's long representation come along.
"""

from __future__ import annotations

import sys
import time
from types import CodeType, FrameType, TracebackType
from typing import Any, Callable, Dict, List, Optional, Tuple

import pytest

from .paths import ProjectPaths

MESSAGE_CHARACTERS = 4000
TEXT_CHARACTERS = 60000
FAILURE = "_tracemend_failure"  # The attribute of a report that holds what failed.
OUTER_FRAMES, INNER_FRAMES = 20, 30
RUN_DEPTH = 36  # Frames below a test's protocol, a little more than the longest way there has.


class Recorder:
    """A pytest plug-in that gathers the phases of the test that runs."""

    def __init__(self, paths: ProjectPaths) -> None:
        self._paths = paths
        self.detail = False
        self._test = ""
        self._states: List[str] = []
        self._failure: Optional[Dict[str, Any]] = None
        self._began = (0.0, 0.0)  # Wall and CPU time.
        self._on_red: Optional[Callable[[Dict[str, Any]], None]] = None

    def run(self, item: pytest.Item, following: Optional[pytest.Item]) -> Dict[str, Any]:
        """Run `item` through pytest's own protocol and return its result."""
        self._test, self._states, self._failure = item.nodeid, [], None
        self.restart(None)
        try:
            _at_depth(
                RUN_DEPTH, lambda: item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            )
        except BaseException as error:  # noqa: BLE001 - pytest.exit() leaves the protocol; the test did it.
            self._states.append("error")
            self._failure = failure_of(error, "call", self._paths)
        return self._result()

    def restart(self, on_red: Optional[Callable[[Dict[str, Any]], None]]) -> None:
        """Measure time from now on, and have `on_red` called with the result as soon as that is known to be red."""
        self._began = (time.perf_counter(), time.process_time())
        self._on_red = on_red

    def result_of_raising(self, error: BaseException) -> Dict[str, Any]:
        """Return the result of the test that runs if all that there is to say of its call is that it raised `error`."""
        self._states.append("failed")
        self._failure = failure_of(error, "call", self._paths)
        return self._result()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Keep the failure while the exception is at hand: on the report, which may be logged late or as a copy."""
        outcome = yield
        report = outcome.get_result()
        if report.failed:
            error = None if call.excinfo is None else call.excinfo.value
            text = _long_text(report) if error is None or self.detail else ""
            failure = failure_of(error, report.when, self._paths, text)
            setattr(report, FAILURE, failure)
            if self.detail:
                failure["text"] = _detail_text(report, text)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note the state that this phase (or subtest) ends in."""
        state = _state(report)
        if state == "rerun":  # pytest-rerunfailures starts over.
            self._states, self._failure = [], None
        elif state:
            self._states.append(state)
            if state in ("failed", "error") and self._failure is None:
                found = getattr(report, FAILURE, None)
                self._failure = found or failure_of(None, report.when, self._paths, _long_text(report))
                if self._on_red is not None:
                    self._on_red(self._result())

    def _result(self) -> Dict[str, Any]:
        wall, cpu = self._began
        return {
            "test": self._test,
            "outcome": _overall(self._states),
            "seconds": round(time.perf_counter() - wall, 6),
            "cpu_s": round(time.process_time() - cpu, 6),
            "failure": self._failure,
        }


def collection_error(report: Any, paths: ProjectPaths) -> Dict[str, Any]:
    """Return what is known of a file (or folder) that could not be collected."""
    call = report.__dict__.get("call")  # pytest keeps it there until its own hook has looked.
    error = None if call is None or call.excinfo is None else call.excinfo.value
    if isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
        error = error.__cause__
    text = _long_text(report)
    found = failure_of(error, "setup", paths, text)
    path = str(getattr(report, "fspath", "") or report.nodeid.split("::")[0])
    return {
        "path": paths.shown(path),
        "exception": found["exception"],
        "message": found["message"],
        "frames": found["frames"],
        "text": _bounded(text, TEXT_CHARACTERS),
    }


def failure_of(
    error: Optional[BaseException], phase: str, paths: ProjectPaths, message: str = ""
) -> Dict[str, Any]:
    """Return phase, exception name, message and frames of `error`, or of a failure known by `message` alone."""
    if error is None:
        name, frames = "Failed", []
    else:
        kind = type(error)
        name = (
            kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__
        )
        message = _message_of(error)
        frames = frames_of(error.__traceback__, paths)
        if isinstance(error, SyntaxError) and error.filename:
            frames.append(frame_at(error.filename, error.lineno or 1, "<module>", paths))
    return {
        "phase": phase,
        "exception": name,
        "message": _bounded(message, MESSAGE_CHARACTERS),
        "frames": frames,
        "text": "",
    }


def frames_of(traceback: Optional[TracebackType], paths: ProjectPaths) -> List[Dict[str, Any]]:
    """Return the frames from the first one in the project inwards, at most 50, the outermost and innermost."""
    places: List[Tuple[CodeType, Optional[int]]] = []
    while traceback is not None:
        places.append((traceback.tb_frame.f_code, traceback.tb_lineno))
        traceback = traceback.tb_next
    return _frames_at(places, paths)


def stack_of(frame: Optional[FrameType], paths: ProjectPaths) -> List[Dict[str, Any]]:
    """Return the frames that `frame` is the innermost of, chosen as by `frames_of`."""
    places: List[Tuple[CodeType, Optional[int]]] = []
    while frame is not None:
        places.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return _frames_at(places[::-1], paths)


def shortened(frames: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Return the frames from the first one in the project inwards, at most 50 of them."""
    first = next((index for index, one in enumerate(frames) if one["in_project"]), 0)
    frames = frames[first:]
    if len(frames) > OUTER_FRAMES + INNER_FRAMES:
        frames = frames[:OUTER_FRAMES] + frames[-INNER_FRAMES:]
    return frames


def frame_at(filename: str, line: int, function: str, paths: ProjectPaths) -> Dict[str, Any]:
    """Return one frame as the tool reads it."""
    relative = paths.relative(filename)
    return {
        "path": relative or filename,
        "line": line,
        "function": function,
        "in_project": relative is not None,
    }


def _frames_at(places: List[Tuple[CodeType, Optional[int]]], paths: ProjectPaths) -> List[Dict[str, Any]]:
    return shortened(
        [
            frame_at(code.co_filename, line or 1, getattr(code, "co_qualname", code.co_name), paths)
            for code, line in places
            if not code.co_filename.startswith("<frozen")
        ]
    )


def _at_depth(depth: int, work: Callable[[], object]) -> None:
    """Call `work` with `depth` frames below it, so that endless recursion ends at the same place whatever the route."""
    missing = depth - 2
    frame: Optional[FrameType] = sys._getframe()
    while frame is not None:
        missing -= 1
        frame = frame.f_back
    _deeper(missing, work)


def _deeper(levels: int, work: Callable[[], object]) -> None:
    if levels > 0:
        _deeper(levels - 1, work)
    else:
        work()


def _message_of(error: BaseException) -> str:
    """Return the exception's text, or what pytest would print where that text says nothing."""
    try:
        if isinstance(error, pytest.FixtureLookupError):
            return error.msg or "fixture %r not found" % error.argname
        if type(error).__name__ == "DocTestFailure":  # Importing doctest to compare its class takes longer.
            example: Any = error
            return "%s gives %s, not %s" % tuple(
                text.strip() or "nothing"
                for text in (example.example.source, example.got, example.example.want)
            )
        return str(error)
    except Exception as problem:  # noqa: BLE001 - The project's own __str__ may be what is broken.
        return "<str() of the exception raised %s>" % type(problem).__name__


def _long_text(report: Any) -> str:
    return str(getattr(report, "longreprtext", "") or report.longrepr)


def _detail_text(report: Any, text: str) -> str:
    parts = [text]
    for title, content in report.sections:
        parts.append("----- %s -----\n%s" % (title, content))
    return _bounded("\n".join(parts), TEXT_CHARACTERS)


def _bounded(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    kept = limit // 2
    return text[:kept] + "\n... (%d characters left out) ...\n" % (len(text) - 2 * kept) + text[-kept:]


def _state(report: Any) -> str:
    """Return the state of one phase; "" for a phase that says nothing about the test."""
    expected = hasattr(report, "wasxfail")
    if report.outcome == "skipped":
        return "xfailed" if expected else "skipped"
    if report.outcome == "failed":
        return "failed" if report.when == "call" else "error"
    if report.outcome == "passed":
        if report.when != "call":
            return ""
        return "xpassed" if expected else "passed"
    return str(report.outcome)


def _overall(states: List[str]) -> str:
    """Return the worst of `states`; a test whose subtests fail has failed itself."""
    for state in ("failed", "error"):
        if state in states:
            return state
    return states[-1] if states else "error"
