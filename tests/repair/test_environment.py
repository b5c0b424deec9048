"""Which root and which interpreter are found, in project trees made of empty files."""

from __future__ import annotations

import sys
import venv
from collections.abc import Mapping
from pathlib import Path

import pytest

from tracemend.repair.runner import environment, virtualenvs
from tracemend.repair.runner.environment import (
    Choice,
    EnvironmentProblem,
    find_interpreter,
    find_project,
    find_root,
    inspect_interpreter,
    read_interpreter,
    usable,
)
from tracemend.repair.runner.virtualenvs import FoundPython, project_environments


@pytest.fixture(scope="module")
def bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment without pytest."""
    path = tmp_path_factory.mktemp("bare") / ".venv"
    venv.create(path, symlinks=True)
    return path


def grow(root: Path, *paths: str) -> Path:
    """Make empty files; a path that ends in "/" is a directory. Interpreters become executable."""
    for path in paths:
        target = root / path
        (target if path.endswith("/") else target.parent).mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            target.touch(0o755)
    return root


ROOTS = {
    "nearest mark": (["pyproject.toml", "sub/setup.py", "sub/a.py"], ["sub/a.py"], ".", "sub", ("a.py",)),
    "no names, below the root": (["pyproject.toml", "src/pkg/a.py"], [], "src/pkg", ".", ()),
    "node id": (
        ["tox.ini", "t/test_a.py"],
        ["t/test_a.py::T::test_b[x::y]"],
        ".",
        ".",
        ("t/test_a.py::T::test_b[x::y]",),
    ),
    "common directory of the names": (
        [".git/", "a/setup.py", "a/test_a.py", "b/setup.py", "b/test_b.py"],
        ["a/test_a.py", "b/test_b.py"],
        ".",
        ".",
        ("a/test_a.py", "b/test_b.py"),
    ),
    "tests directory with its own pytest.ini": (
        ["setup.py", "tests/pytest.ini", "tests/test_a.py"],
        ["tests/test_a.py"],
        ".",
        ".",
        ("tests/test_a.py",),
    ),
    "only the tests directory is marked": (
        ["tests/pytest.ini", "tests/test_a.py"],
        ["test_a.py"],
        "tests",
        "tests",
        ("test_a.py",),
    ),
    "no mark at all": (["code.py", "t/test_a.py"], ["t/test_a.py"], ".", ".", ("t/test_a.py",)),
    "no mark, names elsewhere": (["x/", "y/test_a.py"], ["../y/test_a.py"], "x", "y", ("test_a.py",)),
    "the root itself is named": (["setup.cfg", "a.py"], ["."], ".", ".", ()),
}


@pytest.mark.parametrize(("files", "names", "cwd", "root", "selection"), ROOTS.values(), ids=ROOTS)
def test_root(
    tmp_path: Path, files: list[str], names: list[str], cwd: str, root: str, selection: tuple[str, ...]
) -> None:
    grow(tmp_path, *files)
    found = find_root(names, cwd=tmp_path / cwd)
    assert (found.path, found.selection) == ((tmp_path / root).resolve(), selection)


def test_dotfiles_in_the_home_directory_do_not_make_it_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(tmp_path, ".git/", "thing/test_a.py")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_root([], cwd=tmp_path / "thing").path == (tmp_path / "thing").resolve()


def test_symlinked_root_is_resolved_and_the_selection_stays_inside(tmp_path: Path) -> None:
    grow(tmp_path, "real/setup.py", "real/tests/test_a.py")
    (tmp_path / "link").symlink_to("real")
    found = find_root(["link/tests"], cwd=tmp_path)
    assert (found.path, found.selection) == ((tmp_path / "real").resolve(), ("tests",))


def test_missing_path_is_a_problem_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"no file or directory 'tests/nope\.py'") as caught:
        find_root(["tests/nope.py::test_a"], cwd=tmp_path)
    assert "relative to the working directory" in caught.value.next_step


POETRY = '[tool.poetry]\nname = "My Shop"\n'
HATCH = '[project]\nname = "My.Shop"\n[tool.hatch]\n'


def environments(root: Path, environ: Mapping[str, str]) -> list[str]:
    """The environments found, relative to the parent of the project."""
    return [
        one.path.parent.parent.relative_to(root.parent).as_posix()
        for one in project_environments(root, {"HOME": str(root.parent / "home"), **environ})
    ]


def test_active_environment_comes_before_those_in_the_project(tmp_path: Path) -> None:
    root = grow(tmp_path / "shop", "venv/bin/python", ".venv/bin/python", "../active/bin/python3")
    found = environments(root, {"VIRTUAL_ENV": str(tmp_path / "active")})
    assert found == ["active", "shop/.venv", "shop/venv"]


def test_poetry_environment_is_found_by_its_hash_and_newest_first(tmp_path: Path) -> None:
    root = grow(tmp_path / "shop", "poetry.lock")
    (root / "pyproject.toml").write_text(POETRY)
    base = f"my_shop-{_poetry_hash(root)}"
    store = tmp_path / "home" / virtualenvs._by_platform("Library/Caches", ".cache") / "pypoetry/virtualenvs"
    grow(store, *[f"{base}-py{version}/bin/python" for version in ("3.9", "3.11", "3.10")])
    found = [Path(one).name.rpartition("-py")[2] for one in environments(root, {})]
    assert found == ["3.11", "3.10", "3.9"]
    (store / "envs.toml").write_text(f'[{base}]\nminor = "3.9"\npatch = "3.9.1"\n')
    assert environments(root, {})[0].endswith("-py3.9")


def _poetry_hash(root: Path) -> str:
    import base64
    import hashlib

    return base64.urlsafe_b64encode(hashlib.sha256(str(root.resolve()).encode()).digest()).decode()[:8]


def test_hatch_environment_for_tests_comes_before_the_default_one(tmp_path: Path) -> None:
    root = grow(tmp_path / "shop", "pyproject.toml")
    (root / "pyproject.toml").write_text(HATCH)
    store = tmp_path / "data/env/virtual/my-shop" / _poetry_hash(root)
    grow(store, "My.Shop/bin/python", "hatch-test.py3.12/bin/python")
    found = [Path(one).name for one in environments(root, {"HATCH_DATA_DIR": str(tmp_path / "data")})]
    assert found == ["hatch-test.py3.12", "My.Shop"]


@pytest.mark.parametrize(
    ("hint", "text"), [(".pdm-python", "{home}/somewhere/bin/python\n"), (".venv", "somewhere\n")]
)
def test_file_that_names_the_environment(tmp_path: Path, hint: str, text: str) -> None:
    root = grow(tmp_path / "shop", hint)
    store = tmp_path / "home"
    grow(store, "somewhere/bin/python")
    (root / hint).write_text(text.format(home=store))
    assert environments(root, {"WORKON_HOME": str(store)}) == ["home/somewhere"]


@pytest.mark.parametrize("text", ["project = 3\ntool = []", "[tool]\npoetry = 'x'", "not toml at all ["])
def test_odd_pyproject_is_no_hint_and_no_error(tmp_path: Path, text: str) -> None:
    root = grow(tmp_path / "shop", "poetry.lock", "hatch.toml")
    (root / "pyproject.toml").write_text(text)
    assert environments(root, {}) == []


def test_conda_base_is_nobodys_environment(tmp_path: Path) -> None:
    root = grow(tmp_path / "shop", "../conda/bin/python")
    active = {"CONDA_PREFIX": str(tmp_path / "conda")}
    assert environments(root, {**active, "CONDA_DEFAULT_ENV": "base"}) == []
    assert environments(root, {**active, "CONDA_DEFAULT_ENV": "shop"}) == ["conda"]


def test_interpreter_tells_its_facts() -> None:
    interpreter = inspect_interpreter(FoundPython(Path(sys.executable), "this one"))
    assert interpreter.version == sys.version_info[:3]
    assert interpreter.pytest == pytest.__version__
    assert interpreter.has_monitoring == (sys.version_info >= (3, 12))
    assert any(name.startswith("hypothesis ") for name in interpreter.plugins)


def test_project_module_that_shadows_the_library_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('wrong json')\n")
    monkeypatch.chdir(tmp_path)
    assert inspect_interpreter(FoundPython(Path(sys.executable), "")).pytest


def test_environment_without_pytest_is_passed_over_for_one_with_it(
    tmp_path: Path, bare_environment: Path
) -> None:
    (tmp_path / ".venv").symlink_to(bare_environment)
    chosen = find_interpreter(tmp_path, environ={"VIRTUAL_ENV": sys.prefix, "PATH": ""})
    assert chosen.why.startswith("the active virtual environment")
    with pytest.raises(EnvironmentProblem, match="has no pytest") as caught:
        find_interpreter(tmp_path, environ={"PATH": ""})
    assert "pip install --python" in caught.value.next_step
    assert "'pytest>=7'" in caught.value.next_step


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


FACTS = (
    '{"version": [%s, 0], "executable": "", "platform": "linux", "pytest": %s, "plugins": [], '
    '"has_fork": true, "has_monitoring": false, "has_pip": true, "implementation": "cpython"}'
)

BAD_INTERPRETERS = {
    "not Python": ("exit 3", "not a working Python interpreter .exit code 3"),
    "prints other JSON": ("echo '[1]'", "not a working Python interpreter"),
    "too old": (f"echo '{FACTS % ('3, 8', 'null')}'", "is Python 3.8.0; tracemend repairs .* 3.9 or later"),
    "no pytest": (f"echo '{FACTS % ('3, 12', 'null')}'", r"has no pytest.* -m pip install 'pytest>=7'"),
    "old pytest": (
        f"echo '{FACTS % ('3, 12', chr(34) + '6.2.5' + chr(34))}'",
        r"has pytest 6\.2\.5.*--upgrade",
    ),
}


@pytest.mark.parametrize(("body", "message"), BAD_INTERPRETERS.values(), ids=BAD_INTERPRETERS)
def test_bad_interpreter_is_named(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(EnvironmentProblem, match=message):
        usable(inspect_interpreter(FoundPython(Path(script(tmp_path / "python", body)), "asked for")))


ASKED = {
    "path": sys.executable,
    "directory of an environment": sys.prefix,
    "version": "{}.{}".format(*sys.version_info),
}


@pytest.mark.parametrize("python", ASKED.values(), ids=ASKED)
def test_python_option(tmp_path: Path, python: str) -> None:
    found = find_interpreter(tmp_path, Choice(python), environ={"VIRTUAL_ENV": sys.prefix, "PATH": ""})
    assert found.version == sys.version_info[:3]


@pytest.mark.parametrize("python", ["no-such-python", "2.1", "."])
def test_python_option_that_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EnvironmentProblem, match=r"There is no|is not a virtual environment"):
        find_interpreter(tmp_path, Choice(python), environ={"PATH": "", "HOME": str(tmp_path)})


def test_project_keeps_the_link_of_its_virtual_environment(tmp_path: Path) -> None:
    grow(tmp_path, "pyproject.toml", "tests/test_a.py")
    project = find_project(["tests"], python=sys.prefix, cwd=tmp_path, pytest_args=["-q"])
    assert project.python.is_relative_to(sys.prefix)
    assert (project.root, project.selection, project.pytest_args) == (tmp_path.resolve(), ("tests",), ("-q",))


def test_who_looks_finds_the_interpreter_that_who_runs_takes(
    tmp_path: Path, bare_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where tracemend has an environment of its own, without pytest: `doctor` must speak of what `fix` uses."""
    bare, good = (
        FoundPython(bare_environment / "bin/python", "bare"),
        FoundPython(Path(sys.executable), "good"),
    )
    monkeypatch.setattr(environment, "general_interpreters", lambda environ: iter([bare, good]))
    assert find_interpreter(tmp_path, environ={}).path == good.path
    assert read_interpreter(tmp_path, environ={}, for_tests=True).path == good.path
    assert read_interpreter(tmp_path, environ={}).path == bare.path
