"""What is kept comes back; what cannot be read is as if it were not there."""

from pathlib import Path

import pytest

from tracemend.repair.live.board import History
from tracemend.repair.live.impact import Footprint
from tracemend.repair.live.store import MAX_PROJECTS, Saved, SavedTest, Store
from tracemend.repair.live.texts import FileStamp
from tracemend.repair.runner.results import Failure, Frame, TestResult
from tracemend.repair.runner.settings import Project

FAILURE = Failure("call", "ValueError", "no \udce9", (Frame("shop.py", 3, "price", True),))
SAVED = Saved(
    "python",
    {
        "test_shop.py::test_price": SavedTest(
            TestResult("test_shop.py::test_price", "failed", 0.5, 0.25, FAILURE),
            False,
            "it passed and failed",
            History(2, True, False, True),
            Footprint(
                frozenset({("shop.py", "price"), ("shop.py", ""), ("test_shop.py", "test_price")}), True
            ),
        ),
        "test_shop.py::test_new": SavedTest(TestResult("test_shop.py::test_new", "passed")),
    },
    frozenset({"test_shop.py::test_price"}),
    frozenset({("shop.py", "registered")}),
    {"shop.py": "abc"},
    {"shop.py": {"": "1", "price": "2"}},
    {"prices.json": FileStamp(1 << 60, 12)},
)


def store_of(folder, name="shop"):
    return Store(folder, Project(Path("/") / name, Path("/usr/bin/python3")))


def test_what_is_saved_comes_back(tmp_path):
    saved = Saved(**{name: getattr(SAVED, name) for name in Saved.__slots__})
    saved.tests["test_shop.py::test_price"].result = TestResult("test_shop.py::test_price", "failed")
    assert store_of(tmp_path).save(saved)
    assert store_of(tmp_path).load() == saved


def test_projects_do_not_mix(tmp_path):
    store_of(tmp_path, "shop").save(Saved("one"))
    assert store_of(tmp_path, "other").load() is None


@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x81\xa6format\x01", b"[1, 2]", b"\x93\x01\x02\x03"])
def test_a_damaged_file_is_ignored(tmp_path, damage):
    store_of(tmp_path).save(Saved("one"))
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert store_of(tmp_path).load() is None


def test_half_a_file_is_ignored(tmp_path):
    store_of(tmp_path).save(Saved("one", digests={"a.py": "b" * 100}))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-20])
    assert store_of(tmp_path).load() is None


def test_old_projects_make_room(tmp_path):
    for number in range(MAX_PROJECTS + 3):
        store_of(tmp_path, f"project{number}").save(Saved("one"))
    assert len(list(tmp_path.iterdir())) == MAX_PROJECTS


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").touch()
    assert not store_of(tmp_path / "file" / "folder").save(Saved("one"))
    assert not store_of(None).save(Saved("one"))
    assert store_of(None).load() is None
