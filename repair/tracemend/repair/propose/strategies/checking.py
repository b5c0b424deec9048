"""Static checks of what models write: while they write it, where the engine has our plug-in, and before it is run, always.

What is certainly wrong goes back to the model without being run. Only what an answer adds counts, and only what is
certain: unknown never masks and never warns.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from tracemend.analysis.decoding.machine import Guide
    from tracemend.analysis.monitors.tables import SymbolTable
    from tracemend.analysis.review import Reviewer

_LOG = logging.getLogger(__name__)

MOST_TOLD = 3


class StaticCheck:
    """The monitors of one project, made with the first question. `files` are seen in place of those on disk."""

    def __init__(self, root: Path, python: Path, files: Mapping[str, bytes]) -> None:
        self._root = root
        self._python = python
        self._files = dict(files)
        self._lock = threading.Lock()
        self._reviewer: Reviewer | None = None
        self._is_made = False

    def violations(self, path: str, old: str, new: str) -> tuple[str, ...]:
        """Return what is certainly wrong in the text `new` of a file and was not in `old`, as sentences."""
        with self._lock:
            reviewer = self._made()
            if reviewer is None:
                return ()
            before = Counter(one.message for one in reviewer.review(self._root / path, old).findings)
            after = Counter(one.message for one in reviewer.review(self._root / path, new).findings)
        return tuple((after - before).elements())[:MOST_TOLD]

    def mask_fields(self, path: str, text: str, offset: int) -> Mapping[str, object]:
        """Return what an engine with our plug-in needs to mask invented names in code that begins at `offset`.

        Nothing where the project cannot be looked at, or the text in front is too long to be told.
        """
        from tracemend.analysis.decoding.adapters.requests import UnreadableRequest, request_fields

        table = self._table(path, text, offset)
        try:
            fields = request_fields(table, before=text[:offset], fenced=True) if table is not None else {}
        except UnreadableRequest:
            return {}
        return {"vllm_xargs": fields} if fields else {}

    def guide(self, path: str, text: str, offset: int) -> Callable[[], Guide] | None:
        """Return what makes guides of answers whose code begins at `offset`, None where nothing is known."""
        from tracemend.analysis.decoding.machine import Guide

        table = self._table(path, text, offset)
        return partial(Guide, table, before=text[:offset], fenced=True) if table is not None else None

    def _table(self, path: str, text: str, offset: int) -> SymbolTable | None:
        from tracemend.analysis.monitors.protocol import Hole
        from tracemend.analysis.monitors.table_building import build_table

        with self._lock:
            reviewer = self._made()
            if reviewer is None:
                return None
            document = reviewer.document(self._root / path, text)
            return build_table(reviewer.oracle, Hole(document, offset))

    def close(self) -> None:
        """Keep what the index has learnt."""
        with self._lock:
            if self._reviewer is not None:
                self._reviewer.close()
            self._reviewer = None

    def _made(self) -> Reviewer | None:
        if not self._is_made:
            self._is_made = True
            self._reviewer = self._make()
        return self._reviewer

    def _make(self) -> Reviewer | None:
        from tracemend.analysis.review import Reviewer
        from tracemend.analysis.symbols.environment import EnvironmentUnknown

        try:
            reviewer = Reviewer(self._root, self._python, cache=user_cache_path("tracemend") / "symbols")
        except EnvironmentUnknown as problem:
            _LOG.info("Answers are not checked before they are run: %s", problem)
            return None
        for path, data in self._files.items():
            reviewer.update(self._root / path, data.decode("utf-8", "replace"))
        return reviewer
