"""What a request can ask of a forked child: one function an operation, `(request, context) -> JSON-able reply`."""

from __future__ import annotations

import gc
import os
from functools import partial
from types import FunctionType
from typing import Any, Callable, Dict, List, Optional

import pytest

from .deciding import decide
from .forked import run_apart
from .hanging import TimeLimits
from .observing import observe
from .patching import Checkpoint, NotSwappable, show_text
from .paths import ProjectPaths
from .plugin import DrivePlugin
from .spectra import make_collector
from .spectrum import Spectrum
from .tracing import trace

Request = Dict[str, Any]
Reply = Dict[str, Any]


class Context:
    """The collected session as an operation sees it."""

    def __init__(
        self,
        plugin: DrivePlugin,
        request: Request,
        emit: Callable[[Dict[str, Any]], None],
        checkpoint: Optional[Checkpoint],
    ) -> None:
        self.paths: ProjectPaths = plugin.paths
        self.emit = emit
        self.checkpoint = checkpoint
        self._plugin = plugin
        self._request = request
        self._items = plugin.items
        self._undo: List[Any] = []

    @property
    def tests(self) -> List[str]:
        """The node ids that the request names; without, all collected ones and the files that cannot be."""
        if self._request.get("tests") is not None:
            return list(self._request["tests"])
        return [*(error["path"] for error in self._plugin.errors), *self._items]

    def functions(self) -> List[FunctionType]:
        """Return the live functions, at least all of the project's."""
        if self.checkpoint is None:
            return [one for one in gc.get_objects() if type(one) is FunctionType]
        return [function for group in self.checkpoint.functions.values() for function in group]

    def relative_path(self, filename: str) -> Optional[str]:
        """Return the project-relative path of `filename`, None outside the project."""
        return self.paths.relative(filename)

    def install(self, sources: Dict[str, str]) -> str:
        """Swap the patched code in and return "swap"; raise `NotSwappable` where that would not be exact."""
        if self.checkpoint is None:
            raise NotSwappable("this process holds no checkpoint")
        plans = [self.checkpoint.plan(path, text) for path, text in sources.items()]
        for plan in plans:
            self._undo.append((plan.install(), plan.filename, plan.before))
        return "swap"

    def uninstall(self) -> None:
        """Undo every `install`."""
        while self._undo:
            pairs, filename, text = self._undo.pop()
            for function, code in reversed(pairs):
                function.__code__ = code
            show_text(filename, text)

    def run_tests(
        self,
        nodeids: List[str],
        *,
        fail_fast: bool = False,
        detail: bool = False,
        on_start: Optional[Callable[[str], None]] = None,
        on_result: Optional[Callable[[Dict[str, Any]], None]] = None,
        on_hang: Optional[Callable[[Dict[str, Any]], None]] = None,
    ) -> List[Dict[str, Any]]:
        """Run the tests in the given order, each under its limits, and return their results."""
        results = []
        limits = TimeLimits(self.paths, self._request, on_hang)
        self._plugin.recorder.detail = detail
        if detail and self._items:
            next(iter(self._items.values())).config.option.tbstyle = "long"
        for index, nodeid in enumerate(nodeids):
            following = self._items.get(nodeids[index + 1]) if index + 1 < len(nodeids) else None
            self.emit({"start": nodeid})
            if on_start is not None:
                on_start(nodeid)
            result = self._run_test(nodeid, following, limits)
            results.append(result)
            if on_result is not None:
                on_result(result)
            if fail_fast and result["outcome"] in ("failed", "error"):
                break
        return results

    def _run_test(self, nodeid: str, following: Optional[pytest.Item], limits: TimeLimits) -> Dict[str, Any]:
        item = self._items.get(nodeid)
        if item is None:
            return self._missing(nodeid)
        limits.start(nodeid)
        try:
            return self._plugin.recorder.run(item, following)
        finally:
            limits.stop()

    def _missing(self, nodeid: str) -> Dict[str, Any]:
        """Return the result of a test that was not collected: its file's collection error, if there is one."""
        path = nodeid.split("::")[0]
        failure: Dict[str, Any] = {
            "phase": "setup",
            "exception": "LookupError",
            "message": "pytest does not collect this test",
            "frames": [],
            "text": "",
        }
        for error in self._plugin.errors:
            if (
                error["path"].endswith(path)
                or path.startswith(error["path"])
                or len(self._plugin.errors) == 1
            ):
                failure.update({key: error[key] for key in ("exception", "message", "frames", "text")})
                break
        return {"test": nodeid, "outcome": "error", "seconds": 0.0, "cpu_s": 0.0, "failure": failure}


def run(request: Request, context: Context) -> Reply:
    """Run tests; each result is sent as soon as it is known."""
    context.run_tests(
        context.tests,
        fail_fast=bool(request.get("fail_fast")),
        detail=bool(request.get("detail")),
        on_result=lambda result: context.emit({"result": result}),
        on_hang=lambda hang: context.emit({"hang": hang}),
    )
    return {}


def spectra(request: Request, context: Context) -> Reply:
    """Run tests, sending with each result the lines and functions that it executed.

    With "apart" each test runs in a fork of its own: what an earlier test has imported, cached or set up is then not
    there, and the spectrum shows all that the test needs.
    """
    spectrum = Spectrum(context.paths)
    collector = make_collector(spectrum, bool(request.get("lines")))
    apart = bool(request.get("apart")) and hasattr(os, "fork")

    def collect(tests: List[str]) -> None:
        context.run_tests(
            tests,
            on_start=lambda nodeid: collector.begin(),
            on_result=lambda result: context.emit({"result": result, **told()}),
            on_hang=lambda hang: context.emit({"hang": hang, **told()}),
        )

    def told() -> Reply:
        return {"spectrum": spectrum.to_json(), "apart": apart}

    collector.start(context.functions())
    try:
        if apart:
            for test in context.tests:
                run_apart(partial(collect, [test]))
        else:
            collect(context.tests)
    finally:
        collector.stop()
    return {}


OPERATIONS: Dict[str, Callable[[Request, Context], Reply]] = {
    "run": run,
    "spectra": spectra,
    "trace": trace,
    "observe": observe,
    "decide": decide,
}
