"""The story of one job, put together from the lines of its journal.

Candidates meet their verdicts by the hash of the text they make, prompts meet their answers by the thread that asked, and
everything belongs to the failure that was worked on at the time: the engine mends one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracemend.analysis.syntax.edits import unified_diff

from .reading import Line, read_lines
from .spans import text_digest

TEMPLATES = "templates"
GREEN_EFFECTS = frozenset({"plausible", "regressed", "refused"})  # The target test passed.


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters [start, end) of the text that `file` names give way to `text`."""

    path: str
    file: str
    start: int
    end: int
    text: str


@dataclass(slots=True)
class Conversation:
    """One question to a model and what came back; `answer` is None when nothing did."""

    prompt: Mapping[str, Any]
    at_s: float
    answer: Mapping[str, Any] | None = None

    @property
    def text(self) -> str:
        """What the model said."""
        return str((self.answer or {}).get("text", ""))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a strategy made of one answer of a model; also of those that never came to be run."""

    strategy: str
    conversation: int
    effect: str
    told: str  # What the model was told about it.
    at_s: float


@dataclass(slots=True)
class Tried:
    """One candidate: what it changed, what that did, and what the judge said if it came so far."""

    id: str
    test: str
    effect: str
    author: str
    operator: str
    note: str
    cost: float
    at_s: float
    edits: tuple[Edit, ...]
    judged: Mapping[str, Any] | None = None  # The line about the last proof.
    shown: Mapping[str, Any] | None = None  # How it was shown in the end, with its confidence.
    conversation: Conversation | None = None  # Where a model wrote it.

    @property
    def stands(self) -> bool:
        """True when a fresh process has confirmed it."""
        return bool(self.judged and self.judged.get("stands"))

    @property
    def confidence(self) -> str:
        """ "high" or "low" for what was shown, else empty."""
        return str((self.shown or {}).get("confidence", ""))


@dataclass(slots=True)
class FailureStory:
    """What was done about one failure."""

    test: str
    status: str = "unfinished"
    reason: str = ""
    exception: str = ""
    message: str = ""
    seconds: float = 0.0
    tests: tuple[str, ...] = ()
    suspects: tuple[tuple[str, int, float], ...] = ()
    tried: list[Tried] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    patches: tuple[Mapping[str, Any], ...] = ()  # As they were shown, the best first.


@dataclass(slots=True)
class JobStory:
    """All that the journal of one job tells."""

    id: str
    path: Path
    root: str
    started: str
    argv: tuple[str, ...] = ()
    python: str = ""
    pytest_args: tuple[str, ...] = ()
    sandbox: str = ""
    seconds: float = 0.0
    finished: bool = False
    failures: dict[str, FailureStory] = field(default_factory=dict)
    files: dict[str, tuple[str, str]] = field(default_factory=dict)  # Digest -> (path, text).
    notes: list[str] = field(default_factory=list)
    cost: Mapping[str, Any] = field(default_factory=dict)  # The last totals of requests, tokens and money.
    lost: int = 0  # Lines that could not be read.

    def candidates(self) -> list[Tried]:
        """Return all candidates in the order in which they were tried."""
        return [one for failure in self.failures.values() for one in failure.tried]

    def texts(self, tried: Tried) -> dict[str, tuple[str, str]]:
        """Return {path: (before, after)}; a path whose text the journal does not have is left out.

        Texts that hold secrets are masked in the journal, at equal length, so the edits still fit.
        """
        texts = {}
        for edit in tried.edits:
            if edit.file in self.files:
                old = self.files[edit.file][1]
                texts[edit.path] = (old, old[: edit.start] + edit.text + old[edit.end :])
        return texts

    def diff(self, tried: Tried) -> str:
        """Return what a candidate changes, as a unified diff."""
        return "".join(unified_diff(path, old, new) for path, (old, new) in self.texts(tried).items())

    def is_masked(self, edit: Edit) -> bool:
        """Tell whether the journal has masked something in the text that `edit` starts from."""
        return edit.file not in self.files or text_digest(self.files[edit.file][1]) != edit.file


def read_story(path: Path) -> JobStory:
    """Read the journal at `path`. Raises `OSError` and `reading.NoSuchJournal`."""
    return tell(path, read_lines(path))


def tell(path: Path, lines: Iterable[Line | None]) -> JobStory:
    """Put the lines together; those that are torn, or hold something else than their kind does, are counted."""
    teller = _Teller(JobStory(path.stem, path, "", ""))
    for line in lines:
        try:
            if line is not None:
                teller.take(line)
        except (KeyError, TypeError, ValueError, AttributeError):
            line = None
        teller.story.lost += line is None
    return teller.story


class _Teller:
    """Takes in one line after the other; a kind that it does not know is passed over."""

    def __init__(self, story: JobStory) -> None:
        self.story = story
        self.failure: FailureStory | None = None  # The one that is worked on.
        self.by_id: dict[tuple[str, str], Tried] = {}  # By test and candidate.
        self.open: dict[object, Conversation] = {}  # By thread.

    def take(self, line: Line) -> None:
        handler = getattr(self, f"_take_{line.kind}", None)
        if handler is not None:
            handler(line.fields, line.at_s)
        self.story.seconds = max(self.story.seconds, line.at_s)

    def _take_job(self, fields: Mapping[str, Any], at_s: float) -> None:
        self.story.root, self.story.started = str(fields.get("root", "")), str(fields.get("started", ""))
        self.story.argv = tuple(fields.get("argv", ()))

    def _take_project(self, fields: Mapping[str, Any], at_s: float) -> None:
        self.story.python = str(fields.get("python", ""))
        self.story.pytest_args = tuple(fields.get("pytest_args", ()))

    def _take_started(self, fields: Mapping[str, Any], at_s: float) -> None:
        self.story.sandbox = str(fields.get("containment", {}).get("level", ""))

    def _take_failure(self, fields: Mapping[str, Any], at_s: float) -> None:
        self.failure = self._failure(str(fields.get("test", "")))

    def _take_suspects(self, fields: Mapping[str, Any], at_s: float) -> None:
        found = tuple(
            (str(path), int(line), float(score)) for path, line, score in fields.get("suspects", ())
        )
        self._failure(str(fields.get("test", ""))).suspects = found

    def _take_file(self, fields: Mapping[str, Any], at_s: float) -> None:
        self.story.files[str(fields["digest"])] = (str(fields["path"]), str(fields["text"]))

    def _take_candidate(self, fields: Mapping[str, Any], at_s: float) -> None:
        failure = self._failure(str(fields["test"]))
        tried = Tried(
            id=str(fields["candidate"]),
            test=failure.test,
            effect=str(fields.get("effect", "")),
            author=str(fields.get("author", "")),
            operator=str(fields.get("operator", "")),
            note=str(fields.get("note", "")),
            cost=float(fields.get("cost", 0.0)),
            at_s=at_s,
            edits=tuple(Edit(**one) for one in fields.get("edits", ())),
        )
        if tried.author != TEMPLATES:
            tried.conversation = _source_of(tried, failure.conversations)
        failure.tried.append(tried)
        self.by_id[failure.test, tried.id] = tried

    def _take_verdict(self, fields: Mapping[str, Any], at_s: float) -> None:
        tried = self.by_id.get((str(fields.get("test")), str(fields.get("candidate"))))
        if tried is not None:
            tried.judged = fields

    def _take_outcome(self, fields: Mapping[str, Any], at_s: float) -> None:
        failure = self._failure(str(fields["test"]))
        failure.status, failure.reason = str(fields.get("status", "")), str(fields.get("reason", ""))
        failure.exception, failure.message = str(fields.get("exception", "")), str(fields.get("message", ""))
        failure.seconds = float(fields.get("seconds", 0.0))
        failure.tests = tuple(fields.get("tests", ()))
        failure.patches = tuple(fields.get("patches", ()))
        for patch in failure.patches:
            tried = self.by_id.get((failure.test, str(patch.get("candidate"))))
            if tried is not None:
                tried.shown = patch

    def _take_prompt(self, fields: Mapping[str, Any], at_s: float) -> None:
        conversation = Conversation(fields, at_s)
        self.open[fields.get("thread")] = conversation
        if self.failure is not None:
            self.failure.conversations.append(conversation)

    def _take_answer(self, fields: Mapping[str, Any], at_s: float) -> None:
        conversation = self.open.pop(fields.get("thread"), None)
        if conversation is not None:
            conversation.answer = fields

    def _take_cost(self, fields: Mapping[str, Any], at_s: float) -> None:
        self.story.cost = fields

    def _take_note(self, fields: Mapping[str, Any], at_s: float) -> None:
        if "text" in fields:
            self.story.notes.append(str(fields["text"]))
        if fields.get("what") == "attempt":
            attempt = Attempt(
                strategy=str(fields.get("strategy", "")),
                conversation=int(fields.get("conversation", 0)),
                effect=str(fields.get("effect", "")),
                told=str(fields.get("told", "")),
                at_s=at_s,
            )
            self._failure(str(fields.get("test", ""))).attempts.append(attempt)

    def _take_end(self, fields: Mapping[str, Any], at_s: float) -> None:
        self.story.finished = True
        # What was told when it happened is told again at the end.
        self.story.notes = list(
            dict.fromkeys([*self.story.notes, *(str(one) for one in fields.get("notes", ()))])
        )

    def _failure(self, test: str) -> FailureStory:
        return self.story.failures.setdefault(test, FailureStory(test))


def _source_of(tried: Tried, conversations: list[Conversation]) -> Conversation | None:
    """Return the conversation that a model's candidate came of: the last that says its text, else the last one."""
    answered = [one for one in conversations if one.text]
    lines = [line.strip() for edit in tried.edits for line in edit.text.splitlines() if line.strip()]
    speaking = [one for one in answered if all(line in one.text for line in lines)]
    return next(reversed(speaking or answered), None)
