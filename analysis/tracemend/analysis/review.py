"""All monitors over whole files: what `tracemend check` prints and the language server publishes.

A `Reviewer` belongs to one project and one interpreter and may serve a long-running program: it is thread-safe, takes
unsaved text, keeps the reviews of unchanged texts and can be stopped between places. What certainly is wrong becomes a
`Finding`; what is not certain is counted by reason and otherwise passed over in silence.
"""

from __future__ import annotations

import ast
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracemend.analysis.monitors.arity import ArityMonitor
from tracemend.analysis.monitors.imports import ImportMonitor
from tracemend.analysis.monitors.keywords import KeywordMonitor
from tracemend.analysis.monitors.literals import LiteralMonitor
from tracemend.analysis.monitors.members import MemberMonitor
from tracemend.analysis.monitors.misuse import MisuseMonitor
from tracemend.analysis.monitors.names import NameMonitor
from tracemend.analysis.monitors.protocol import Finding, Monitor, Silent, Verdict
from tracemend.analysis.monitors.sites import FileView
from tracemend.analysis.symbols.environment import PythonEnvironment, probe_environment
from tracemend.analysis.symbols.index import Index
from tracemend.analysis.symbols.introspect import Introspector
from tracemend.analysis.syntax.positions import LineIndex
from tracemend.analysis.syntax.problems import find_problems
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.engines.protocol import MemberEngine
from tracemend.analysis.types.oracle import Oracle

RULE_SYNTAX = "syntax"
KEPT_REVIEWS = 64


@dataclass(frozen=True, slots=True)
class Review:
    """What came of one file: its findings in the order of the text, and what was judged and passed over in silence.

    `judged` counts the places by monitor; `silent` counts those of which nothing is certain by "monitor/reason".
    """

    findings: tuple[Finding, ...] = ()
    silent: Mapping[str, int] = field(default_factory=dict)
    judged: Mapping[str, int] = field(default_factory=dict)
    complete: bool = True  # False where it was cancelled.


class Reviewer:
    """Reviews the files of one project."""

    def __init__(
        self,
        root: Path,
        python: Path | PythonEnvironment,
        engine: MemberEngine | None = None,
        *,
        cache: Path | None = None,
        introspector: Introspector | None = None,
    ) -> None:
        environment = python if isinstance(python, PythonEnvironment) else probe_environment(python)
        self.root = root
        self.index = Index(root, environment, cache=cache, introspector=introspector)
        self.oracle = Oracle(self.index, engine)
        self._engine = engine
        self.monitors: tuple[Monitor, ...] = (
            ImportMonitor(self.index),
            NameMonitor(self.oracle),
            MemberMonitor(self.oracle),
            KeywordMonitor(self.oracle),
            ArityMonitor(self.oracle),
            LiteralMonitor(self.oracle),
            MisuseMonitor(self.oracle),
        )
        self._lock = threading.Lock()
        self._reviews: OrderedDict[tuple[str, str], Review] = OrderedDict()

    def document(self, path: Path, text: str) -> Document:
        """Return `text` as the file at `path`, which need not exist."""
        return Document(text, str(path), self.index.module_name(str(path)) or "")

    def update(self, path: Path, text: str | None) -> None:
        """Take note that `path` has this unsaved text, or None that what is on disk counts (again, or no more)."""
        with self._lock:
            self.index.update(path, text)
            self._reviews.clear()  # What one file defines decides about all that use it.

    def review(self, path: Path, text: str, *, cancelled: Callable[[], bool] = lambda: False) -> Review:
        """Return the review of `text` as the file at `path`."""
        key = (str(path), text)
        with self._lock:
            if (known := self._reviews.get(key)) is not None:
                self._reviews.move_to_end(key)
                return known
            review = self._review(self.document(path, text), cancelled)
            if review.complete:
                self._reviews[key] = review
                while len(self._reviews) > KEPT_REVIEWS:
                    self._reviews.popitem(last=False)
        return review

    def close(self) -> None:
        """End the engine's processes and keep what the index has learnt."""
        if self._engine is not None:
            self._engine.close()
        self.index.close()

    def _review(self, document: Document, cancelled: Callable[[], bool]) -> Review:
        if document.damaged:
            return _broken(document.text)
        findings: list[Finding] = []
        silent: Counter[str] = Counter()
        judged: Counter[str] = Counter()
        try:
            for monitor, verdict in self._verdicts(document):
                judged[monitor] += 1
                if isinstance(verdict, Finding):
                    findings.append(verdict)
                elif isinstance(verdict, Silent):
                    silent[f"{monitor}/{verdict.why}"] += 1
                if cancelled():
                    return Review(complete=False)
        except RecursionError:
            return Review(
                silent={"review/too-deep": 1}
            )  # Nested deeper than Python recurses: data, often generated.
        return Review(_one_a_place(findings), dict(silent), dict(judged))

    def verdicts(self, path: Path, text: str) -> Iterator[tuple[str, Verdict]]:
        """Yield every verdict about `text` as the file at `path`, with the monitor's name: for measuring."""
        document = self.document(path, text)
        if not document.damaged:
            yield from self._verdicts(document)

    def _verdicts(self, document: Document) -> Iterator[tuple[str, Verdict]]:
        tree = ast.Module([one for chunk in document.chunks for one in chunk.body], [])
        view = FileView(document, tree, self.oracle, self.index)
        for monitor in self.monitors:
            for verdict in monitor.review(view):
                yield monitor.name, verdict


def _one_a_place(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings in the order of the text, the first of each place: what is wrong there is wrong once."""
    chosen: dict[tuple[int, int], Finding] = {}
    for finding in findings:
        chosen.setdefault((finding.start, finding.end), finding)
    return tuple(chosen[place] for place in sorted(chosen))


def _broken(text: str) -> Review:
    """Review a text that does not parse: certain only if the tolerant parser finds it broken as well.

    What one of the two takes is perhaps newer, or older, than the Python that runs tracemend.
    """
    problems = find_problems(text)
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        message = f"this does not parse: {getattr(error, 'msg', error)}"
    else:
        return Review(silent={"syntax/unparsed": 1})
    if not problems:
        return Review(silent={"syntax/other-grammar": 1})
    lines = LineIndex(text)
    line = min(line, len(lines))
    start = lines.line_start(line) + len(lines.line_text(line)) - len(lines.line_text(line).lstrip())
    end = max(start, lines.line_start(line) + len(lines.line_text(line)))
    return Review((Finding(RULE_SYNTAX, start, end, message, "two parsers refuse it"),), judged={"syntax": 1})
