"""Hides part of the tests from the repair engine, so that its patches can be judged by tests it never saw.

A patch that turns the visible tests green may still be wrong (Smith et al., "Is the Cure Worse Than the Disease?
Overfitting in Automated Program Repair", FSE 2015); as there, the suite is split once per bug and the part that is
withheld decides. Whole test functions are cut out of the files, not only deselected, so that neither a
whole-suite run nor a reader of literals can see them.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

WITHHELD_SHARE = 0.4


@dataclass(frozen=True)
class Split:
    """The test functions of a bug, as node ids without parameters, and what the engine sees of the failing tests."""

    withheld: frozenset[str]
    visible_failing: tuple[str, ...]
    withheld_failing: tuple[str, ...]


def function_of(node_id: str) -> str:
    """Return the node id of a test without its parameters."""
    return node_id.split("[", 1)[0]


def split_tests(failing: Iterable[str], texts: Mapping[str, str], *, seed: str) -> Split:
    """Withhold a share of all test functions in `texts` (path to text), and never all of the `failing` ones.

    The failing functions are ordered by a hash of the seed; the first stays visible and at least one is withheld where
    there are two. A test that is not written in the file (inherited, or generated) can not be cut out; it stays visible
    unless the method it inherits is cut.
    """
    cuttable = {name for path, text in texts.items() for name in _spans(path, text)}
    failing = sorted(failing)
    killers = sorted({function_of(test) for test in failing}, key=lambda name: _fraction(seed, name))
    removable = [name for name in killers if name in cuttable]
    inherited = {name for name in killers if name not in cuttable}
    lasting = [name for name in inherited if not any(_inherits(name, one) for one in removable)]
    spare = removable if lasting else removable[1:]
    hidden_killers = set(spare[-max(1, round(WITHHELD_SHARE * len(killers))) :]) if spare else set()
    bystanders = {name for name in cuttable if name not in killers and _fraction(seed, name) < WITHHELD_SHARE}
    withheld = frozenset(hidden_killers | bystanders)
    gone = withheld | {name for name in inherited if any(_inherits(name, one) for one in withheld)}
    visible = tuple(test for test in failing if function_of(test) not in gone)
    return Split(withheld, visible, tuple(test for test in failing if function_of(test) in gone))


def cut_tests(path: str, text: str, withheld: frozenset[str]) -> str:
    """Return the test file `path` without the functions in `withheld`."""
    spans = [span for name, spans in _spans(path, text).items() if name in withheld for span in spans]
    lines = text.splitlines(keepends=True)
    for first, last, indent in sorted(spans, reverse=True):
        # `pass` keeps a class or a conditional block from becoming empty.
        lines[first - 1 : last] = [f"{' ' * indent}pass\n"]
    return "".join(lines)


def _spans(path: str, text: str) -> dict[str, list[tuple[int, int, int]]]:
    """Return the lines (first, last) and the indentation of each test function of a file, by node id.

    A name may be defined twice, of which pytest sees the later; both go.
    """
    spans: dict[str, list[tuple[int, int, int]]] = {}
    pending: list[tuple[ast.stmt, str]] = [(node, path) for node in ast.parse(text).body]
    while pending:
        node, prefix = pending.pop()
        if isinstance(node, ast.ClassDef):
            pending += [(child, f"{prefix}::{node.name}") for child in node.body]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            assert node.end_lineno is not None, "nodes come from a parser"
            spans.setdefault(f"{prefix}::{node.name}", []).append((first, node.end_lineno, node.col_offset))
    return spans


def _inherits(name: str, written: str) -> bool:
    """Say whether the test `name`, written nowhere, may be `written` seen through a subclass in the same file."""
    return (name.partition("::")[0], name.rpartition("::")[2]) == (
        written.partition("::")[0],
        written.rpartition("::")[2],
    )


def _fraction(seed: str, name: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the seed and the name."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{name}".encode()).digest()[:8]) / 2**64
