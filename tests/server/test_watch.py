"""`tracemend watch`, as a user starts it: over a pipe, in a project of its own."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from project_fixture import make_project

from tracemend.server.cli.watch import is_watched

SHOP = """
    #- pyproject.toml
    [project]
    name = "shop"
    #- shop.py
    def total(prices):
        return sum(prices)
    #- test_shop.py
    from shop import total
    def test_total():
        assert total([1, 2]) == 3
    def test_other():
        assert True
"""
WAIT_S = 120.0


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}


def command(*arguments):
    main = "from tracemend.server.cli.main import main; main()"
    return [sys.executable, "-c", main, "watch", "--python", sys.executable, *arguments]


def watched_once(root, environment):
    return subprocess.run(
        command("--once"),
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )


def test_once_runs_says_what_fails_and_where(tmp_path, environment):
    project = make_project(tmp_path / "shop", SHOP.replace("sum(prices)", "max(prices)"))
    done = watched_once(project.root, environment)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    summary, *failure = done.stdout.splitlines()
    assert summary.endswith("1 failing")
    assert failure == [
        "FAILED test_shop.py::test_total",
        "    AssertionError: assert 2 == 3, where 2 = total([1, 2])  (test_shop.py:3)",
        "    suspected: shop.py:2 in total",
    ]


def test_a_failure_is_placed_in_the_project_and_told_again_when_nothing_ran(tmp_path, environment):
    snippet = """
        #- test_shop.py
        import unittest
        class ShopTest(unittest.TestCase):
            def test_total(self):
                self.assertEqual(1, 2)
    """
    root = make_project(tmp_path / "shop", snippet).root
    first, second = watched_once(root, environment), watched_once(root, environment)
    assert "AssertionError: 1 != 2  (test_shop.py:4)" in first.stdout
    assert first.stdout.splitlines()[1:] == second.stdout.splitlines()[1:]
    summary = second.stdout.splitlines()[0]
    assert ("0 tests in" in summary, summary.endswith("of 1  1 failing")) == (True, True)


def test_a_folder_without_tests_is_a_problem(tmp_path, environment):
    project = make_project(tmp_path / "shop", "#- shop.py\nunits = 1\n")
    done = watched_once(project.root, environment)
    assert (done.returncode, "pytest finds no tests in" in done.stderr) == (2, True)


def test_a_save_runs_what_it_affects_until_the_end_is_asked_for(tmp_path, environment):
    project = make_project(tmp_path / "shop", SHOP)
    process = subprocess.Popen(
        command(),
        cwd=project.root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    guard = threading.Timer(WAIT_S, process.kill)
    guard.start()
    try:
        assert "2 tests" in (first := next(process.stdout))
        assert "all pass" in first
        (project.root / "shop.py").write_text("def total(prices):\n    return 0\n")
        (project.root / "notes.tmp").write_text("nothing")
        assert "1 failing" in next(process.stdout)
        assert "test_total" in next(process.stdout)
        process.send_signal(signal.SIGINT)
        process.communicate()
    finally:
        guard.cancel()
    assert process.returncode == 1


def test_a_project_that_cannot_be_run_is_told_in_a_sentence(tmp_path, environment):
    project = make_project(tmp_path / "shop", SHOP + "    #- conftest.py\n    import nowhere\n")
    done = watched_once(project.root, environment)
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert 'Traceback (most recent call last):\n  File "' + str(Path(__file__).parents[2]) not in done.stderr


@pytest.mark.parametrize(
    ("path", "watched"),
    [
        ("shop.py", True),
        ("data/prices.json", True),
        ("pytest.ini", True),
        (".pytest.ini", True),
        (".coverage", False),
        ("shop.py~", False),
        (".git/index", False),
        ("__pycache__/shop.cpython-312.pyc", False),
        ("env/lib/site.py", False),
        ("node_modules/a.py", False),
    ],
)
def test_what_is_watched(tmp_path, path, watched):
    (tmp_path / "env").mkdir()
    (tmp_path / "env/pyvenv.cfg").touch()
    assert is_watched(Path(path), tmp_path) == watched
