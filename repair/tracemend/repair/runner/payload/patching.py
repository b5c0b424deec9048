"""Trying a patch in a warm process by swapping the code of the functions that it changes, where that is exact.

Exact means: the process then behaves as one that had imported the patched text. That holds when only bodies of
functions changed, none of which ran while the project was imported and collected (what they did then cannot be taken
back), and when every function object made from the old text can be found. `Swap` checks all of it and raises
`NotSwappable` with the reason otherwise; the caller then re-imports the project (module `reload`).

A `Checkpoint` is taken once, after collection: an index of the live functions, made before `gc.freeze()` hides them,
and the set of code that has run so far. For speed only the statement that changed is compiled (module `statements`).
"""

from __future__ import annotations

import contextlib
import gc
import linecache
import marshal
import math
import os
import sys
from types import CodeType, FunctionType
from typing import Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from .codes import OPTIMIZED, all_code, behaves_alike, interface, nested_code, own_part, same_code, shifted
from .paths import ProjectPaths
from .statements import ParsedText, normalized

CodeKey = Tuple[str, int, str]  # (project-relative path, first line, name)
PackedSwaps = List[Tuple[str, List[Tuple[FunctionType, CodeType]]]]  # By the file's name.
LinecacheEntry = Tuple[int, Optional[float], List[str], str]


class NotSwappable(Exception):
    """Swapping code would not be exact; the text says why."""


class Checkpoint:
    """What is live after collection: functions by the place of their code, loaded files, code that has run."""

    def __init__(self, paths: ProjectPaths, executed: Set[CodeKey], began: float = math.inf) -> None:
        """Look at what is live; a file that changed after `began`, a `time.time()`, may not be what was imported."""
        self.paths = paths
        self.executed = executed
        self.functions: Dict[CodeKey, List[FunctionType]] = {}
        self.places: Dict[str, List[CodeKey]] = {}  # The same keys, by path.
        self.filenames: Dict[str, str] = {}  # The project's files as their code objects spell them.
        self._texts: Dict[str, ParsedText] = {}
        self._plans: Dict[Tuple[str, str], "Swap"] = {}  # Of the request that is about to be served.
        self._index()
        self._names = {folder: set(os.listdir(folder)) for folder in self._folders()}
        self._imported = {path: data for path in self.filenames for data in self._read(path, began)}

    def new_paths(self) -> Set[str]:
        """Return the project's files whose functions came to life since all that is indexed was frozen."""
        found = (self.paths.relative(one.__code__.co_filename) for one in _live_functions())
        return {path for path in found if path is not None}

    def is_new(self, path: str) -> bool:
        """Return whether `path` was not there when the project was imported, which may have looked for it.

        Known for the folders in and above which something was imported.
        """
        folder, names = self.paths.root, path.split("/")
        while len(names) > 1 and names[0] in self._names.get(folder, ()):
            folder = os.path.join(folder, names.pop(0))
        return folder in self._names and names[0] not in self._names[folder]

    def prepare(self, sources: Dict[str, str]) -> Optional[str]:
        """Plan how to swap `sources` in, before the fork: a child pays for each page of memory that it touches.

        Returns why that would not be exact, if so; whatever else goes wrong is left to `plan`.
        """
        self._plans.clear()
        for path, text in sources.items():
            if path.endswith(".py") and path in self.filenames:
                try:
                    self._plans[path, text] = plan_swap(self, path, text)
                except (NotSwappable, SyntaxError) as reason:
                    return str(reason)
                except (ValueError, RecursionError):
                    continue
        return None

    def pack(self, sources: Dict[str, str], executed: Set[CodeKey]) -> bytes:
        """Return how to swap `sources` in, for `unpack` in a fork of this process that has run `executed` since.

        Raises as `plan_swap` does.
        """
        swaps = []
        for path, text in sources.items():
            if path not in self.filenames:
                raise NotSwappable("%s is not loaded" % path)
            swap = plan_swap(self, path, text, self.executed | executed)
            pairs = [(*self._place_of(function), code) for function, code in swap.pairs]
            swaps.append((swap.filename, pairs))
        return marshal.dumps(swaps)

    def unpack(self, packed: bytes) -> PackedSwaps:
        """Return what `pack` has planned, for `install_unpacked` in this process or in a fork of it."""
        return [
            (filename, [(self.functions[key][index], code) for key, index, code in pairs])
            for filename, pairs in marshal.loads(packed)
        ]

    @staticmethod
    def install_unpacked(swaps: PackedSwaps) -> None:
        """Swap in what was planned; the files must hold the patched text already."""
        for filename, pairs in swaps:
            linecache.cache.pop(filename, None)
            for function, code in pairs:
                function.__code__ = code

    def _place_of(self, function: FunctionType) -> Tuple[CodeKey, int]:
        """Return where in the index a live function stands."""
        code = function.__code__
        path = self.paths.relative(code.co_filename)
        assert path is not None, "only functions of the project are indexed"
        key = (path, code.co_firstlineno, code.co_name)
        return key, next(index for index, one in enumerate(self.functions[key]) if one is function)

    def plan(self, path: str, text: str) -> "Swap":
        """Return the exact swap for `path` becoming `text`, or raise as `plan_swap` does."""
        return self._plans.get((path, text)) or plan_swap(self, path, text)

    def text(self, path: str) -> ParsedText:
        """Return the text that a loaded file had when it was imported, kept with the code of its statements."""
        if path not in self._texts:
            try:
                self._texts[path] = ParsedText(self._imported[path], self.filenames[path])
            except (KeyError, SyntaxError, ValueError) as error:
                raise NotSwappable("%s is no longer the file that was imported" % path) from error
        return self._texts[path]

    def _read(self, path: str, began: float) -> Iterator[bytes]:
        """Yield what a loaded file holds, now that this is what was imported: later its owner may save it again."""
        with contextlib.suppress(OSError), open(self.paths.absolute(path), "rb") as stream:
            stat = os.fstat(stream.fileno())
            if max(stat.st_mtime, stat.st_ctime) < began:
                yield stream.read()

    def _index(self) -> None:
        """Index the functions and files that live, but for what `gc.freeze` hides."""
        for function in _live_functions():
            self._add(function)
        for module in list(sys.modules.values()):
            filename = getattr(module, "__file__", None)
            relative = self.paths.relative(filename) if isinstance(filename, str) else None
            if relative is not None:
                self.filenames.setdefault(relative, str(filename))

    def _folders(self) -> Iterator[str]:
        """Yield the root and the folders of the files that live, with those in between."""
        seen = {self.paths.root}
        yield self.paths.root
        for path in self.filenames:
            folder = os.path.dirname(self.paths.absolute(path))
            while folder not in seen and os.path.isdir(folder):
                seen.add(folder)
                yield folder
                folder = os.path.dirname(folder)

    def _add(self, function: FunctionType) -> None:
        code = function.__code__
        relative = self.paths.relative(code.co_filename)
        if relative is not None:
            key = (relative, code.co_firstlineno, code.co_name)
            if key not in self.functions:
                self.places.setdefault(relative, []).append(key)
            self.functions.setdefault(key, []).append(function)
            self.filenames.setdefault(relative, code.co_filename)


class Swap(NamedTuple):
    """A patch of one file as code to put into live functions."""

    filename: str  # As live code objects spell it.
    before: str
    shown: LinecacheEntry
    pairs: Tuple[Tuple[FunctionType, CodeType], ...]

    def install(self) -> List[Tuple[FunctionType, CodeType]]:
        """Put the new code in, see that it took, show its text, and return what undoes it."""
        undo = []
        linecache.cache[self.filename] = self.shown
        for function, code in self.pairs:
            undo.append((function, function.__code__))
            function.__code__ = code
            if function.__code__ is not code:
                raise NotSwappable("%s did not take its new code" % function.__qualname__)
        return undo


def plan_swap(checkpoint: Checkpoint, path: str, text: str, executed: Optional[Set[CodeKey]] = None) -> Swap:
    """Return the exact swap for `path` becoming `text`, or raise `NotSwappable`; SyntaxError where it is broken.

    `executed` is the code that has run, where that is more than at the checkpoint.
    """
    old = checkpoint.text(path)
    text = normalized(text)
    shown = _linecache_entry(old.filename, text)
    if text == old.text:
        return Swap(old.filename, old.text, shown, ())
    matcher = _Matcher(checkpoint, path, checkpoint.executed if executed is None else executed)
    for change in old.changed_statements(text):
        before, after = old.code_before(change), old.code_after(change)
        if before is not None and after is not None:
            matcher.match_body(before, after)
            matcher.shift_below(change.last, change.added_lines)
            break
    else:
        matcher.match_body(
            compile(old.text, old.filename, "exec", dont_inherit=True),
            compile(text, old.filename, "exec", dont_inherit=True),
        )
    return Swap(old.filename, old.text, shown, tuple(matcher.pairs))


def _live_functions() -> Iterator[FunctionType]:
    """Yield all functions but those that `gc.freeze` hides."""
    for candidate in gc.get_objects():
        if type(candidate) is FunctionType:
            yield candidate


def show_text(filename: str, text: str) -> None:
    """Let tracebacks and `inspect` see `text` as the lines of `filename`."""
    linecache.cache[filename] = _linecache_entry(filename, text)


def _linecache_entry(filename: str, text: str) -> LinecacheEntry:
    return len(text), None, text.splitlines(True), filename


class _Matcher:
    """Pairs old code with new and finds the live functions to swap."""

    def __init__(self, checkpoint: Checkpoint, path: str, executed: Set[CodeKey]) -> None:
        self._checkpoint = checkpoint
        self._path = path
        self._executed = executed
        self.pairs: List[Tuple[FunctionType, CodeType]] = []

    def match_body(self, old: CodeType, new: CodeType) -> None:
        """Match a module or class body: it ran at import, so it must do the same in both texts."""
        if own_part(old, body=True) != own_part(new, body=True):
            raise NotSwappable("%s changes more than function bodies" % self._path)
        for old_part, new_part in zip(nested_code(old), nested_code(new)):
            if old_part.co_flags & OPTIMIZED:
                self._match_function(old_part, new_part, reachable=True)
            else:
                self.match_body(old_part, new_part)

    def shift_below(self, line: int, by: int) -> None:
        """Move the line numbers of all functions that start after `line`."""
        if not by:
            return
        for key in self._checkpoint.places.get(self._path, ()):
            if key[1] > line:
                for function in self._checkpoint.functions[key]:
                    self.pairs.append((function, shifted(function.__code__, by)))

    def _match_function(self, old: CodeType, new: CodeType, reachable: bool) -> None:
        """Match one function; `reachable` where it must have live objects because its surroundings ran."""
        if same_code(old, new):
            return
        key = (self._path, old.co_firstlineno, old.co_name)
        changed = own_part(old) != own_part(new)
        if changed and key in self._executed:
            raise NotSwappable("%s ran while the project was imported" % old.co_name)
        live = self._checkpoint.functions.get(key, [])
        if live:
            self._swap(live, old, new)
        elif reachable and not behaves_alike(old, new):
            raise NotSwappable("no live function was made from %s" % old.co_name)
        for old_part, new_part in self._nested_pairs(old, new, changed):
            self._match_function(old_part, new_part, reachable=False)

    def _swap(self, live: List[FunctionType], old: CodeType, new: CodeType) -> None:
        if interface(old) != interface(new):
            raise NotSwappable("the signature, docstring or closure of %s changes" % old.co_name)
        for function in live:
            if not behaves_alike(function.__code__, old):
                raise NotSwappable("the live code of %s is not what its file says" % old.co_name)
            self.pairs.append((function, new))

    def _nested_pairs(
        self, old: CodeType, new: CodeType, changed: bool
    ) -> Iterator[Tuple[CodeType, CodeType]]:
        """Pair the functions inside by position, or by name where the code around them changed."""
        if not changed:
            yield from zip(nested_code(old), nested_code(new))
            return
        named: Dict[str, List[CodeType]] = {}
        for part in nested_code(new):
            named.setdefault(part.co_name, []).append(part)
        for part in nested_code(old):
            partners = named.get(part.co_name, [])
            if partners:
                yield part, partners.pop(0)
            elif any(self._has_live(inner) for inner in all_code(part)):
                raise NotSwappable("%s is removed but still in use" % part.co_name)

    def _has_live(self, code: CodeType) -> bool:
        return (self._path, code.co_firstlineno, code.co_name) in self._checkpoint.functions
