"""An option whose value may be left out, which typer does not offer: `--diff [REF]` of `tracemend check`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

HEAD = "HEAD"


class OptionalRevision(TyperCommand):
    """A command with `--diff [REF]`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse `args` after putting HEAD in where `--diff` has no revision."""
        return super().parse_args(ctx, with_revision(args))


def with_revision(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with HEAD behind a `--diff` that an option, a path or nothing follows."""
    completed = list(arguments)
    for index, argument in enumerate(arguments):
        if argument == "--diff":
            following = next(iter(arguments[index + 1 :]), None)
            if following is None or following.startswith("-") or _is_path_alone(following):
                completed.insert(index + 1, HEAD)
            break
    return completed


def _is_path_alone(name: str) -> bool:
    """Say whether `name` is a path and not also a revision, which goes first as in git."""
    from .checked_files import is_revision

    return Path(name).exists() and not is_revision(Path.cwd(), name)
