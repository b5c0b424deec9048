"""Measures `tracemend fix` on the small broken programs of `tests/corpus`, judged by their hidden tests.

python tests/bench/corpus.py --log corpus.jsonl
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.programs import Program, add_common_options, run_programs

CORPUS_DIR = Path(__file__).resolve().parents[1] / "corpus"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_common_options(parser)
    run_programs(read_corpus(CORPUS_DIR), parser.parse_args())


def read_corpus(folder: Path) -> Iterator[Program]:
    """Yield each program that is complete, in order of its name."""
    for file in sorted(folder.glob("*/bug.toml")):
        home = file.parent
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        buggy, fixed = _files(home / "buggy"), _files(home / "fixed")
        broken = {path: text for path, text in fixed.items() if buggy.get(path) != text}
        visible = buggy | {"test_visible.py": (home / "test_visible.py").read_text(encoding="utf-8")}
        hidden = {"test_hidden.py": (home / "test_hidden.py").read_text(encoding="utf-8")}
        yield Program(
            f"corpus/{home.name}", told.get("difficulty", "corpus"), told["family"], visible, hidden, broken
        )


def _files(folder: Path) -> dict[str, str]:
    """Return the text files below `folder` by their relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


if __name__ == "__main__":
    main()
