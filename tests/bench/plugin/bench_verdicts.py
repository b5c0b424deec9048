"""A pytest plug-in that writes each test's verdict, and on request which functions it entered, to a JSON file.

It runs in the benchmark project's interpreter (Python 3.9 or later), so it needs the standard library and pytest
alone. The environment tells it what to do: BENCH_VERDICTS is the file to write, BENCH_PROFILE the folder whose
functions are recorded, BENCH_MEMORY the address space in bytes that the run may use and BENCH_TEST_TIMEOUT the CPU
seconds of one test (a bug may loop for ever; CPU time, because other work must not change a verdict).
"""

import gc
import json
import os
import resource
import signal
import sys
import time

import pytest

_OUTCOMES = {}
_COLLECTION_ERRORS = []
_FUNCTIONS = {}
_FORK_SECONDS = []
_TESTS_CPU_SECONDS = []

if "BENCH_MEMORY" in os.environ:
    _LIMIT = int(os.environ["BENCH_MEMORY"])
    resource.setrlimit(resource.RLIMIT_AS, (_LIMIT, _LIMIT))


class OutOfTime(BaseException):
    """Ends a test at its limit; not an `Exception`, so that the code under test does not handle it."""


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """Let the test fail when its time is up, where a limit was asked for."""
    limit_s = float(os.environ.get("BENCH_TEST_TIMEOUT", "0"))

    def on_limit(_signal, _frame):
        raise OutOfTime(f"{item.nodeid} took more than {limit_s:g} CPU seconds")

    before = signal.signal(signal.SIGPROF, on_limit)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


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
    if not root:
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
    result = {
        "outcomes": _OUTCOMES,
        "collection_errors": _COLLECTION_ERRORS,
        "functions": _FUNCTIONS,
        "fork_seconds": _FORK_SECONDS,
        "tests_cpu_s": sum(_TESTS_CPU_SECONDS),
    }
    with open(os.environ["BENCH_VERDICTS"], "w", encoding="utf-8") as file:
        json.dump(result, file)


class _Clock:
    """Measures the CPU time of the tests alone, start and collection left out."""

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self):
        began = time.process_time()
        yield
        _TESTS_CPU_SECONDS.append(time.process_time() - began)


def pytest_configure(config):
    """Start the clock around the tests."""
    config.pluginmanager.register(_Clock())


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Measure how fast a collected process can fork and exit instead of running, where BENCH_FORKS asks for it."""
    forks = int(os.environ.get("BENCH_FORKS", "0"))
    if not forks:
        return None
    gc.collect()
    gc.freeze()
    for _ in range(forks):
        started = time.perf_counter()
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        _FORK_SECONDS.append(time.perf_counter() - started)
    return True
