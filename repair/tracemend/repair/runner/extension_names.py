"""What an extension module without a stub holds: it is loaded once, behind the walls, and asked.

Its file tells nobody what it defines, so the interpreter that it was built for has to load it, which runs its code and that
of the packages above it. That happens as tests run: contained, with an empty directory for a project, no network, limits
on everything. No `site` is started and no path of the project is on `sys.path`. Where the walls cannot be had, nothing is
loaded. Answers are kept by the content of the binary, refusals too, and a process that asks for many is cut short.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from tracemend.analysis.symbols.environment import PythonEnvironment
from tracemend.analysis.symbols.files import write_atomically
from tracemend.analysis.symbols.introspect import DESCRIBING, RuntimeNames

WALL_S = 10.0
CPU_S = 8.0
MEMORY_BYTES = 2 << 30
MAX_ANSWER_BYTES = 2_000_000
MAX_LOADED = 12  # By one process; each takes some tenths of a second.

# Run by the project's interpreter. Its arguments: the directory of the package `payload`, the policy, the search path, the
# limit of CPU seconds, the module's name. What was contained says so first, so that a crash is told from missing walls.
_QUESTION = (
    DESCRIBING
    + """
import json, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from payload import containment
contained = containment.enter(json.loads(sys.argv[2]))
out = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
contained.limit_run(float(sys.argv[4]))
out.write("contained\\n")
out.flush()
sys.path[:] = json.loads(sys.argv[3])
import importlib
module = importlib.import_module(sys.argv[5])
out.write(json.dumps(described(sys.argv[5], module)))
out.flush()
os._exit(0)
"""
)


class ExtensionNames:
    """An `Introspector` for the extension modules of one environment, whose interpreter the user agrees to start."""

    def __init__(self, environment: PythonEnvironment, cache: Path) -> None:
        # Not resolved: its symlink says which environment it is.
        self._python = os.path.abspath(environment.python)
        library = [one for one in environment.paths if environment.is_stdlib_path(os.path.join(one, ""))]
        self._paths = (environment.stdlib, *library, *environment.site_packages)
        self._cache = cache
        self._known: dict[str, RuntimeNames | None] = {}
        self._loaded = 0

    def __call__(self, name: str, binary: str) -> RuntimeNames | None:
        """Return what module `name` at `binary` holds, None where it cannot be told."""
        if name not in self._known:
            self._known[name] = self._find_out(name, binary)
        return self._known[name]

    def _find_out(self, name: str, binary: str) -> RuntimeNames | None:
        try:
            content = Path(binary).read_bytes()
        except OSError:
            return None
        key = blake2b(f"{self._python}\0{name}\0{_QUESTION}\0".encode() + content, digest_size=12).hexdigest()
        file = self._cache / f"extension-{key}.json"
        if file.exists():
            return _read(file.read_bytes())
        if self._loaded >= MAX_LOADED:
            return None
        self._loaded += 1
        told, _, answer = load(self._python, name, self._paths).partition(b"\n")
        if told != b"contained":
            return None
        write_atomically(file, answer)
        return _read(answer)


def load(python: str, name: str, paths: Sequence[str]) -> bytes:
    """Load module `name` behind the walls and return what was said there, empty if it came to nothing."""
    with tempfile.TemporaryDirectory(prefix="tracemend-extension-") as directory:
        root, scratch = Path(directory, "project"), Path(directory, "scratch")
        root.mkdir()
        scratch.mkdir()
        policy: dict[str, Any] = {
            "root": str(root),
            "scratch": str(scratch),
            "mode": "require",
            "network": "none",
            "memory_bytes": MEMORY_BYTES,
            "file_bytes": MAX_ANSWER_BYTES,
        }
        payload = str(Path(__file__).parent)
        command = [
            python,
            "-I",
            "-S",
            "-c",
            _QUESTION,
            payload,
            json.dumps(policy),
            json.dumps(paths),
            str(CPU_S),
            name,
        ]
        answer = Path(directory, "answer")
        environ = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        try:
            with answer.open("wb") as output:
                subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.DEVNULL,
                    timeout=WALL_S,
                    cwd=root,
                    env=environ,
                    check=False,
                )
        except (OSError, subprocess.TimeoutExpired):
            return b""  # Of a busy machine, perhaps: the next process tries again.
        return answer.read_bytes()


def _read(answer: bytes) -> RuntimeNames | None:
    """Return the names of an answer, None for that of a module that could not be loaded."""
    try:
        return RuntimeNames.read(json.loads(answer))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
