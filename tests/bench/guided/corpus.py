"""The text that the small model learns from: the standard library of the interpreter that runs, without its tests.

Some files are held out, to see whether the model has learnt anything; which ones depends on their names alone. Tables of
characters and the documentation of `pydoc` are left out: they are half a megabyte in which no name is ever used.
"""

from __future__ import annotations

import hashlib
import sysconfig
from dataclasses import dataclass
from pathlib import Path

HELD_OUT_OF = 32  # One file in so many is held out.
_LEFT_OUT = frozenset(
    {"test", "tests", "idle_test", "site-packages", "encodings", "pydoc_data", "__pycache__"}
)


@dataclass(frozen=True)
class Corpus:
    """The texts to learn from and those held out."""

    training: tuple[str, ...]
    held_out: tuple[str, ...]
    held_out_names: tuple[str, ...]


def read_corpus() -> Corpus:
    """Return the standard library's source, in the order of its paths."""
    root = Path(sysconfig.get_paths()["stdlib"])
    training: list[str] = []
    held_out: list[tuple[str, str]] = []
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if _LEFT_OUT & set(name.split("/")[:-1]):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # A file in another encoding, such as the examples of lib2to3.
        if _is_held_out(name):
            held_out.append((name, text))
        else:
            training.append(text)
    return Corpus(tuple(training), tuple(text for _, text in held_out), tuple(name for name, _ in held_out))


def _is_held_out(name: str) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % HELD_OUT_OF == 0
