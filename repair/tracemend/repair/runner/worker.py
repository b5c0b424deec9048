"""One process in the project's interpreter, as seen from here: start it, talk to it, end it.

`Worker` knows the transport and the life of the process; what the messages mean is `client`'s business. Whatever
happens, `close` leaves no process: the worker leads a session of its own, which is killed as a whole, and the
containment inside dies with it.
"""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from tracemend.repair.runner.payload import channel
from tracemend.repair.runner.settings import Project, RunnerSettings

PAYLOAD = Path(__file__).parent / "payload" / "__main__.py"
OUTPUT_BYTES = 1 << 16
CLOSE_S = 2.0

# What a surrounding test run or coverage measurement leaves in the environment and would leak into the project's.
FOREIGN_VARIABLES = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_WORKER", "COVERAGE_PROCESS_START")


class WorkerGone(Exception):
    """The process has ended; nothing more will come."""


class Worker:
    """A process that speaks `payload.channel`."""

    def __init__(
        self,
        project: Project,
        settings: RunnerSettings,
        *,
        stage: str,
        forks: bool,
        hash_seed: int,
    ) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="tracemend-")).resolve()
        self.forks = forks
        self._frames = channel.Frames()
        self._received: list[tuple[int, bytes]] = []
        self._sending = threading.Lock()
        self._runs = 0
        self._connection, theirs = socket.socketpair()
        try:
            self._process = _spawn(project, theirs, hash_seed, settings.niceness)
        except OSError:
            self._connection.close()
            shutil.rmtree(self.scratch, ignore_errors=True)
            raise
        finally:
            theirs.close()
        assert self._process.stdout is not None, "stdout was asked for as a pipe"
        self._output = _Tail(self._process.stdout)
        self.send(
            {
                "stage": stage,
                "forks": forks,
                "selection": list(project.selection),
                "pytest_args": list(project.pytest_args),
                "policy": _policy(project, settings, self.scratch),
            }
        )

    def number_run(self) -> int:
        """Return a number for the next run."""
        self._runs += 1
        return self._runs

    def send(self, message: Mapping[str, Any]) -> None:
        """Send `message`; a process that has gone is noticed by `receive`."""
        with self._sending, contextlib.suppress(OSError):
            channel.send(self._connection, dict(message))

    def receive(self, timeout_s: float) -> tuple[int, channel.Message] | None:
        """Return the next (tag, message), None if none comes in time; raises `WorkerGone` and `channel.Malformed`."""
        deadline = time.monotonic() + timeout_s
        while not self._received:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return None
            self._connection.settimeout(left_s)
            try:
                data = self._connection.recv(1 << 16)
            except TimeoutError:
                return None
            except OSError as error:
                raise WorkerGone(str(error)) from error
            if not data:
                raise WorkerGone("the connection is closed")
            self._received.extend(self._frames.feed(data))
        tag, body = self._received.pop(0)
        return tag, channel.decode(body)

    @property
    def output(self) -> str:
        """The end of what the process printed."""
        return self._output.text

    def exit_code(self) -> int | None:
        """Wait a moment for the process to end, with its last words, and return its code, negative for a signal."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(CLOSE_S)
        self._output.join(CLOSE_S)  # That it has ended does not mean that all of it has been read.
        return self._process.returncode

    def kill(self) -> None:
        """Kill the process now; `close` does the rest."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def close(self) -> None:
        """End the process, politely for a moment, and remove its scratch folder."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(CLOSE_S)
        self.kill()
        self._process.wait()
        self._connection.close()
        self._output.join(CLOSE_S)
        shutil.rmtree(self.scratch, ignore_errors=True)


class _Tail(threading.Thread):
    """Reads a stream to its end and keeps its last part."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(name="tracemend-output", daemon=True)
        self._stream = stream
        self._kept = b""
        self.start()

    @property
    def text(self) -> str:
        """What is kept, decoded."""
        return self._kept.decode("utf-8", "replace")

    def run(self) -> None:
        """Read until the last process that holds the other end has gone."""
        with self._stream, contextlib.suppress(OSError, ValueError):
            while data := self._stream.read1(1 << 16):  # type: ignore[attr-defined]
                self._kept = (self._kept + data)[-OUTPUT_BYTES:]


def _spawn(
    project: Project, connection: socket.socket, hash_seed: int, niceness: int
) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN_VARIABLES}
    environment["PYTHONHASHSEED"] = str(hash_seed)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    process = subprocess.Popen(
        [os.path.abspath(project.python), "-S", str(PAYLOAD), str(connection.fileno())],
        cwd=project.root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(connection.fileno(),),
        start_new_session=True,
    )
    if niceness and hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):  # It may have ended already.
            os.setpriority(os.PRIO_PROCESS, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + niceness)
    return process


def _policy(project: Project, settings: RunnerSettings, scratch: Path) -> dict[str, Any]:
    return {
        "root": str(project.root),
        "scratch": str(scratch),
        "mode": settings.sandbox,
        "network": settings.network,
        "memory_bytes": settings.memory_bytes,
        "max_processes": settings.max_processes,
        "file_bytes": settings.file_bytes,
        "force_tier": settings.force_tier,
        "extra_writable": list(settings.extra_writable),
        "files": {path: base64.b64encode(data).decode("ascii") for path, data in settings.files.items()},
    }
