"""`tracemend/coverage`: which tests executed which line of a document, for gutters and test explorers."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tracemend.server.jobs import Job
from tracemend.server.problems import InvalidParams
from tracemend.server.session import Session, Snapshot

from .registry import request

MAX_TESTS = 5000


@request("tracemend/coverage", slow=True)
def coverage(session: Session, snapshot: Snapshot, params: Any, job: Job) -> dict[str, Any] | None:
    """Return the tests that executed the document, and for each executed line the indices of its tests.

    The params are `{"textDocument": {"uri": ...}}`; lines count from 0, as LSP's do. `verdicts` are parallel to `tests`:
    "passed", "failed", or "stale" where the code has changed since the run. Null where nothing is known.
    """
    try:
        uri = str(params["textDocument"]["uri"])
    except (TypeError, KeyError) as error:
        raise InvalidParams('tracemend/coverage takes {"textDocument": {"uri": ...}}.') from error
    document = snapshot.document(uri)
    folder = snapshot.folder_of(document) if document is not None else None
    path = folder.relative(document.path) if folder and document and document.path else None
    live = session.live(folder.root) if folder is not None else None
    if folder is None or folder.live is None or live is None or path is None:
        return None
    executed = {test: files[path] for test, files in live.coverage().items() if files.get(path)}
    tests = sorted(executed)[:MAX_TESTS]
    lines: dict[int, list[int]] = defaultdict(list)
    for index, test in enumerate(tests):
        job.raise_if_cancelled()
        for line in executed[test]:
            lines[line - 1].append(index)
    results = folder.live.results
    return {
        "uri": uri,
        "tests": tests,
        "verdicts": [_verdict(results.get(test)) for test in tests],
        "lines": [{"line": line, "tests": lines[line]} for line in sorted(lines)],
    }


def _verdict(live: Any) -> str:
    if live is None or not live.fresh:
        return "stale"
    return "passed" if live.result.green else "failed"
