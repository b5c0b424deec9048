"""Summaries survive on disk, exactly, and a cache that is no good is no error."""

import ast
import multiprocessing
import os
from pathlib import Path

import pytest
from symbol_check import make_index, open_again, read_again, summary_of

from tracemend.analysis.symbols import store, summarize
from tracemend.analysis.symbols.codec import decode_summary, encode_summary

SOURCES = [Path(one.__file__) for one in (store, summarize, ast)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_summary_comes_back_as_it_was(path):
    summary = summary_of(path.read_text())
    assert decode_summary(encode_summary(summary)) == summary
    assert encode_summary(summary_of(path.read_text())) == encode_summary(summary)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x93\x01\x02\x03", b"nonsense"])
def test_other_bytes_are_no_summary(data):
    with pytest.raises(ValueError, match="not a module summary"):
        decode_summary(data)


@pytest.fixture
def no_summarizing(monkeypatch):
    """From here on nothing may be summarized: what is known comes from the cache."""

    def refuse():
        def fail(text, *, is_stub=False):
            raise AssertionError(f"summarized again: {text!r}")

        monkeypatch.setattr("tracemend.analysis.symbols.index.summarize", fail)

    return refuse


def test_what_was_read_once_is_not_read_again(tmp_path, no_summarizing):
    first = make_index(
        tmp_path, "#- project/a.py\nX.attr = 1\n#- site/m.py\nb = 1\n", cache=tmp_path / "cache"
    )
    first.module("m")
    first.stores_on("attr")
    first.close()
    no_summarizing()
    again = open_again(tmp_path)
    assert "b" in again.module("m").summary.names
    assert [one.receiver for one in again.stores_on("attr")] == ["X"]


def test_known_content_is_not_summarized_under_another_time_or_path(tmp_path, no_summarizing):
    first = make_index(tmp_path, "#- site/m.py\nb = 1\n", cache=tmp_path / "cache")
    first.module("m")
    first.close()
    os.utime(tmp_path / "site" / "m.py", ns=(1, 1))
    (tmp_path / "site" / "n.py").write_text("b = 1\n")
    no_summarizing()
    again = open_again(tmp_path)
    assert "b" in again.module("m").summary.names
    assert "b" in again.module("n").summary.names


def test_a_stub_and_a_source_of_equal_content_are_told_apart(tmp_path):
    index = make_index(tmp_path, "#- site/m.py\nx = 1\n#- site/n.pyi\nx = 1\n", cache=tmp_path / "cache")
    assert (index.module("m").summary.is_stub, index.module("n").summary.is_stub) == (False, True)
    index.close()
    again = open_again(tmp_path)
    assert (again.module("m").summary.is_stub, again.module("n").summary.is_stub) == (False, True)


def test_a_changed_file_is_read_anew(tmp_path):
    first = make_index(tmp_path, "#- project/m.py\nX.a = 1\n", cache=tmp_path / "cache")
    first.stores_on("a")
    first.close()
    (tmp_path / "project" / "m.py").write_text("X.second = 1\n")
    again = open_again(tmp_path)
    assert again.stores_on("a") == frozenset()
    assert len(again.stores_on("second")) == 1


@pytest.mark.parametrize("damage", [b"", b"no database at all", b"SQLite format 3\0 and then nothing" * 40])
def test_a_damaged_cache_is_begun_anew(tmp_path, damage):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / f"symbols-{store.format_digest()}.sqlite3").write_bytes(damage)
    index = make_index(tmp_path, "#- site/m.py\nb = 1\n", cache=tmp_path / "cache")
    assert "b" in index.module("m").summary.names
    index.close()
    assert "b" in open_again(tmp_path).module("m").summary.names


def test_a_damaged_summary_is_made_again(tmp_path):
    first = make_index(tmp_path, "#- site/m.py\nb = 1\n", cache=tmp_path / "cache")
    first.module("m")
    first.close()
    database = store._open(tmp_path / "cache" / f"symbols-{store.format_digest()}.sqlite3")
    with database:
        database.execute("UPDATE summaries SET summary = x'c1', facts = x'c1'")
    database.close()
    assert "b" in open_again(tmp_path).module("m").summary.names


def test_a_cache_that_cannot_be_written_costs_nothing_else(tmp_path):
    (tmp_path / "cache").write_text("a file where a directory should be")
    index = make_index(tmp_path, "#- site/m.py\nb = 1\n", cache=tmp_path / "cache")
    assert "b" in index.module("m").summary.names
    index.close()


def test_a_database_that_has_grown_too_large_forgets(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MAX_CACHE_BYTES", 0)
    index = make_index(tmp_path, "#- site/m.py\nb = 1\n#- site/n.py\nc = 1\n", cache=tmp_path / "cache")
    index.module("m"), index.module("n")
    index.close()
    database = store._open(tmp_path / "cache" / f"symbols-{store.format_digest()}.sqlite3")
    assert database.execute("SELECT count(*) FROM summaries").fetchone() == (1,)
    assert database.execute("SELECT count(*) FROM files").fetchone() == (1,)
    database.close()


def test_processes_share_one_cache(tmp_path):
    files = "".join(f"#- project/m{number}.py\nX.a{number} = 1\n" for number in range(30))
    make_index(tmp_path, files).close()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(read_again, [tmp_path] * 2) == [30] * 2
