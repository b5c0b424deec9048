"""Why a file could not be collected, and what the user can do about that.

Nothing can be proven about code that cannot be imported, so a good answer is all there is to give: the place, the
line, the exception, and a next step that is true of this project. Files that fail for one cause make one report, for a
broken module takes the tests of everything that imports it with it.
"""

from __future__ import annotations

import ast
import difflib
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from tracemend.analysis.syntax.problems import find_problems
from tracemend.analysis.syntax.source import UndecodableSource, decode_source
from tracemend.repair.explain.requirements import installs_with_others
from tracemend.repair.propose.imports import import_statements
from tracemend.repair.reports import FailureReport
from tracemend.repair.runner.environment import ROOT_MARKS
from tracemend.repair.runner.results import CollectionError, Frame
from tracemend.repair.runner.settings import Project

SYNTAX_ERRORS = frozenset({"SyntaxError", "IndentationError", "TabError"})
MAX_MESSAGE = 400
MAX_LINE = 80
MAX_FURTHER = 3  # Further syntax errors that are named.
SOURCE_ROOTS = (".", "src", "lib")

# What people install is not always called as what they import.
DISTRIBUTIONS = {
    "attr": "attrs", "bs4": "beautifulsoup4", "cv2": "opencv-python", "dateutil": "python-dateutil",
    "dotenv": "python-dotenv", "jose": "python-jose", "jwt": "PyJWT", "magic": "python-magic",
    "MySQLdb": "mysqlclient", "OpenSSL": "pyOpenSSL", "PIL": "Pillow", "psycopg2": "psycopg2-binary",
    "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn", "yaml": "PyYAML", "zmq": "pyzmq",
}  # fmt: skip

_PLACE_IN_MESSAGE = re.compile(r"\s*\([^()]*, line \d+\)$")
_MISSING_MODULE = re.compile(r"No module named '([^']+)'")
_MISSING_NAME = re.compile(r"name '([^']+)' is not defined")
_NOT_EXPORTED = re.compile(r"cannot import name '([^']+)' from (?:partially initialized module )?'([^']+)'")
_TOP_LEVEL = re.compile(r"(?:async\s+def|def|class)\b|@")


def collection_failures(errors: Sequence[CollectionError], project: Project) -> list[FailureReport]:
    """Return one report for each cause, naming all the files that it keeps from being collected."""
    causes: dict[tuple[object, ...], list[CollectionError]] = {}
    for error in errors:
        place = error.frames[-1] if error.frames else error.path
        causes.setdefault((error.exception, error.message, place), []).append(error)
    return [
        FailureReport(
            test=group[0].path,
            status="error",
            tests=tuple(dict.fromkeys(one.path for one in group)),
            reason=collection_reason(group[0], project),
        )
        for group in causes.values()
    ]


def collection_reason(error: CollectionError, project: Project) -> str:
    """Say why pytest cannot collect a file, with a next step where one is known."""
    return _CollectionReason(error, project).text()


class _CollectionReason:
    """The words about one collection error."""

    def __init__(self, error: CollectionError, project: Project) -> None:
        self.error = error
        self.project = project
        self.message = _shortened(" ".join(error.message.split()), MAX_MESSAGE)
        own = [one for one in error.frames if one.in_project]
        self.frame: Frame | None = own[-1] if own else None
        self.own_files = list(dict.fromkeys(one.path for one in own))

    def text(self) -> str:
        if self.error.exception in SYNTAX_ERRORS and self.frame is not None:
            sentences = self._of_syntax(self.frame)
        else:
            sentences = [self._what_happens(), self._next_step()]
        return " ".join(filter(None, sentences))

    def _of_syntax(self, frame: Frame) -> list[str]:
        importing = "" if frame.path == self.error.path else f", which {self.error.path} imports,"
        message = _PLACE_IN_MESSAGE.sub("", self.message)
        text = self._source(frame.path)
        places = [_place_sentence(frame.line, message, text), *_further_problems(text, frame.line)]
        step = "Correct that first; only code that parses can be run."
        if text is None and "codec can't decode" in message:
            step = (
                "Save the file as UTF-8, or name its encoding in the first line: `# -*- coding: latin-1 -*-`."
            )
        return [f"{frame.path}{importing} does not parse.", *places, step]

    def _what_happens(self) -> str:
        raised = f"{self.error.exception}{f': {self.message}' if self.message else ''}".rstrip(".")
        if self.frame is None:
            return f"pytest cannot collect this file: {raised}."
        line = _line_of(self._source(self.frame.path), self.frame.line)
        place = f"{self.frame.path}:{self.frame.line}{f' (`{line}`)' if line else ''}"
        when = "" if self.frame.path == self.error.path else f" when {self.error.path} imports it"
        return f"pytest cannot collect this file: {place} raises {raised}{when}."

    def _next_step(self) -> str:
        missing = _MISSING_MODULE.search(self.message)
        if missing is not None:
            return self._about_missing_module(missing[1].partition(".")[0])
        not_exported = _NOT_EXPORTED.search(self.message)
        if not_exported is not None:
            return self._about_missing_export(*not_exported.groups())
        unknown = _MISSING_NAME.search(self.message)
        if unknown is not None and self.frame is not None:
            return self._about_unknown_name(unknown[1], self.frame.path)
        if self.frame is not None:
            return "Module-level code has to run before any test can; correct it first."
        return ""

    def _about_missing_module(self, module: str) -> str:
        """Tell what to install: the project itself, its listed requirements, or the distribution of that name."""
        install = f"`{shlex.quote(str(self.project.python))} -m pip install"
        if _module_file(self.project.root, module) is not None:
            return f"`{module}` is part of the project: install it with {install} -e .`, or set pytest's `pythonpath`."
        nested = self._project_within(module)
        if nested is not None:
            return (
                f"`{module}` is part of {nested}, which is a project of its own: name that folder, as in "
                f"`tracemend fix {shlex.quote(nested)}`."
            )
        near = difflib.get_close_matches(module, _modules_of_project(self.project.root), 1, 0.75)
        if near:
            return f"Did you mean the project's own `{near[0]}`?"
        distribution = DISTRIBUTIONS.get(module)
        listed = installs_with_others(self.project.root, distribution or module)
        others = f", or all that the project asks for, with {install} {listed}`" if listed else ""
        return (
            f"Install what provides `{module}` into the project's interpreter, "
            f"with {install} {distribution or (module if listed else '...')}`{others}."
        )

    def _project_within(self, module: str) -> str | None:
        """Return the folder between the root and this file that is a project and has the module, if there is one."""
        folders = Path(self.error.path).parents
        for folder in (one for one in folders if one != Path()):
            place = self.project.root / folder
            marked = any((place / mark).exists() for mark in ROOT_MARKS)
            if marked and _module_file(place, module) is not None:
                return folder.as_posix()
        return None

    def _about_missing_export(self, name: str, module: str) -> str:
        if "partially initialized" in self.message and len(self.own_files) > 1:
            circle = [one for one in self.own_files if one != self.error.path]
            return (
                f"The imports of {' and '.join(circle)} go round in a circle: move one of them into the function "
                "that needs it, or what both need into a module of its own."
            )
        file = _module_file(self.project.root, module)
        if file is None:
            return f"Does the project need another version of what provides `{module.partition('.')[0]}`?"
        near = _near(name, _top_level_names(self._source(file)))
        return f"{file} has no `{name}`{near}"

    def _about_unknown_name(self, name: str, path: str) -> str:
        statement = next((text for text, _ in import_statements(name, {})), "")
        if statement:
            return f"`{statement}` is missing there."
        near = _near(name, _top_level_names(self._source(path)))
        return f"Nothing in {path} is called `{name}` at that point{near}"

    def _source(self, path: str) -> str | None:
        try:
            return decode_source((self.project.root / path).read_bytes()).text
        except (OSError, UndecodableSource):
            return None


def _place_sentence(line: int, message: str, text: str | None) -> str:
    source = _line_of(text, line)
    return f"Line {line}: {message}{f', in `{source}`' if source else ''}."


def _further_problems(text: str | None, line: int) -> Iterator[str]:
    """Yield sentences on the problems below `line`.

    An error often makes what follows look wrong as well, so the search starts again at the next top-level definition.
    """
    lines = (text or "").split("\n")
    rest = next((at for at in range(line, len(lines)) if _TOP_LEVEL.match(lines[at])), len(lines))
    for problem in find_problems("\n".join(lines[rest:]))[:MAX_FURTHER]:
        yield _place_sentence(rest + problem.line, problem.message, text)


def _line_of(text: str | None, line: int) -> str:
    lines = (text or "").splitlines()
    return _shortened(lines[line - 1].strip(), MAX_LINE) if 0 < line <= len(lines) else ""


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _near(name: str, names: Sequence[str]) -> str:
    found = difflib.get_close_matches(name, names, 1)
    return f"; did you mean `{found[0]}`?" if found else "."


def _module_file(root: Path, module: str) -> str | None:
    """Return the file (or the directory, for a namespace package) of a module of the project, relative to `root`."""
    inside = Path(*module.split("."))
    for place in SOURCE_ROOTS:
        for candidate in (inside.with_suffix(".py"), inside / "__init__.py", inside):
            if (root / place / candidate).exists():
                return (Path(place) / candidate).as_posix()
    return None


def _modules_of_project(root: Path) -> list[str]:
    folders = [root / place for place in SOURCE_ROOTS]
    return [
        one.stem
        for folder in folders
        if folder.is_dir()
        for one in sorted(folder.iterdir())
        if one.suffix == ".py" or (one / "__init__.py").is_file()
    ]


def _top_level_names(text: str | None) -> list[str]:
    """Return the names that a module's own statements bind."""
    try:
        tree = ast.parse(text or "")
    except (SyntaxError, ValueError, RecursionError):
        return []
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names += [(one.asname or one.name).partition(".")[0] for one in node.names]
        else:
            names += [
                one.id
                for one in ast.walk(node)
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            ]
    return names
