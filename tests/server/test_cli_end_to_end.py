"""`tracemend fix` as a user runs it: a process of its own, the real engine, a small project with a bug."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

CODE = """\
def discount(quantity):
    if quantity > 10:
        return 5
    return 0
"""

TESTS = """\
import pytest

from shop import discount


@pytest.mark.parametrize(("quantity", "percent"), [(0, 0), (9, 0), (10, 5), (11, 5), (90, 5)])
def test_discount(quantity, percent):
    assert discount(quantity) == percent
"""

MARK = "TRACEMEND_TEST_MARK"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with one boundary bug, which one of five tests shows."""
    (tmp_path / "shop.py").write_text(CODE)
    (tmp_path / "test_shop.py").write_text(TESTS)
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def start(root: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from tracemend.server.cli.main import main; main()", *arguments]
    return subprocess.Popen(
        command,
        cwd=root,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_bug_is_found_proven_explained_and_mended(shop: Path) -> None:
    process = start(shop, "fix", "--python", sys.executable, "--apply", "--json", "-", "--max-time", "40")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    (failure,) = json.loads(out)["failures"]
    assert (failure["test"], failure["status"]) == ("test_shop.py::test_discount[10-5]", "mended")
    best = failure["patches"][0]
    assert best["confidence"] == "high"
    assert best["evidence"]["reverted_fails"] is True
    assert "where 0 = discount(10)" in best["explanation"]
    assert (shop / "shop.py").read_text() == CODE.replace("> 10", ">= 10")
    assert "Wrote shop.py." in err
    assert sorted(path.name for path in shop.iterdir()) == ["pyproject.toml", "shop.py", "test_shop.py"]


@pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="processes are found by their environment in /proc"
)
def test_interrupt_leaves_no_process(shop: Path) -> None:
    (shop / "test_shop.py").write_text(
        TESTS.replace("import pytest\n", "import pytest, time\ntime.sleep(0.2)\n", 1)
    )
    mark = uuid.uuid4().hex
    process = start(shop, "fix", "--python", sys.executable, environ={MARK: mark})
    assert process.stderr is not None
    assert process.stderr.readline().startswith("Python ")
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Stopped" in err
    assert "Traceback" not in err
    assert marked_processes(mark) == []


def marked_processes(mark: str) -> list[str]:
    """The commands of the processes that were started with the mark in their environment."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (directory / "environ").read_bytes():
                found.append((directory / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # It ended while we looked, or is not ours to look at.
    return found
