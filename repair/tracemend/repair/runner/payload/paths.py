"""Which files are the project's own, and what they are called: relative to the root, posix.

Virtual environments and vendored packages inside the project folder are not the project's own code.
"""

from __future__ import annotations

import os
from typing import Dict, Optional

FOREIGN_FOLDERS = frozenset(
    ("site-packages", "dist-packages", "node_modules", ".tox", ".nox", ".eggs", "__pypackages__")
)


class ProjectPaths:
    """Maps the file names that Python shows to project-relative paths, remembering each answer."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._prefix = os.path.join(self.root, "")
        self._known: Dict[str, Optional[str]] = {}
        self._foreign: Dict[str, bool] = {"": False}
        self._real_folders: Dict[str, str] = {}

    def relative(self, filename: str) -> Optional[str]:
        """Return the project-relative posix path of `filename`, None for a file that is not the project's."""
        try:
            return self._known[filename]
        except KeyError:
            found = self._known[filename] = self._relative(filename)
            return found

    def shown(self, filename: str) -> str:
        """Return the relative path of a project file, the name itself of any other."""
        return self.relative(filename) or filename

    def absolute(self, relative: str) -> str:
        """Return the file for a project-relative path."""
        return os.path.join(self.root, *relative.split("/"))

    def _relative(self, filename: str) -> Optional[str]:
        if not filename or filename.startswith("<"):
            return None
        real = self._real(os.path.join(self.root, filename))
        if not real.startswith(self._prefix):
            return None
        inside = real[len(self._prefix) :]
        if self._is_foreign(os.path.dirname(inside)):
            return None
        return inside.replace(os.sep, "/")

    def _real(self, filename: str) -> str:
        """Return what `os.path.realpath` does, but ask about each folder once: of hundreds of files few lie apart."""
        if os.path.islink(filename):
            return os.path.realpath(filename)
        folder, name = os.path.split(filename)
        if name in ("", os.curdir, os.pardir):
            return os.path.realpath(filename)
        if folder not in self._real_folders:
            self._real_folders[folder] = os.path.realpath(folder)
        return os.path.join(self._real_folders[folder], name)

    def _is_foreign(self, folder: str) -> bool:
        if folder not in self._foreign:
            parent, name = os.path.split(folder)
            self._foreign[folder] = (
                name in FOREIGN_FOLDERS
                or os.path.exists(os.path.join(self.root, folder, "pyvenv.cfg"))
                or self._is_foreign(parent)
            )
        return self._foreign[folder]
