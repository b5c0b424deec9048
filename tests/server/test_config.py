"""`[tool.tracemend]`: every key, and the one message for everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.server.config import KEYS, Config, load_config

ALL_KEYS = """
[tool.tracemend]
python = "3.12"
pytest-args = "-p no:cacheprovider -k 'not slow'"
max-time = 30
budget = 90.5
jobs = 4
max-patches = 2
sandbox = "require"
network = "none"
exclude = ["vendored/"]
allow-paths = ["/dev"]
startup-time = 300
journal = false
memory = false
"""


def load(root: Path, text: str, *, trusted: bool = True) -> Config:
    (root / "pyproject.toml").write_text(text)
    return load_config(root, trusted=trusted)


def test_all_keys(tmp_path: Path) -> None:
    assert load(tmp_path, ALL_KEYS) == Config(
        None,
        ("-p", "no:cacheprovider", "-k", "not slow"),
        30.0,
        90.5,
        4,
        2,
        "require",
        "none",
        ("vendored/",),
        ("/dev",),
        300.0,
        keep_journal=False,
        use_memory=False,
        proposed_python="3.12",
        consented=True,
    )
    assert all(f"\n{key} = " in ALL_KEYS for key in KEYS)


@pytest.mark.parametrize(
    "text", ["", "[project]\nname = 'x'", "[tool.pytest.ini_options]\n", "[tool.tracemend]"]
)
def test_project_without_settings(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text, trusted=False) == load_config(tmp_path / "no such directory") == Config()


def test_interpreter_inside_the_project_is_relative_to_the_root(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    assert load(tmp_path, '[tool.tracemend]\npython = "env"').proposed_python == str(tmp_path / "env")


def test_allowed_paths_are_relative_to_the_root_or_the_home_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("project", "data", "home/cache"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    config = load(tmp_path / "project", '[tool.tracemend]\nallow-paths = ["../data", "~/cache"]')
    assert config.allow_paths == (str(tmp_path / "data"), str(tmp_path / "home" / "cache"))


@pytest.mark.parametrize(
    ("path", "message"),
    [("../nothing", "which is not there"), (".", "outside itself"), ("..", "outside itself")],
)
def test_path_that_cannot_be_allowed(tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises(EnvironmentProblem, match=message):
        load(tmp_path, f'[tool.tracemend]\nallow-paths = ["{path}"]')


BAD = {
    "jobs = 0": "jobs takes a whole number from 1 on, not 0",
    "jobs = true": "jobs takes a whole number",
    "max-time = -1": "max-time takes a positive number of seconds, not -1",
    'budget = "60"': "budget takes a positive number",
    'sandbox = "on"': "sandbox takes one of require, auto, off, not 'on'",
    'exclude = "vendored"': "exclude takes a list of texts",
    'pytest-args = "-k \'a"': "pytest-args takes arguments with balanced quotes",
    "max_time = 3": "there is no key 'max_time'; did you mean 'max-time'",
    "zzz = 3": "there is no key 'zzz'.",
    "jobs = 0\nbudget = 0": "jobs takes .* budget takes",
}


@pytest.mark.parametrize(("line", "message"), BAD.items())
def test_bad_value(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(EnvironmentProblem, match=message) as caught:
        load(tmp_path, f"[tool.tracemend]\n{line}\n")
    assert str(tmp_path / "pyproject.toml") in caught.value.sentence
    assert "max-patches" in caught.value.next_step


@pytest.mark.parametrize("text", ["[tool", "[tool]\ntracemend = 3", "\udcff"])
def test_unreadable_settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(EnvironmentProblem, match=r"cannot be read|is not a table"):
        load_config(tmp_path)
