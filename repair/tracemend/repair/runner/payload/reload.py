"""Trying a patch by importing the project anew, with the patched text in place of the file's.

Where the containment gives the run a view of the project of its own, the patched files are simply written there: then
sub-processes and pytest's assertion rewriting see them too. Their modification time is set apart from the original's,
because byte code is matched by size and whole seconds. Without such a view an import hook serves the patched text.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import os
import sys
from types import CodeType, ModuleType
from typing import Any, Dict, List, Optional, Sequence, Union

from .patching import show_text
from .paths import ProjectPaths


def write_sources(paths: ProjectPaths, sources: Dict[str, str]) -> None:
    """Write the patched texts over the files of this run's own view of the project."""
    for path, text in sources.items():
        target = paths.absolute(path)
        try:
            before: Optional[os.stat_result] = os.stat(target)
        except FileNotFoundError:
            before = None
            os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as stream:
            stream.write(encode_source(text))
        if before is not None:
            os.utime(target, (before.st_atime, before.st_mtime - 86400))


def encode_source(text: str) -> bytes:
    """Encode `text` by its own PEP 263 cookie, UTF-8 without one."""
    for line in text.split("\n", 2)[:2]:
        head = line.encode("ascii", "ignore")
        if b"coding" in head and head.lstrip().startswith(b"#"):
            import io
            import tokenize

            encoding, _ = tokenize.detect_encoding(io.BytesIO(head + b"\n").readline)
            return text.encode(encoding)
    return text.encode("utf-8")


class PatchFinder(importlib.abc.MetaPathFinder):
    """Serves patched texts in place of the files; goes first on `sys.meta_path`.

    Which file a module comes from is left to the other finders, so packages, namespace packages and editable installs
    resolve as ever; nothing is decided by module name, because finding a name imports its parents.
    """

    def __init__(self, paths: ProjectPaths, sources: Dict[str, str]) -> None:
        self._paths = paths
        self._sources = {path: text for path, text in sources.items() if path.endswith(".py")}

    def install(self) -> None:
        """Put this finder first, before pytest's assertion rewriter."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        """Return the spec that another finder gives, with our loader where the file is patched."""
        for finder in list(sys.meta_path):
            if finder is self:
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is None:
                continue
            relative = self._paths.relative(spec.origin) if spec.origin else None
            if relative in self._sources and spec.origin is not None:
                rewriter = spec.loader if isinstance(spec.loader, _rewriting_hook()) else None
                spec.loader = PatchLoader(fullname, spec.origin, self._sources[str(relative)], rewriter)
            return spec
        return None


class PatchLoader(importlib.machinery.SourceFileLoader):
    """Loads one module from a patched text, past any byte code, with pytest's assertions where they are due."""

    def __init__(self, fullname: str, path: str, text: str, rewriter: Any) -> None:
        super().__init__(fullname, path)
        self._text = text
        self._rewriter = rewriter

    def get_data(self, path: Union[str, bytes]) -> bytes:
        """Return the patched text for the module's own file, other files as they are."""
        return encode_source(self._text) if path == self.path else super().get_data(str(path))

    def get_code(self, fullname: str) -> CodeType:
        """Compile the patched text."""
        show_text(self.path, self._text)
        data = self.get_data(self.path)
        tree = ast.parse(data, self.path)
        if self._rewriter is not None:
            from _pytest.assertion.rewrite import rewrite_asserts

            rewrite_asserts(tree, data, self.path, self._rewriter.config)
        code: CodeType = compile(tree, self.path, "exec", dont_inherit=True)
        return code

    def get_source(self, fullname: str) -> str:
        """Return the patched text."""
        return self._text


def loaded_from(paths: ProjectPaths, sources: Dict[str, str]) -> List[str]:
    """Return which of the patched Python files are loaded now."""
    loaded = set()
    for module in list(sys.modules.values()):
        filename = getattr(module, "__file__", None)
        relative = paths.relative(filename) if isinstance(filename, str) else None
        if relative in sources:
            loaded.add(str(relative))
    return sorted(loaded)


def _rewriting_hook() -> type:
    from _pytest.assertion.rewrite import AssertionRewritingHook

    return AssertionRewritingHook
