"""Suspected statements and covered lines, from what is stored: no test runs for them.

Of failing tests the executed lines are recorded, of passing ones only the functions that they enter. A passing test
therefore counts as executing every line of a function that it enters, so that functions compare as by Ochiai, and
traceback and data flow order the lines inside (see `localize.suspects`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tracemend.repair.live.fingerprints import MODULE_LEVEL
from tracemend.repair.live.impact import Block, file_of
from tracemend.repair.live.model import Model
from tracemend.repair.live.texts import encoded
from tracemend.repair.localize.suspects import Suspect, rank_suspects
from tracemend.repair.runner.results import RunResult, Spectra
from tracemend.repair.workspace import Workspace

Lines = Mapping[str, frozenset[int]]

MOST_PASSING = 60  # A sample says nearly as much as all.


def suspects_of(test: str, model: Model, recorded: Mapping[str, Lines]) -> tuple[Suspect, ...]:
    """Return the statements suspected of failing `test`, most suspicious first; none unless it is red."""
    live = model.board.results.get(test)
    footprint = model.footprint(test)
    if live is None or live.result.green:
        return ()
    blocks = footprint.blocks if footprint else frozenset()
    with model.impact_lock:
        sharing = sorted(model.impact.entering(blocks) - {test})
    passing = [one for one in sharing if _passes(model, one)]
    passing = passing[:: len(passing) // MOST_PASSING + 1]
    own_lines = recorded.get(test) or _lines_of_blocks(model, blocks)
    lines: dict[str, Lines] = {test: own_lines}
    for other in passing:
        entered = model.footprint(other)
        lines[other] = _lines_of_blocks(model, entered.blocks & blocks if entered else ())
    functions = {name: frozenset(_starts(model, name, blocks)) for name in (test, *passing)}
    spectra = Spectra(RunResult({}, "finished"), lines, functions)
    test_files = {file_of(name) for name in list(model.board.results)}
    workspace = _workspace(model, {path for path, _ in blocks} | set(own_lines), test_files)
    ranked = rank_suspects(
        [live.result], passing, spectra, workspace.parsed, test_files, editable=workspace.is_editable
    )
    return tuple(ranked)


def coverage_of(model: Model, recorded: Mapping[str, Lines]) -> dict[str, Lines]:
    """Return the lines that each test covers."""
    found: dict[str, Lines] = {}
    for test in list(model.board.results):
        footprint = model.footprint(test)
        exact = recorded.get(test)
        if exact:
            found[test] = exact
        elif footprint is not None:
            found[test] = _lines_of_blocks(model, footprint.blocks)
    return found


def _passes(model: Model, test: str) -> bool:
    live = model.board.results.get(test)
    return live is not None and live.fresh and live.result.outcome in ("passed", "xfailed", "xpassed")


def _lines_of_blocks(model: Model, blocks: Iterable[Block]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for path, name in blocks:
        facts = model.texts.facts(path) if name != MODULE_LEVEL else None
        span = facts.span_of(name) if facts else None
        if span is not None:
            found[path].update(range(span.body, span.last + 1))
    return {path: frozenset(lines) for path, lines in found.items()}


def _starts(model: Model, test: str, among: frozenset[Block]) -> Iterable[tuple[str, int]]:
    """Yield the (path, first line) of the functions among `among` that `test` entered."""
    footprint = model.footprint(test)
    for path, name in footprint.blocks & among if footprint else ():
        facts = model.texts.facts(path)
        span = facts.span_of(name) if facts else None
        if span is not None:
            yield path, span.first


def _workspace(model: Model, paths: Iterable[str], test_files: set[str]) -> Workspace:
    texts = {path: model.texts.text(path) for path in paths}
    files = {path: encoded(text) for path, text in texts.items() if text is not None}
    return Workspace(model.project.root, test_files, files=files)
