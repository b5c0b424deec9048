"""Spectra of tests that each run in a process of their own, over texts that are not on disk."""

import pytest
from project_fixture import make_project

from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.settings import Limits

SNIPPET = """
    #- shop.py
    import functools
    @functools.lru_cache
    def rates():
        return load()
    def load():
        return 2
    #- test_shop.py
    import os, subprocess, sys
    from shop import rates
    def test_first():
        assert rates() == 2
    def test_second():
        assert rates() == 2
    def test_dies():
        os._exit(3)
    def test_hangs():
        while True: pass
    def test_starts():
        subprocess.run([sys.executable, "-c", ""], check=True)
"""


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    with Runner.start(make_project(tmp_path_factory.mktemp("shop"), SNIPPET)) as runner:
        yield runner


def entered(spectra, name):
    return {line for path, line in spectra.functions[f"test_shop.py::{name}"] if path == "shop.py"}


def names(*tests):
    return [f"test_shop.py::{test}" for test in tests]


@pytest.mark.parametrize("lines", [False, True])
def test_each_test_shows_all_that_it_needs(runner, lines):
    together = runner.spectra(names("test_first", "test_second"), lines=lines)
    apart = runner.spectra(names("test_first", "test_second"), lines=lines, apart=True)
    assert entered(together, "test_first") == entered(apart, "test_first") == {2, 5}
    assert entered(together, "test_second") == set()
    assert entered(apart, "test_second") == {2, 5}


def test_one_that_dies_or_hangs_leaves_the_others_alone(runner):
    heard = []
    spectra = runner.spectra(
        names("test_first", "test_dies", "test_hangs", "test_second"),
        lines=False,
        apart=True,
        limits={"test_shop.py::test_hangs": Limits(wall_s=5, cpu_s=0.3)},
        on_result=lambda result: heard.append((result.test.partition("::test_")[2], result.outcome)),
    )
    outcomes = {test.partition("::test_")[2]: one.outcome for test, one in spectra.result.tests.items()}
    assert outcomes == {"first": "passed", "dies": "crashed", "hangs": "timeout", "second": "passed"}
    assert dict(heard) == outcomes
    hang = spectra.result.tests["test_shop.py::test_hangs"].failure
    assert hang.frames[-1].function == "test_hangs"


def test_a_test_that_starts_a_process_says_so(runner):
    spectra = runner.spectra(names("test_starts", "test_first"), lines=False, apart=True)
    assert spectra.processes == {"test_shop.py::test_starts"}


@pytest.mark.parametrize(
    ("before", "after", "route"),
    [("return 2", "return 1 + 1", "swap"), ("import functools", "import functools\nX = 1", "reload")],
)
def test_texts_of_the_moment(runner, before, after, route):
    text = (runner.project.root / "shop.py").read_text().replace(before, after)
    spectra = runner.spectra(names("test_second"), lines=False, apart=True, sources={"shop.py": text})
    shift = text.count("\n") - (runner.project.root / "shop.py").read_text().count("\n")
    assert spectra.result.route == route
    assert entered(spectra, "test_second") == {2 + shift, 5 + shift}


def test_files_are_collected_anew(runner):
    text = (runner.project.root / "test_shop.py").read_text().replace("test_first", "test_new")
    spectra = runner.spectra_of_files(["test_shop.py"], sources={"test_shop.py": text + "\n"}, wall_s=30)
    assert "test_shop.py::test_new" in spectra.result.tests
    assert "test_shop.py::test_first" not in spectra.result.tests


def test_a_file_made_after_the_start_is_collected(runner):
    """The runner's view of the project has its own times of directories, which do not tell of it."""
    runner.warm_imports()
    file, text = runner.project.root / "test_new.py", "def test_new():\n    assert 1\n"
    file.write_text(text)
    try:
        spectra = runner.spectra_of_files(["test_new.py"], sources={"test_new.py": text}, wall_s=30)
        assert {test: one.outcome for test, one in spectra.result.tests.items()} == {
            "test_new.py::test_new": "passed"
        }
    finally:
        file.unlink()


def test_a_save_after_the_start_does_not_confuse_what_was_imported(runner):
    """The file on disk is the new text already: compared with that, nothing would be swapped in."""
    file = runner.project.root / "shop.py"
    before = file.read_text()
    changed = before.replace("return 2", "return 3")
    file.write_text(changed)
    try:
        result = runner.run(names("test_first"), sources={"shop.py": changed})
        assert result.route == "swap"
        assert result.tests["test_shop.py::test_first"].outcome == "failed"
    finally:
        file.write_text(before)
