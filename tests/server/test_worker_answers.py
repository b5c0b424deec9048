"""What comes back from worker processes: each answer belongs to what was asked, and nobody waits for one that has ended."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tracemend.repair.records import to_json
from tracemend.repair.runner.environment import Choice
from tracemend.server import completions, static_reviews
from tracemend.server.completion_messages import CompletionProject, Question
from tracemend.server.documents import Document
from tracemend.server.jobs import Job
from tracemend.server.static_messages import StaticFinding, StaticProject, StaticReview

PATIENCE_S = 120.0
PATH = "/project/shop.py"


def document(text: str) -> Document:
    """Return version 1 of the file, as it is each time that it is opened."""
    return Document(f"file://{PATH}", Path(PATH), 1, "python", (text,), "utf-16")


def test_a_review_of_what_was_open_before_is_not_taken_for_one_of_what_is_open_now() -> None:
    taken: list[tuple[str, str]] = []
    worker = static_reviews._Worker(
        StaticProject("/project", Choice(), True),
        lambda document, findings: taken.append((document.text, findings[0].message)),
    )
    for text in ("before", "now"):
        worker.documents = {PATH: document(text)}
        worker._write_text(PATH, worker.documents[PATH])
    reviews = [
        StaticReview(PATH, number, (StaticFinding("rule", 0, 1, message),))
        for number, message in ((1, "of before"), (2, "of now"))
    ]
    process: Any = SimpleNamespace(
        stdout=[json.dumps(to_json(one)).encode() for one in reviews], wait=lambda: 0
    )
    worker._read(process)
    worker.lane.close()
    assert taken == [("now", "of now")]


def test_who_asks_a_worker_that_has_just_ended_waits_for_nothing() -> None:
    worker = completions._Worker(CompletionProject("/project", Choice(), True))
    worker.close()
    question = Question(0, "names", PATH, "", 0)
    answers: list[object] = []
    asking = threading.Thread(
        target=lambda: answers.append(worker.ask({}, question, Job("names"), PATIENCE_S)), daemon=True
    )
    asking.start()
    asking.join(PATIENCE_S / 2)
    assert answers == [None]
