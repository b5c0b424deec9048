"""pytest, driven from inside: the project's own configuration holds, only what would get in the way is switched off.

The plug-in is handed to `pytest.main` as an object, so nothing of ours is on `sys.path` or among the entry points.
"""

from __future__ import annotations

import sys
import traceback
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

from .paths import ProjectPaths
from .reports import Recorder, collection_error

# Plug-ins that start workers, trace, reorder or skip tests by history, with the arguments that keep them from it.
QUIETED = {
    "xdist": ["-n0"],
    "pytest_cov": ["--no-cov"],
    "randomly": ["--randomly-seed=20", "--randomly-dont-reorganize"],
    "testmon": ["--no-testmon"],
    "rerunfailures": ["--reruns=0"],
    "benchmark": ["--benchmark-disable"],
}


def pytest_arguments(selection: List[str], extra: List[str], scratch: str) -> List[str]:
    """Return the command line of pytest; what the project's addopts say stays unless it follows here."""
    return [
        *extra,
        "-o",
        "cache_dir=%s/pytest-cache" % scratch,
        "--capture=sys",
        "--maxfail=0",
        "--color=no",
        *selection,
    ]


def run_pytest(arguments: List[str], plugin: "DrivePlugin") -> int:
    """Run pytest in this process as `python -m pytest` would."""
    main = sys.modules["__main__"]
    main.__file__ = pytest.__file__.replace(
        "__init__", "__main__"
    )  # multiprocessing re-imports it in its workers.
    sys.argv = [str(main.__file__), *arguments]
    try:
        return int(pytest.main(arguments, plugins=[plugin, plugin.recorder]))
    except Exception:  # noqa: BLE001 - A plug-in that does not fit this pytest, say; the user is shown the text.
        traceback.print_exc()
        return int(pytest.ExitCode.INTERNAL_ERROR)


class DrivePlugin:
    """Hands the session over once collection is done, together with what could not be collected."""

    def __init__(
        self,
        paths: ProjectPaths,
        on_collected: Callable[["DrivePlugin", pytest.Session], None],
        before_conftests: Optional[Callable[[], None]] = None,
        before_plugins: Optional[Callable[[], None]] = None,
    ) -> None:
        self.paths = paths
        self.recorder = Recorder(paths)
        self.items: Dict[
            str, pytest.Item
        ] = {}  # Filled before any fork: each touched item costs a child a page.
        self.errors: List[Dict[str, Any]] = []
        self.notes: List[str] = []
        self._on_collected = on_collected
        self._before_conftests = before_conftests
        self._before_plugins = before_plugins

    def pytest_addoption(self) -> None:
        """Come first: pytest has loaded its own plug-ins, and none of others, which may be the project's."""
        if self._before_plugins is not None:
            self._before_plugins()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config, args: List[str]) -> Iterator[None]:
        """Switch off what `QUIETED` lists, where it is installed and active; a wrapper, to come before pytest-cov."""
        for name, arguments in QUIETED.items():
            if early_config.pluginmanager.hasplugin(name):
                args.extend(arguments)
                said = "pytest's plug-in %s runs with %s here, so that all runs are alike."
                self.notes.append(said % (name, " ".join(arguments)))
        if early_config.pluginmanager.hasplugin("pytest_cov"):
            early_config.known_args_namespace.no_cov = True
        if self._before_conftests is not None:
            self._before_conftests()
        yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self) -> Iterator[None]:
        """Note each file that cannot be collected."""
        outcome: Any = yield  # type: ignore[misc,assignment,unused-ignore]
        report = outcome.get_result()
        if report.failed:
            self.errors.append(collection_error(report, self.paths))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Optional[object]:
        """Stand in for pytest's own loop."""
        session.config.option.tbstyle = "no"
        self.items = {item.nodeid: item for item in session.items}
        self._on_collected(self, session)
        return True


def describe_collection(plugin: DrivePlugin, session: pytest.Session) -> Dict[str, Any]:
    """Return the tests, the errors and what a second pytest needs to name them alike."""
    config = session.config
    return {
        "tests": [_describe_item(item, plugin.paths) for item in session.items],
        "errors": plugin.errors,
        "notes": plugin.notes,
        "rootdir": str(config.rootpath),
        "inifile": None if config.inipath is None else str(config.inipath),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "pytest": pytest.__version__,
    }


def _describe_item(item: pytest.Item, paths: ProjectPaths) -> List[Any]:
    place, line, _ = item.location
    path = paths.shown(str(item.path))
    return [item.nodeid, path, (line or 0) + 1 if path.endswith(place.replace("\\", "/")) else 1]
