"""Starting a worker: wait until it is warm, or say in a sentence why it will not be."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tracemend.repair.runner import decoding, errors
from tracemend.repair.runner.payload import channel
from tracemend.repair.runner.results import Collection, Containment
from tracemend.repair.runner.settings import Project
from tracemend.repair.runner.worker import Worker, WorkerGone

HEARTBEAT_S = 0.5


@dataclass(frozen=True, slots=True)
class Collected:
    """What the first, collecting worker found, with what later ones need to do alike."""

    collection: Collection
    anchors: tuple[str, ...]  # Arguments that pin pytest's rootdir and configuration file.
    preload: tuple[str, ...]  # Third-party modules, in import order.


class StartUp:
    """The start-up messages of one worker; `on_wait` is called at least twice a second and may raise."""

    def __init__(
        self, worker: Worker, project: Project, startup_s: float, on_wait: Callable[[], None]
    ) -> None:
        self._worker = worker
        self._project = project
        self._startup_s = startup_s
        self._on_wait = on_wait
        self._deadline = time.monotonic() + startup_s

    def collect(self) -> Collected:
        """Wait until pytest has collected."""
        root, containment = self._contained()
        return _collected(self._await("collected"), self._project, root, containment)

    def preload(self, modules: tuple[str, ...]) -> bool:
        """Load third-party `modules`; False where one of them imports the project, which spoils the worker."""
        self._contained()
        self._await("ready")
        if not modules:
            return True
        self._worker.send({"op": "preload", "modules": list(modules)})
        return not self._await("preloaded").get("tainted")

    def _contained(self) -> tuple[str, Containment]:
        message = self._await("contained")
        return decoding.text(message.get("root")), decoding.containment(message.get("level"))

    def _await(self, event: str) -> channel.Message:
        """Wait for `event`; raises the fitting `RunnerError` when something else comes."""
        while time.monotonic() < self._deadline:
            self._on_wait()
            try:
                received = self._worker.receive(HEARTBEAT_S)
            except (WorkerGone, channel.Malformed) as error:
                raise self._broken(error) from error
            if received is None or received[0] != channel.SERVER:
                continue
            message = received[1]
            if message.get("event") == event:
                return message
            if message.get("event") == "refused":
                raise self._refusal(message)
        raise errors.StartupTimeout(
            f"importing and collecting the tests took longer than {self._startup_s:g} s; "
            "select fewer files, or raise startup-time in [tool.tracemend]" + _quoted(self._worker.output)
        )

    def _refusal(self, message: channel.Message) -> errors.RunnerError:
        python = self._project.python
        kind = message.get("kind")
        if kind == "sandbox":
            return errors.SandboxMissing(decoding.text(message.get("message")))
        if kind == "no-pytest":
            return errors.NoPytest(
                f"{python} has no pytest; install it there: {python} -m pip install pytest"
            )
        if kind == "old-pytest":
            version = decoding.text(message.get("message"))
            return errors.OldPytest(
                f"pytest {version} in {python} is too old; upgrade it: {python} -m pip install -U 'pytest>=7'"
            )
        self._worker.exit_code()  # Its last words arrive when it ends.
        return errors.UsageError("pytest cannot start; it says" + _quoted(self._worker.output))

    def _broken(self, error: Exception) -> errors.RunnerError:
        code = self._worker.exit_code()
        hint = "" if self._worker.output else f" ({error})"
        return errors.UnusableInterpreter(
            f"{self._project.python} ended with exit code {code} while starting{hint}; tracemend needs Python "
            "3.9 or later with pytest 7 or later, name another interpreter with --python"
            + _quoted(self._worker.output)
        )


def _collected(message: channel.Message, project: Project, root: str, containment: Containment) -> Collected:
    rootdir = decoding.text(message.get("rootdir"))
    inifile = message.get("inifile")
    anchors = [f"--rootdir={_inside(rootdir, root)}"]
    if inifile is not None:
        anchors += ["-c", _inside(decoding.text(inifile), root)]
    collection = Collection(
        tuple(decoding.collected_test(one) for one in decoding.sequence(message.get("tests"))),
        tuple(decoding.collection_error(one) for one in decoding.sequence(message.get("errors"))),
        containment,
        decoding.text(message.get("python")),
        decoding.text(message.get("pytest")),
        str((project.root / _inside(rootdir, root)).resolve()),
        decoding.number(message.get("seconds")),
        tuple(decoding.text(one) for one in decoding.sequence(message.get("notes"))),
        frozenset(decoding.place(one) for one in decoding.sequence(message.get("executed") or [])),
    )
    modules = tuple(decoding.text(one) for one in decoding.sequence(message.get("third_party")))
    return Collected(collection, tuple(anchors), modules)


def _inside(path: str, root: str) -> str:
    """Return `path` relative to `root` where it lies inside, as it is otherwise."""
    return os.path.relpath(path, root) if Path(path).is_relative_to(root) else path


def _quoted(output: str) -> str:
    return f":\n{output.strip()[-3000:]}" if output.strip() else ""
