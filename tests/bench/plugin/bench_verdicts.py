"""A pytest plug-in that writes each test's verdict, and on request which functions it entered, to a JSON file.

It runs in the benchmark project's interpreter (Python 3.9 or later), so it needs the standard library and pytest
alone. The environment tells it what to do: BENCH_VERDICTS is the file to write, BENCH_PROFILE the folder whose
functions are recorded, BENCH_MEMORY the address space in bytes that the run may use (a planted bug may loop).
"""

import json
import os
import resource
import sys

import pytest

_OUTCOMES = {}
_COLLECTION_ERRORS = []
_FUNCTIONS = {}

if "BENCH_MEMORY" in os.environ:
    _LIMIT = int(os.environ["BENCH_MEMORY"])
    resource.setrlimit(resource.RLIMIT_AS, (_LIMIT, _LIMIT))


def pytest_runtest_logreport(report):
    """Keep the worst outcome of a test's three phases."""
    known = _OUTCOMES.get(report.nodeid, "passed")
    if report.failed:
        _OUTCOMES[report.nodeid] = "failed"
    elif report.skipped and known != "failed":
        _OUTCOMES[report.nodeid] = "skipped"
    else:
        _OUTCOMES[report.nodeid] = known


def pytest_collectreport(report):
    """Remember files that could not be collected."""
    if report.failed:
        _COLLECTION_ERRORS.append(report.nodeid)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """Record the project functions that this test enters, where that was asked for."""
    root = os.environ.get("BENCH_PROFILE")
    if root is None:
        yield
        return
    entered = set()
    root = os.path.join(os.path.realpath(root), "")

    def on_event(frame, event, _argument):
        if event == "call" and frame.f_code.co_filename.startswith(root):
            entered.add(frame.f_code)

    sys.setprofile(on_event)
    try:
        yield
    finally:
        sys.setprofile(None)
    # Code objects are grouped by place here, because they compare by value and two functions may be alike.
    _FUNCTIONS[item.nodeid] = sorted(
        {(code.co_filename[len(root) :], code.co_firstlineno) for code in entered}
    )


def pytest_sessionfinish():
    """Write everything in one go; a run that was killed leaves no file."""
    result = {"outcomes": _OUTCOMES, "collection_errors": _COLLECTION_ERRORS, "functions": _FUNCTIONS}
    with open(os.environ["BENCH_VERDICTS"], "w", encoding="utf-8") as file:
        json.dump(result, file)
