"""Extension modules without a stub: loaded once, behind walls, and silent about whatever goes wrong."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tracemend.analysis.symbols.environment import probe_environment
from tracemend.repair.runner import extension_names
from tracemend.repair.runner.extension_names import MAX_LOADED, ExtensionNames
from tracemend.repair.runner.sandbox import probe

HAS_WALLS = probe(Path(sys.executable)).level in ("full", "strong")
needs_walls = pytest.mark.skipif(not HAS_WALLS, reason="nothing is loaded where this machine has no walls")

# Any module will do for one that must be loaded to be known; what stands in for its binary only says which content it has.
TELLING = "import os\nclass A:\n    def f(self): ...\nnumber = 1\n"
FAILING = {
    "raises": "raise ValueError",
    "says more than is read": "import os\nfor fd in range(2, 20):\n    try:\n        os.write(fd, b'x' * 9_000_000)\n    except OSError:\n        pass\nos._exit(0)",
    "exits well": "import os\nos._exit(0)",
    "crashes": "import os\nos.abort()",
    "prints an answer of its own": 'import os\nos.write(1, b\'{"names": ["x"], "classes": {}, "functions": {}}\')\nos._exit(0)',
}


def write(site: Path, text: str) -> str:
    site.mkdir(exist_ok=True)
    (site / "seen.py").write_text(text)
    return str(site / "seen.py")


def asker(tmp_path: Path) -> ExtensionNames:
    environment = replace(probe_environment(Path(sys.executable)), site_packages=(str(tmp_path / "site"),))
    return ExtensionNames(environment, tmp_path / "cache")


@needs_walls
def test_a_module_tells_its_names_and_is_loaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = write(tmp_path / "site", TELLING)
    told = asker(tmp_path)("seen", binary)
    assert told is not None
    assert {"os", "A", "number"} <= told.names
    assert told.classes == {"A": {"f"}}
    monkeypatch.setattr(extension_names, "load", lambda *_: pytest.fail("it was loaded again"))
    assert asker(tmp_path)("seen", binary) == told


@needs_walls
def test_another_content_is_another_module(tmp_path: Path) -> None:
    before = asker(tmp_path)("seen", write(tmp_path / "site", TELLING))
    after = asker(tmp_path)("seen", write(tmp_path / "site", "other = 1"))
    assert before is not None
    assert after is not None
    assert "other" in after.names - before.names


@needs_walls
@pytest.mark.parametrize("how", FAILING)
def test_a_module_that_fails_is_silent_and_not_tried_again(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = write(tmp_path / "site", FAILING[how])
    assert asker(tmp_path)("seen", binary) is None
    monkeypatch.setattr(extension_names, "load", lambda *_: pytest.fail("it was loaded again"))
    assert asker(tmp_path)("seen", binary) is None


@needs_walls
def test_a_module_changes_nothing_outside_the_walls(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = f"tried = 1\ntry:\n    open({str(mark)!r}, 'w').close()\nexcept OSError:\n    pass\n"
    told = asker(tmp_path)("seen", write(tmp_path / "site", text))
    assert told is not None
    assert "tried" in told.names
    assert not mark.exists()


def test_without_walls_nothing_is_loaded_and_nothing_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extension_names, "load", lambda *_: b"")
    assert asker(tmp_path)("seen", write(tmp_path / "site", TELLING)) is None
    assert not (tmp_path / "cache").exists() or os.listdir(tmp_path / "cache") == []


def test_one_process_asks_for_a_few_modules_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(extension_names, "load", lambda _, name, *__: loaded.append(name) or b"")
    ask = asker(tmp_path)
    binary = write(tmp_path / "site", TELLING)
    for number in range(MAX_LOADED + 5):
        ask(f"m{number}", binary)
        ask(f"m{number}", binary)
    assert len(loaded) == MAX_LOADED
