"""Whatever changes on disk is what the next run sees, although its runner is warm and has its own view of the project."""

import shutil

import pytest
from live_harness import Live
from project_fixture import make_project

from tracemend.repair.live import model
from tracemend.repair.live.events import RunDone

PROJECT = """
    #- pytest.ini
    [pytest]
    addopts = --doctest-glob=*.md
    #- conftest.py
    import pytest
    @pytest.fixture
    def size():
        return 1
    #- package/__init__.py
    #- renamed_from.py
    #- moved_from/__init__.py
    #- data/changed.txt
    old
    #- data/replaced.txt
    old
    #- data/deleted.txt
    #- folder/deleted.txt
    #- below/nothing.txt
    #- guide.md
    >>> 1 + 1
    3
    #- test_imports.py
    def test_module():
        import made_later
    def test_submodule():
        import package.made_later
    def test_package():
        import made_later_too.module
    def test_renamed():
        import renamed_to
    def test_moved():
        import moved_to
    #- test_data.py
    import os
    from pathlib import Path
    DATA = Path(__file__).parent / "data"
    def test_changed():
        assert (DATA / "changed.txt").read_text() == "new"
    def test_replaced():
        assert (DATA / "replaced.txt").read_text() == "new"
    def test_made():
        assert (DATA / "made.txt").exists() and "made.txt" in os.listdir(DATA)
    def test_deleted():
        assert not (DATA / "deleted.txt").exists() and "deleted.txt" not in os.listdir(DATA)
    def test_folder_deleted():
        assert not (DATA.parent / "folder" / "deleted.txt").exists()
    #- below/test_below.py
    def test_size(size):
        assert size == 2
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with Live(make_project(tmp_path_factory.mktemp("project"), PROJECT)) as live:
        live.wait(RunDone)
        assert not any(one.result.green for one in live.project.state().results.values())
        yield live


def write(live, path, text):
    (live.root / path).parent.mkdir(exist_ok=True)
    live.write(path, text)


def replace(live, path, text):
    """Write a file as many editors and git do: another one takes its place."""
    beside = live.root / f"{path}~"
    beside.write_text(text, "utf-8")
    beside.rename(live.root / path)
    live.project.update(path, None)


def rename(live, before, after):
    """Rename a file or a folder, of which editors tell without telling of what is in it."""
    (live.root / before).rename(live.root / after)
    for path in (before, after):
        live.project.update(path, "" if path.endswith(".py") and path == after else None)


def delete_folder(live, path):
    shutil.rmtree(live.root / path)
    live.project.update(path, None)


CHANGES = {
    "test_imports.py::test_module": (write, "made_later.py", ""),
    "test_imports.py::test_submodule": (write, "package/made_later.py", ""),
    "test_imports.py::test_package": (write, "made_later_too/module.py", ""),
    "test_imports.py::test_renamed": (rename, "renamed_from.py", "renamed_to.py"),
    "test_imports.py::test_moved": (rename, "moved_from", "moved_to"),
    "test_data.py::test_changed": (write, "data/changed.txt", "new"),
    "test_data.py::test_replaced": (replace, "data/replaced.txt", "new"),
    "test_data.py::test_made": (write, "data/made.txt", ""),
    "test_data.py::test_deleted": (write, "data/deleted.txt", None),
    "test_data.py::test_folder_deleted": (delete_folder, "folder"),
    "below/test_below.py::test_size": (
        write,
        "below/conftest.py",
        "import pytest\n@pytest.fixture\ndef size():\n    return 2\n",
    ),
    "guide.md::guide.md": (replace, "guide.md", ">>> 1 + 1\n2\n"),
}


@pytest.mark.parametrize("test", CHANGES)
def test_a_run_sees_what_is_on_disk(live, test):
    assert not live.project.state().results[test].result.green
    change, *arguments = CHANGES[test]
    change(live, *arguments)
    assert live.run().get(test) == "passed"


def test_what_is_installed_concerns_every_test(live, monkeypatch):
    monkeypatch.setattr(model, "environment_of", lambda project: "another one")
    before = live.project._zygotes.current
    assert live.run().keys() == live.project.state().results.keys()
    assert live.project._zygotes.current is not before
