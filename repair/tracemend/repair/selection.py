"""What the user named, and what stands guard over it.

A node id names a test to mend. Its neighbours in the same file are collected and run as well, because a patch that
breaks them is no patch; they are not mended themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracemend.repair.runner.errors import UsageError
from tracemend.repair.runner.results import Collection

SEPARATOR = "::"


class Selection:
    """Paths and node ids relative to the project root, as pytest takes them; empty for everything."""

    def __init__(self, named: Sequence[str]) -> None:
        self.named = tuple(named)

    @property
    def guarding(self) -> tuple[str, ...]:
        """The selection for pytest: node ids widened to their files."""
        return tuple(dict.fromkeys(one.partition(SEPARATOR)[0] for one in self.named))

    def names(self, test: str) -> bool:
        """Say whether `test` (a node id, or the path of a file that cannot be collected) is to be mended."""
        if not any(SEPARATOR in one for one in self.named):
            return True  # Nothing is collected beyond what was named.
        return any(_covers(one, test) for one in self.named)

    def check(self, collection: Collection) -> None:
        """Raise `UsageError` for a node id that pytest does not know, unless its file cannot be collected."""
        known = [*(one.test for one in collection.tests), *(error.path for error in collection.errors)]
        for one in self.named:
            if SEPARATOR in one and not any(_covers(one, test) for test in known):
                path = one.partition(SEPARATOR)[0]
                raise UsageError(
                    f"pytest finds no test {one}; `pytest --collect-only -q {path}` lists what there is"
                )


def _covers(named: str, test: str) -> bool:
    """Say whether `named` is `test`, the file or directory of it, or a class or parametrized function around it."""
    path, _, inner = named.partition(SEPARATOR)
    test_path, _, test_inner = test.partition(SEPARATOR)
    if not inner:
        return (
            path in ("", ".")
            or _same_place(path, test_path)
            or f"/{test_path}".find(f"/{path.rstrip('/')}/") >= 0
        )
    within = test_inner == inner or test_inner.startswith((f"{inner}[", f"{inner}{SEPARATOR}"))
    return _same_place(path, test_path) and (within or not test_inner)


def _same_place(path: str, other: str) -> bool:
    """Compare paths of which one may be relative to a folder further in: pytest's rootdir need not be ours."""
    return path == other or path.endswith(f"/{other}") or other.endswith(f"/{path}")
