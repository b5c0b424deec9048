"""What the interpreter itself says of its standard library: names of modules and of their classes, signatures of C code.

Stubs and sources of the standard library miss what C code defines and what code builds while it is imported. So its
modules are imported once per interpreter, isolated and without any site directory, so that nothing but the standard
library can be reached, and their names are kept. `site` itself takes part, for it adds names to `builtins` and `sys`. Modules that act
when imported are left out, and one that brings the process down costs only itself. Stubs also demand arguments that C
code does not, so the signatures that its functions tell are kept, too.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]

from .environment import PythonEnvironment
from .files import write_atomically

TIMEOUT_S = 60.0
MAX_PROCESSES = 8

# What an interpreter runs to describe a module that it has imported; `RuntimeNames.read` takes the answer.
DESCRIBING = """
def served(function):
    # The strings from which a module's __getattr__ can choose: its constants, and those in the globals it uses.
    code = getattr(function, "__code__", None)
    values = list(code.co_consts) + [function.__globals__.get(one) for one in code.co_names] if code else []
    containers = [one for one in values if isinstance(one, (dict, set, frozenset, list, tuple))]
    return [one for one in values + [two for one in containers for two in one] if isinstance(one, str) and one.isidentifier()]
def described(name, module):
    contents = dict(vars(module))
    classes = {
        key: sorted(one for one in map(str, vars(value)) if one[:2] != "__")
        for key, value in contents.items() if isinstance(value, type) and value.__module__ == name
    }
    names = {*contents, *dir(module), *served(contents.get("__getattr__"))}
    functions = {
        key: value.__text_signature__ for key, value in contents.items()
        if isinstance(value, (type, type(len))) and isinstance(getattr(value, "__text_signature__", None), str)
    }
    return {"names": sorted(map(str, names)), "classes": classes, "functions": functions}
"""

_QUESTION = (
    DESCRIBING
    + """
import importlib, io, json, pkgutil, site, sys, warnings
site.addpackage = lambda *args, **kwargs: None
site.execsitecustomize = site.execusercustomize = lambda: None
site.main()
sys.path[:] = [one for one in sys.path if one not in site.getsitepackages()]
warnings.simplefilter("ignore")
out, sys.stdout, sys.stderr = sys.stdout, io.StringIO(), io.StringIO()
names, done = json.loads(sys.stdin.readline())
done, pending = set(done), list(reversed(names))
skipped = {"__main__", "__phello__", "antigravity", "this", "test", "tests", "idlelib", "idle_test", "turtledemo",
           "lib2to3", "ensurepip", "pydoc_data", "encodings", "distutils", "tkinter", "turtle", "xxsubtype"}
def say(**answer):
    out.write(json.dumps(answer) + "\\n")
    out.flush()
while pending:
    name = pending.pop()
    if name in done or not skipped.isdisjoint(name.split(".")):
        continue
    say(started=name)
    try:
        module = importlib.import_module(name)
        answer = described(name, module)
    except BaseException:
        continue
    say(name=name, **answer)
    if hasattr(module, "__path__"):
        pending += [name + "." + one.name for one in pkgutil.iter_modules(module.__path__)]
    elif name == "os":
        pending.append("os.path")
"""
)


@dataclass(frozen=True)
class RuntimeNames:
    """The names that one imported module has, and those that each of its classes defines itself.

    `functions` holds the text signatures (as `inspect` reads them) of those functions and classes that are written in C.
    """

    names: frozenset[str]
    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> RuntimeNames:
        """Return what an interpreter says with `DESCRIBING`. Raises KeyError, TypeError or ValueError for anything else."""
        classes = {str(name): frozenset(map(str, own)) for name, own in dict(answer["classes"]).items()}
        functions = {str(name): str(text) for name, text in dict(answer["functions"]).items()}
        return cls(frozenset(map(str, answer["names"])), classes, functions)

    def to_json(self) -> dict[str, Any]:
        """Return the answer that `read` takes."""
        classes = {name: sorted(own) for name, own in self.classes.items()}
        return {"names": sorted(self.names), "classes": classes, "functions": dict(self.functions)}


# Given a module's name and the path of its binary, what a caller that may load it has seen of it; None for nothing.
Introspector = Callable[[str, str], RuntimeNames | None]


def stdlib_names(environment: PythonEnvironment, cache: Path | None = None) -> Mapping[str, RuntimeNames]:
    """Return the names of the standard library's modules, by module; what could not be imported is missing."""
    return _stdlib_names(
        environment.python, _changed_ns(environment.python), environment.stdlib_modules, cache
    )


@lru_cache(maxsize=8)
def _stdlib_names(
    python: str, changed_ns: int, modules: frozenset[str], cache: Path | None
) -> Mapping[str, RuntimeNames]:
    key = blake2b(f"{python}\0{changed_ns}\0{_QUESTION}".encode(), digest_size=12).hexdigest()
    file = cache / f"stdlib-{key}.msgpack" if cache else None
    kept = _read(file) if file else None
    if kept is not None:
        return kept
    found = dict(_ask(python, modules))
    if file is not None and found:
        write_atomically(file, msgpack.packb({name: one.to_json() for name, one in found.items()}))
    return found


def _ask(python: str, modules: frozenset[str]) -> Iterator[tuple[str, RuntimeNames]]:
    """Import `modules` in as few processes as it takes, and yield what each said."""
    done: list[str] = []
    for _ in range(MAX_PROCESSES):
        started = len(done)
        question = json.dumps([sorted(modules), done])
        try:
            ended = subprocess.run(
                [python, "-I", "-S", "-c", _QUESTION],
                input=question.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=TIMEOUT_S,
                check=False,
            )
            output, ended_well = ended.stdout, ended.returncode == 0
        except subprocess.TimeoutExpired as expired:
            output, ended_well = expired.stdout or b"", False
        except OSError:
            return
        for line in output.splitlines():
            try:
                answer = json.loads(line)
            except ValueError:
                continue  # The last line of a process that was cut short.
            if "started" in answer:
                done.append(answer["started"])
            else:
                yield answer["name"], RuntimeNames.read(answer)
        if ended_well or len(done) == started:
            return


def _read(file: Path) -> Mapping[str, RuntimeNames] | None:
    """Return what an earlier run kept; None where that is missing or damaged."""
    try:
        table = msgpack.unpackb(file.read_bytes())
        return {name: RuntimeNames.read(answer) for name, answer in table.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, msgpack.UnpackException):
        return None


def _changed_ns(python: str) -> int:
    try:
        return os.stat(python).st_mtime_ns
    except OSError:
        return 0
