"""The one helper of the completion's tests: it alone knows the API of `repair.completion.names`.

A snippet is one module, or several that begin with `#- path.py`; `$0` marks the cursor:

    check_offers('''
        class Cat:
            def purr(self): ...
        Cat().pu$0
    ''', first="purr", lacks="bark")
"""

from __future__ import annotations

import sys
import tempfile
import textwrap
from functools import cache
from pathlib import Path

from tracemend.analysis.review import Reviewer
from tracemend.analysis.symbols.environment import PythonEnvironment, probe_environment
from tracemend.repair.completion.names import Suggestions, suggest
from tracemend.repair.completion.ngrams import NgramModel

CURSOR = "$0"


def check_offers(snippet: str, *, first: str = "", has: str = "", lacks: str = "") -> Suggestions:
    """Assert the names that are offered at the cursor: which come first, in this order, and which (not) at all."""
    reviewer, path, text, offset = placed(snippet)
    found = suggest(reviewer.oracle, reviewer.document(path, text), offset, NgramModel())
    offered = [one.insert for one in found.names]
    assert offered[: len(first.split())] == first.split()
    assert set(has.split()) <= set(offered), f"missing from {offered[:20]}"
    assert not set(lacks.split()) & set(offered)
    return found


def check_nothing(snippet: str) -> None:
    """Assert that nothing is offered at the cursor."""
    assert check_offers(snippet).names == ()


def placed(snippet: str) -> tuple[Reviewer, Path, str, int]:
    """Return a reviewer of the snippet's files, and the file with the cursor, which is taken out."""
    root = Path(tempfile.mkdtemp(prefix="tracemend-completion-")).resolve()
    cursor: tuple[Path, str, int] | None = None
    for name, text in _files(textwrap.dedent(snippet).lstrip("\n")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if CURSOR in text:
            cursor = path, text.replace(CURSOR, ""), text.index(CURSOR)
        path.write_text(text.replace(CURSOR, ""))
    assert cursor is not None, f"the snippet has no {CURSOR}"
    return Reviewer(root, _environment()), *cursor


def _files(snippet: str) -> list[tuple[str, str]]:
    if not snippet.startswith("#- "):
        return [("main.py", snippet)]
    parts = [part.partition("\n") for part in snippet.split("#- ")[1:]]
    return [(name.strip(), text) for name, _, text in parts]


@cache
def _environment() -> PythonEnvironment:
    return probe_environment(Path(sys.executable))
