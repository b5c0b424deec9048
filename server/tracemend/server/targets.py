"""What a command is about: the arguments that lenses, code actions and key bindings send.

Ours send `{"root": ..., "tests": [...]}`. A key binding may send `{"uri": ..., "line": ...}` instead (0-based, as LSP
counts), which means the test around that line, without `line` all tests of the file; `{"uri": ...}` of no test file and
nothing at all mean the folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .documents import Document, path_of_uri
from .files import page_of
from .problems import InvalidParams, RequestFailed
from .session import FolderView, Snapshot
from .views.outline import base_name, outline_of


@dataclass(frozen=True, slots=True)
class Target:
    """A folder's root and some of its tests; none stand for all."""

    root: Path
    tests: tuple[str, ...] = ()


def target_of(snapshot: Snapshot, arguments: Sequence[Any]) -> Target:
    """Return what `arguments` name. Raises `RequestProblem`."""
    argument = arguments[0] if arguments else {}
    if not isinstance(argument, Mapping):
        raise InvalidParams(
            'The argument is an object such as {"root": ..., "tests": [...]} or {"uri": ...}.'
        )
    if "root" in argument:
        root = Path(str(argument["root"]))
        if snapshot.folder(root) is None:
            raise RequestFailed(f"{root} is not a project that is open.")
        return Target(root, _texts(argument.get("tests", [])))
    if "uri" in argument:
        return _target_in_file(snapshot, str(argument["uri"]), argument.get("line"))
    if len(snapshot.folders) != 1:
        raise InvalidParams('Several folders are open, or none: name one by {"root": ...}.')
    return Target(snapshot.folders[0].root)


def one_test(snapshot: Snapshot, arguments: Sequence[Any]) -> Target:
    """Return a target with one test: the first failing one of those named, else the first. Raises `RequestProblem`."""
    target = target_of(snapshot, arguments)
    folder = snapshot.folder(target.root)
    failing = [one for one in target.tests if folder is not None and one in folder.repairs]
    if not failing and not target.tests:
        raise RequestFailed("There is no test here.")
    return Target(target.root, tuple(failing or target.tests)[:1])


def tests_of_file(folder: FolderView, path: str) -> tuple[str, ...]:
    """Return the known tests of a file of the project."""
    if folder.live is None:
        return ()
    known = [one.test for one in folder.live.tests if one.path == path]
    return tuple(known or [test for test in folder.live.results if test.partition("::")[0] == path])


def tests_at(folder: FolderView, page: Document, line: int) -> tuple[str, ...]:
    """Return the tests of the function around 1-based `line`."""
    path = folder.relative(page.path) if page.path is not None else None
    function = outline_of(page.text).function_at(page.lines, line)
    if path is None or function is None:
        return ()
    return tuple(one for one in tests_of_file(folder, path) if base_name(one) == function.test_name)


def _target_in_file(snapshot: Snapshot, uri: str, line: Any) -> Target:
    path = path_of_uri(uri)
    folder = snapshot.folder_at(path) if path is not None else None
    relative = folder.relative(path) if folder is not None and path is not None else None
    if folder is None or path is None or relative is None:
        raise RequestFailed("This file belongs to no project that is open.")
    if line is None:
        return Target(folder.root, tests_of_file(folder, relative))
    page = page_of(snapshot, path)
    if not isinstance(line, int) or page is None:
        raise InvalidParams("`line` is the number of a line of the file, counted from 0.")
    tests = tests_at(folder, page, line + 1)
    if not tests:
        raise RequestFailed("There is no test around this line.")
    return Target(folder.root, tests)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise InvalidParams("`tests` is a list of node ids.")
    return tuple(value)
