"""From what an earlier session saved to what holds now, and back."""

from __future__ import annotations

from collections.abc import Iterator

from tracemend.repair.live.events import Restored
from tracemend.repair.live.fingerprints import MODULE_LEVEL, Fingerprints
from tracemend.repair.live.impact import Change
from tracemend.repair.live.model import Model
from tracemend.repair.live.state import LiveResult
from tracemend.repair.live.store import Saved, SavedTest, environment_of


def restore(model: Model, saved: Saved | None) -> Restored | None:
    """Take over the results of an earlier session, fresh where nothing that they rest on has changed."""
    if saved is None or not saved.tests:
        return None
    holds = saved.environment == environment_of(model.project)
    board = model.board
    with model.impact_lock:
        model.impact.collected = saved.collected
        for name, test in saved.tests.items():
            ignored = name in saved.ignored
            fresh = holds and test.fresh and test.footprint is not None
            board.results[name] = LiveResult(test.result, fresh, 0, test.flaky, ignored)
            board.histories[name] = test.history
            if test.footprint is not None:
                model.impact.put(name, test.footprint)
    board.ignored |= saved.ignored
    model.restored_blocks = saved.blocks
    for change in _changes(model, saved):
        model.apply(change)
    model.is_dirty = False
    fresh_tests = sum(one.fresh for one in board.results.values())
    return Restored(len(board.results), fresh_tests)


def saved_from(model: Model) -> Saved:
    """Return what is known now, to be saved."""
    board = model.board
    digests = model.texts.digests()
    return Saved(
        environment_of(model.project),
        {
            name: SavedTest(live.result, live.fresh, live.flaky, board.history(name), model.footprint(name))
            for name, live in list(board.results.items())
        },
        frozenset(board.ignored),
        model.impact.collected,
        digests,
        {path: blocks for path in digests for blocks in _blocks(model, path)},
        dict(model.texts.others),
    )


def _changes(model: Model, saved: Saved) -> Iterator[Change]:
    """Yield what differs between the files then and now."""
    digests = model.texts.digests()
    for path in sorted(digests.keys() | saved.digests.keys()):
        if digests.get(path) != saved.digests.get(path):
            yield _change(model, saved, path)
    others = model.texts.others
    for path in sorted(others.keys() | saved.others.keys()):
        if others.get(path) != saved.others.get(path):
            yield Change(path)


def _change(model: Model, saved: Saved, path: str) -> Change:
    facts, before = model.texts.facts(path), saved.blocks.get(path)
    reached = facts.reached if facts else frozenset()
    exists = facts is not None and path in saved.digests
    if facts is None or before is None or not exists:
        return Change(path, frozenset({MODULE_LEVEL}), reached, exists)
    return Change(path, _different(before, facts), reached)


def _different(before: dict[str, str], facts: Fingerprints) -> frozenset[str]:
    names = before.keys() | facts.blocks.keys()
    return frozenset(name for name in names if before.get(name) != facts.blocks.get(name))


def _blocks(model: Model, path: str) -> Iterator[dict[str, str]]:
    """Yield the fingerprints of `path` where they are known without parsing it."""
    if model.texts.is_parsed(path):
        facts = model.texts.facts(path)
        if facts is not None:
            yield dict(facts.blocks)
    elif path in model.restored_blocks and model.texts.changed_at(path) == 0:
        yield model.restored_blocks[path]
