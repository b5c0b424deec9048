"""The lines of a job that asked models, put back together."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracemend.repair.journal.journal import Journal
from tracemend.repair.journal.projections import project_jobs
from tracemend.repair.journal.reading import Line
from tracemend.repair.journal.spans import text_digest
from tracemend.repair.journal.story import FailureStory, JobStory, read_story, tell

KINDS = (
    "job",
    "project",
    "started",
    "failure",
    "suspects",
    "file",
    "candidate",
    "verdict",
    "outcome",
    "note",
)
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TEST = "t.py::test_f"
OLD, NEW = "def f():\n    return 1\n", "def f():\n    return 2\n"


def candidate(text: str, effect: str, *, author: str, id: str) -> dict[str, object]:
    edit = {"path": "f.py", "file": text_digest(OLD), "start": OLD.index("1"), "end": OLD.index("1") + 1}
    fields = {"candidate": id, "test": TEST, "effect": effect, "author": author, "operator": "", "note": ""}
    return {**fields, "cost": 1.0, "edits": [{**edit, "text": text}]}


@pytest.fixture
def story(tmp_path: Path) -> JobStory:
    """Two threads ask; the answers come in the other order. One answer is no edit, one is wrong, one is proven."""
    with Journal.open(tmp_path, tmp_path) as journal:
        journal.record("failure", {"test": TEST, "index": 1, "total": 1})
        journal.record("file", {"digest": text_digest(OLD), "path": "f.py", "text": OLD})
        asked, answered = threading.Event(), threading.Event()

        def slow() -> None:
            journal.record("prompt", {"messages": [{"role": "user", "content": "slow?"}]})
            asked.set()
            answered.wait(10)
            journal.record("answer", {"text": "```python\ndef f():\n    return 2\n```", "finish": "stop"})

        thread = threading.Thread(target=slow)
        thread.start()
        asked.wait(10)
        journal.record("prompt", {"messages": [{"role": "user", "content": "quick?"}]})
        journal.record("answer", {"text": "return 3, I think", "finish": "stop"})
        answered.set()
        thread.join()
        attempt = {"what": "attempt", "test": TEST, "strategy": "ldb", "conversation": 1}
        journal.record("note", {**attempt, "effect": "unusable", "told": "No code."})
        journal.record("a kind of a later version", {"x": 1})
        journal.record("candidate", candidate("3", "same", author="ldb (m)", id="aaaa"))
        journal.record("candidate", candidate("2", "plausible", author="ldb (m)", id="bbbb"))
        journal.record("verdict", {"candidate": "bbbb", "test": TEST, "stands": True, "mended": [TEST]})
        patch = {"candidate": "bbbb", "confidence": "high", "diff": "", "verdict": {"doubts": []}}
        journal.record("outcome", {"test": TEST, "status": "mended", "tests": [TEST], "patches": [patch]})
        journal.record("cost", {"requests": 2, "prompt_tokens": 30, "completion_tokens": 12})
    return read_story(journal.path)


def only(story: JobStory) -> FailureStory:
    (failure,) = story.failures.values()
    return failure


def test_questions_meet_their_answers_by_thread(story: JobStory) -> None:
    met = {one.prompt["messages"][0]["content"]: one.text for one in only(story).conversations}
    assert met["quick?"] == "return 3, I think" and "return 2" in met["slow?"]


def test_a_candidate_meets_the_answer_that_says_its_text(story: JobStory) -> None:
    wrong, right = only(story).tried
    assert wrong.conversation and wrong.conversation.text == "return 3, I think"
    assert right.conversation and "return 2" in right.conversation.text
    assert story.texts(right) == {"f.py": (OLD, NEW)}


def test_what_never_ran_is_told_too(story: JobStory) -> None:
    (attempt,) = only(story).attempts
    assert (attempt.strategy, attempt.effect, attempt.told) == ("ldb", "unusable", "No code.")
    assert story.notes == [] and story.cost["requests"] == 2


def test_what_was_told_twice_is_kept_once(tmp_path: Path) -> None:
    with Journal.open(tmp_path, tmp_path) as journal:
        journal.record("note", {"text": "The model is slow."})
        journal.record("end", {"notes": ["The model is slow.", "It was asked twice."]})
    assert read_story(journal.path).notes == ["The model is slow.", "It was asked twice."]


def test_the_conversation_that_was_held_is_what_is_exported(story: JobStory) -> None:
    (row,) = project_jobs([story], "sft")
    assert [one["content"] for one in row["messages"]] == ["slow?", "```python\n" + NEW + "```"]
    assert row["lineage"]["generation"] == ["model"]
    (row,) = project_jobs([story], "preference")
    assert "return 2" in row["chosen"] and "return 3" in row["rejected"]


def test_a_trajectory_teaches_what_a_model_said_alone(story: JobStory) -> None:
    (row,) = project_jobs([story], "trajectory")
    masks = [(turn["role"], turn["loss_mask"]) for turn in row["turns"]]
    assert masks.count(("model", 1)) == 2 and masks.count(("tool", 0)) == 3
    assert [turn.get("reward") for turn in row["turns"] if turn["role"] == "tool"] == [0.0, 0.0, 1.0]


FIELDS = st.dictionaries(
    st.sampled_from(
        ["test", "candidate", "edits", "cost", "suspects", "patches", "containment", "digest", "what"]
    ),
    VALUES,
)


@given(st.lists(st.tuples(st.sampled_from(KINDS), FIELDS), max_size=6))
def test_lines_that_hold_something_else_are_counted(lines: list[tuple[str, dict[str, object]]]) -> None:
    told = tell(Path("j.jsonl"), [Line(kind, 0.0, fields) for kind, fields in lines])
    assert 0 <= told.lost <= len(lines)
