"""A stand-in for the fork server: runs the test functions of a few small files in this very process.

It implements the payload's `Context` for files written to a folder, and the tool side's `request` on top of it, with
the answer taken through JSON as over the wire. So the operations are tested without pytest, forks and containment.
"""

from __future__ import annotations

import inspect
import json
import sys
import textwrap
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracemend.repair.runner.errors import RequestFailed
from tracemend.repair.runner.payload import deciding, observing, tracing
from tracemend.repair.runner.results import Collection, Containment

OPERATIONS = {"trace": tracing.trace, "observe": observing.observe, "decide": deciding.decide}


class PlainContext:
    """The files of one small project, imported; tests are functions named `path::test_name`."""

    def __init__(self, root: Path, files: Mapping[str, str]) -> None:
        self.root = root
        self._paths = list(files)
        self.modules: dict[str, types.ModuleType] = {}
        self._originals: list[tuple[types.FunctionType, types.CodeType]] = []
        for path, text in files.items():
            (root / path).write_text(textwrap.dedent(text))
        self.load({})

    def run_tests(self, tests: Sequence[str]) -> list[dict[str, Any]]:
        return [self._run_test(test) for test in tests]

    def relative_path(self, filename: str) -> str | None:
        path = Path(filename)
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else None

    def load(self, sources: Mapping[str, str]) -> None:
        """Import all files anew, as patched by `sources`."""
        for path in self._paths:
            name = path.removesuffix(".py")
            module = self.modules[path] = sys.modules[name] = types.ModuleType(name)
            module.__file__ = str(self.root / path)
            text = textwrap.dedent(sources[path]) if path in sources else (self.root / path).read_text()
            exec(compile(text, module.__file__, "exec"), vars(module))  # noqa: S102 (the code of a test)

    def install(self, sources: Mapping[str, str]) -> str:
        for path, text in sources.items():
            fresh: dict[str, Any] = {"__name__": self.modules[path].__name__}
            exec(compile(textwrap.dedent(text), str(self.root / path), "exec"), fresh)  # noqa: S102 (the code of a test)
            self._swap(vars(self.modules[path]), fresh)
        return "swap"

    def uninstall(self) -> None:
        for function, code in self._originals:
            function.__code__ = code
        self._originals.clear()

    def _run_test(self, test: str) -> dict[str, Any]:
        path, _, name = test.partition("::")
        sys.__dict__.pop("last_value", None)
        try:
            getattr(self.modules[path], name)()
        except Exception as error:  # noqa: BLE001 (as pytest does)
            sys.last_value = error
            return {"test": test, "outcome": "failed"}
        except tracing.TraceLimit:
            return {"test": test, "outcome": "failed"}
        return {"test": test, "outcome": "passed"}

    def _swap(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        for name in new.keys() & old.keys():
            before, after = _undecorated(old[name]), _undecorated(new[name])
            if name.isupper() and before != after:  # A constant.
                raise ValueError(f"{name} changes, which is no function")
            if isinstance(before, types.FunctionType) and isinstance(after, types.FunctionType):
                if before.__defaults__ != after.__defaults__:
                    raise ValueError(f"{name} changes its signature")
                self._originals.append((before, before.__code__))
                before.__code__ = after.__code__
            elif isinstance(before, type) and isinstance(after, type):
                self._swap(vars(before), vars(after))


def _undecorated(value: Any) -> Any:
    return inspect.unwrap(getattr(value, "fget", value))


class PlainRunner:
    """Answers `request` in this process."""

    def __init__(self, root: Path, files: Mapping[str, str], contained: bool = True) -> None:
        self.context = PlainContext(root, files)
        containment = Containment("full", filesystem="overlay" if contained else "open")
        self.collection = Collection((), (), containment, "", "", str(root))

    def request(self, op: str, payload: dict[str, Any], *, wall_s: float) -> dict[str, Any]:
        try:
            self.context.load(payload.get("sources", {}))
            answer = OPERATIONS[op](json.loads(json.dumps(payload)), self.context)
        except SyntaxError as error:
            raise RequestFailed("crashed", str(error)) from error
        return json.loads(json.dumps(answer))
