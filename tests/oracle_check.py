"""The one helper of the oracle's tests: it alone knows the oracle's API.

A snippet is one module, or several that begin with `#- path.py`; `$0` marks the place behind the receiver:

    check_members('''
        class Cat:
            def purr(self): ...
        Cat()$0.purr
    ''', has="purr", lacks="bark")

`has` and `lacks` are names of a closed set; `opens` is the slug (or its beginning) of why the set is open.
"""

from __future__ import annotations

import ast
import sys
import tempfile
import textwrap
from functools import cache
from pathlib import Path

from tracemend.analysis.monitors.grafts import refusal
from tracemend.analysis.symbols.environment import PythonEnvironment, probe_environment
from tracemend.analysis.symbols.index import Index
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.engines.protocol import MemberEngine
from tracemend.analysis.types.oracle import Callee, Members, Names, Oracle

CURSOR = "$0"


def check_members(
    snippet: str, *, has: str = "", lacks: str = "", opens: str = "", engine: MemberEngine | None = None
) -> Members:
    """Assert what stands behind the dot at the cursor."""
    oracle, document, offset = _placed(snippet, engine)
    found = oracle.members(document, offset)
    _check_set(found.names, found.closed, found.why, has, lacks, opens)
    return found


def check_names(snippet: str, *, has: str = "", lacks: str = "", opens: str = "") -> Names:
    """Assert which names can be used at the cursor."""
    oracle, document, offset = _placed(snippet, None)
    found = oracle.names_in_scope(document, offset)
    _check_set(found.names, found.closed, found.why, has, lacks, opens)
    return found


def check_signature(snippet: str, expected: str = "", *, opens: str = "") -> Callee | None:
    """Assert the parameters of what is called at the cursor; overloads are divided by `|`."""
    oracle, document, offset = _placed(snippet, None)
    found = oracle.signature(document, offset)
    if opens:
        assert found is None or (not found.closed and found.why.startswith(opens)), (
            f"expected open, found {found}"
        )
        return found
    assert found is not None and found.closed, f"expected closed signatures, found {found}"
    written = [", ".join(one.name for one in signature.parameters) for signature in found.signatures]
    assert " | ".join(written) == expected
    return found


def _check_set(names: frozenset[str], closed: bool, why: str, has: str, lacks: str, opens: str) -> None:
    if opens:
        assert not closed and why.startswith(opens), f"expected open ({opens}), found closed={closed} ({why})"
        return
    assert closed, f"expected a closed set, but it is open: {why}"
    missing = set(has.split()) - names
    assert not missing, f"missing {sorted(missing)}"
    forbidden = set(lacks.split()) & names
    assert not forbidden, f"should not have {sorted(forbidden)}"


def _placed(snippet: str, engine: MemberEngine | None) -> tuple[Oracle, Document, int]:
    """Write the files of a snippet and return the oracle, the document with the cursor and the cursor's offset."""
    root = Path(tempfile.mkdtemp(dir=_scratch()))
    found: tuple[Path, str] | None = None
    for name, text in _files(textwrap.dedent(snippet).lstrip("\n")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(CURSOR, ""))
        if CURSOR in text:
            found = path, text
    assert found is not None, "the snippet has no cursor"
    path, text = found
    index = Index(root, _environment(), cache=_scratch() / "cache")
    document = Document(text.replace(CURSOR, ""), str(path), index.module_name(str(path)) or "")
    return Oracle(index, engine), document, text.index(CURSOR)


def _files(snippet: str) -> list[tuple[str, str]]:
    if not snippet.startswith("#- "):
        return [("snippet.py", snippet)]
    parts = ("\n" + snippet).split("\n#- ")[1:]
    return [(name.strip(), text) for name, _, text in (one.partition("\n") for one in parts)]


@cache
def _scratch_directory() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="oracle-check-")


def _scratch() -> Path:
    return Path(_scratch_directory().name)


@cache
def _environment() -> PythonEnvironment:
    return probe_environment(Path(sys.executable))


def check_refusal(snippet: str, expression: str, expected: str) -> None:
    """Assert why `expression` is refused in the statement at the cursor; "" where it may be right."""
    oracle, document, offset = _placed(snippet, None)
    with oracle.at_statement(document, offset) as place:
        assert place is not None, "no statement begins at the cursor"
        found = refusal(place, ast.parse(expression, mode="eval").body)
    assert found == expected
