"""For tests of containment: a contained fork server (`attacks/zygote.py`), a project to harm, and a look around."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tracemend.repair import runner

ATTACKS = Path(__file__).parent / "attacks"
PAYLOAD = Path(runner.__file__).parent / "payload"
ANSWER_S = 60.0

POLICY: Mapping[str, Any] = {
    "mode": "auto",
    "network": "loopback",
    "memory_bytes": 512 << 20,
    "max_processes": 48,
    "file_bytes": 64 << 20,
}


class ContainedProcess:
    """A contained server over `root`; use as a context manager.

    `python_prefix` is run before containment is entered, `prepare` right after; `payload_copy` says where to put a copy of
    our code that `user` can read.
    """

    def __init__(
        self,
        root: Path,
        *,
        python: str = sys.executable,
        environment: Mapping[str, str] | None = None,
        user: int | None = None,
        scratch_in: Path | None = None,
        payload_copy: Path | None = None,
        prepare: str = "",
        python_prefix: str = "",
        **policy: Any,
    ) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="tracemend-test-", dir=scratch_in))
        if user is not None:
            os.chown(self.scratch, user, user)
        server, payload = ATTACKS / "zygote.py", PAYLOAD
        if payload_copy is not None:
            payload = Path(shutil.copytree(PAYLOAD, payload_copy))
            server = Path(shutil.copy(server, payload_copy.parent))
        ours, theirs = socket.socketpair()
        ours.settimeout(ANSWER_S)
        self.process = subprocess.Popen(
            [python, str(server), str(payload), str(theirs.fileno()), python_prefix, prepare],
            cwd=payload.parent,
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        theirs.close()
        self._lines = ours.makefile("rw")
        ours.close()
        self.entered = self._ask({**POLICY, "root": str(root), "scratch": str(self.scratch), **policy})

    def run(
        self, source: str, *, cpu_s: float = 20, wall_s: float = 30, name: str = "code", **names: Any
    ) -> dict[str, Any]:
        """Run `source` in a fork; the answer has status, timed_out, escaped, seconds and the view afterwards."""
        return self._ask({"source": source, "name": name, "names": names, "cpu_s": cpu_s, "wall_s": wall_s})

    def send(self, source: str) -> None:
        """Run `source` without waiting for it to end."""
        self._write({"source": source, "name": "code", "names": {}, "cpu_s": 20, "wall_s": 60})

    def hang_up(self) -> None:
        """Close the connection, which ends the server."""
        self._lines.close()

    def close(self) -> None:
        """End everything, as the tool would: ask to, and wait."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            self._lines.close()
            subprocess.run(["rm", "-rf", str(self.scratch)], check=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        self._write(message)
        line = self._lines.readline()
        assert line, f"the contained process has gone: {self.process.wait(5)}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _write(self, message: Mapping[str, Any]) -> None:
        self._lines.write(json.dumps(message) + "\n")
        self._lines.flush()


def make_project(root: Path) -> Path:
    """Make a small project with one entry of each kind, its times in the past."""
    for directory in ("package", "empty"):
        (root / directory).mkdir(parents=True)
    files = {
        "mod.py": "def f():\n    return 1\n",
        "package/inner.py": "x = 1\n",
        "data.txt": "data\n",
        "same_size.txt": "good",
        "executable": "#!/bin/sh\n",
        "empty/keep": "",
        "swap": "a file\n",
        "mapped.bin": "GOOD" * 64,
    }
    for name, text in files.items():
        (root / name).write_text(text)
    (root / "executable").chmod(0o755)
    (root / "link").symlink_to("mod.py")
    for path in sorted(root.rglob("*"), reverse=True):
        os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_123_456_789), follow_symlinks=False)
    os.utime(root, ns=(1_600_000_000_000_000_000, 1_600_000_000_123_456_789))
    return root


def state_of(root: Path) -> dict[str, tuple[int, int, int, str]]:
    """Return mode, owner, modification time and content of everything below `root`."""
    return {str(path.relative_to(root)): _state(path) for path in [root, *root.rglob("*")]}


def processes_below(process: int) -> set[int]:
    """Return the living descendants of `process`."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields[0] != "Z":
                parents[int(name)] = int(fields[1])
    found: set[int] = set()
    pending = {process}
    while pending:
        pending = {one for one, parent in parents.items() if parent in pending}
        found |= pending
    return found


def processes_with(variable: str) -> set[int]:
    """Return the processes that were started with `variable` ("NAME=value") in their environment."""
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                environment = Path(f"/proc/{name}/environ").read_bytes()
            except OSError:
                continue
            if variable.encode() in environment.split(b"\0"):
                found.add(int(name))
    return found


def _state(path: Path) -> tuple[int, int, int, str]:
    status = path.lstat()
    content = ""
    if stat.S_ISLNK(status.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(status.st_mode):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return status.st_mode, status.st_uid, status.st_mtime_ns, content
