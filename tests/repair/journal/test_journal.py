"""Writing and reading one journal: order, crashes, bounds, threads, disks that refuse."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tracemend.repair.journal import journal as journal_module
from tracemend.repair.journal.journal import Journal, journals_of
from tracemend.repair.journal.reading import NoSuchJournal, find_journal, find_journals, read_lines
from tracemend.repair.journal.story import read_story


def kinds(path: Path) -> list[str | None]:
    return [line and line.kind for line in read_lines(path)]


def test_lines_come_back_as_they_were_written(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "project", tmp_path, model="tiny") as journal:
        journal.record("note", {"text": "für \ud800 you", "lines": (("a.py", 3),)})
    first, note = read_lines(journal.path)
    assert first and first.fields["root"] == str(tmp_path / "project") and first.fields["model"] == "tiny"
    assert note and note.fields == {"text": "für \ud800 you", "lines": [["a.py", 3]]}
    assert journal.path.stat().st_mode & 0o077 == 0


def test_a_key_never_reaches_the_disk(tmp_path: Path) -> None:
    key = "sk-" + "proj-A1b2C3d4E5f6G7h8"
    with Journal.open(tmp_path, tmp_path, note=key) as journal:
        journal.record("prompt", {"messages": [{"role": "user", "content": f"use {key}"}]})
    assert key not in journal.path.read_text()


def test_a_torn_line_costs_that_line_alone(tmp_path: Path) -> None:
    with Journal.open(tmp_path, tmp_path) as journal:
        journal.record("note", {"text": "before"})
    with journal.path.open("ab") as stream:
        stream.write(b'{"kind":"candidate","at_s":1.0,"cand')
    assert kinds(journal.path) == ["job", "note", None]
    story = read_story(journal.path)
    assert (story.notes, story.lost, story.finished) == (["before"], 1, False)


def test_what_was_recorded_survives_the_death_of_the_process(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from tracemend.repair.journal.journal import Journal\n"
        "journal = Journal.open(Path(sys.argv[1]), Path(sys.argv[1]))\n"
        "for number in range(50): journal.record('note', {'text': str(number)})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert read_story(find_journals(tmp_path, tmp_path)[0]).notes == [str(number) for number in range(50)]


def test_threads_never_mix_their_lines(tmp_path: Path) -> None:
    with Journal.open(tmp_path, tmp_path) as journal:

        def write(name: str) -> None:
            for _ in range(200):
                journal.record("note", {"text": name * 500})

        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    notes = read_story(journal.path).notes
    assert len(notes) == 800 and all(len(set(note)) == 1 for note in notes)


def test_a_full_journal_takes_what_matters_and_no_candidates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MAX_BYTES", 1_000)
    with Journal.open(tmp_path, tmp_path) as journal:
        for _ in range(30):
            journal.record("candidate", {"note": "x" * 100})
        journal.record("verdict", {"stands": True})
    assert kinds(journal.path).count("candidate") < 10
    assert kinds(journal.path)[-1] == "verdict"


def test_a_text_without_end_is_cut(tmp_path: Path) -> None:
    with Journal.open(tmp_path, tmp_path) as journal:
        journal.record("answer", {"text": "word " * 100_000})
    assert journal.path.stat().st_size < 1.1 * journal_module.MAX_TEXT


def test_a_key_across_the_cut_leaves_no_half(tmp_path: Path) -> None:
    with Journal.open(tmp_path, tmp_path / "journal") as journal:
        before = "x " * (journal_module.MAX_TEXT // 2 - 5)
        journal.record("note", {"text": f"{before}AKIA{'Q3EXAMPLEKEY7WXY'}{' x' * 9000}"})
    assert "AKIA" not in journal.path.read_text()


def test_the_oldest_journals_give_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "KEPT_JOBS", 3)
    place = journals_of(tmp_path, tmp_path)
    place.mkdir(parents=True)
    for day in range(1, 6):
        (place / f"2020010{day}-000000-aaaaaa.jsonl").write_text("{}\n")
    Journal.open(tmp_path, tmp_path).close()
    assert [path.name[:8] for path in find_journals(tmp_path, tmp_path)][1:] == ["20200105", "20200104"]


def test_a_disk_that_refuses_is_said_once_and_fails_nothing(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, tmp_path)
    descriptor = os.open("/dev/full", os.O_WRONLY)
    os.dup2(descriptor, journal._descriptor)
    os.close(descriptor)
    journal.record("note", {"text": "lost"})
    journal.record("note", {"text": "lost"})
    assert "No space left" in journal.problem
    journal.close()
    journal.record("note", {"text": "after the end"})


def test_jobs_are_named_by_their_beginning(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "one", tmp_path) as here, Journal.open(tmp_path / "two", tmp_path) as there:
        pass
    assert find_journal("last", tmp_path / "one", tmp_path) == here.path
    assert find_journal(here.id, tmp_path / "one", tmp_path) == here.path
    assert find_journal(there.id, tmp_path / "one", tmp_path) == there.path
    for name in ("nothing", "2", "last"):
        with pytest.raises(NoSuchJournal):
            find_journal(name, tmp_path / "three", tmp_path)


def test_what_is_no_journal_is_said_to_be_none(tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"kind": "job", "at_s": 0, "format": 99}) + "\n")
    with pytest.raises(NoSuchJournal):
        read_story(other)
