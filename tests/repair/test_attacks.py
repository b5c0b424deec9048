"""No escapes: code that is out to do harm runs contained, and afterwards everything outside is as it was.

The attacks are the scripts in `tests/attacks`; each names the tiers that promise to withstand it.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import textwrap
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from contained_process import (
    ATTACKS,
    ContainedProcess,
    make_project,
    processes_below,
    processes_with,
    state_of,
)

from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.settings import Limits, Project, RunnerSettings

TIERS = ("namespaces", "landlock", "limits")
NEVER_END = {"endless_c_loop", "sleep_for_ever"}
SECRETS = {
    "GITHUB_TOKEN": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "SSH_AUTH_SOCK": "/tmp/agent",
    "HTTPS_PROXY": "http://proxy",
    "MY_API_KEY": "x",
}


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="containment needs Linux")


@dataclass
class Scene:
    """A contained server, what it must not harm, and listeners that must hear nothing."""

    server: ContainedProcess
    project: Path
    home: Path
    listeners: dict[str, socket.socket]
    names: dict[str, object]
    marker: str


def attacks() -> list[object]:
    """Return each attack for each tier that promises to withstand it."""
    found: list[object] = []
    for path in sorted(ATTACKS.glob("*.py")):
        first = path.read_text().partition("\n")[0]
        if first.startswith("# tiers: "):
            for tier in first.removeprefix("# tiers: ").split():
                found.append(pytest.param(tier, path.stem, id=f"{tier}-{path.stem}"))
    return found


@pytest.fixture(scope="module")
def scenes() -> Iterator[dict[str, Scene]]:
    """The scenes by tier, each made when it is first needed, all used for many attacks."""
    made: dict[str, Scene] = {}
    yield made
    for scene in made.values():
        scene.server.close()
        shutil.rmtree(scene.project.parent)
        assert processes_with(scene.marker) == set(), "processes are left after the server was ended"


@pytest.mark.parametrize(("tier", "attack"), attacks())
def test_attack_is_withstood(scenes: dict[str, Scene], tier: str, attack: str) -> None:
    if tier not in scenes:
        scenes[tier] = make_scene(tier)
    scene = scenes[tier]
    before = (state_of(scene.project), state_of(scene.home))
    view = scene.server.run("pass")["view"]

    source = (ATTACKS / f"{attack}.py").read_text()
    limits = {"wall_s": 1.0, "cpu_s": 1.0} if attack in NEVER_END else {"wall_s": 25.0, "cpu_s": 15.0}
    result = scene.server.run(source, name=attack, **limits, **scene.names)

    assert result["escaped"] == []
    assert (state_of(scene.project), state_of(scene.home)) == before
    assert result["view"] == view, "the next run would see what this one did"
    assert len(processes_below(scene.server.process.pid)) == 2, "only the keeper and the server may be left"
    assert not [name for name, listener in scene.listeners.items() if heard(listener)]
    if attack not in NEVER_END:
        assert not result["timed_out"], f"had to be killed after {result['seconds']:.1f} s"


@pytest.mark.parametrize("attack", ["write_to_home", "attributes_of_home", "connect_out"])
def test_attack_works_where_nothing_is_promised(scenes: dict[str, Scene], attack: str) -> None:
    """The attacks are real: what is reported nowhere else is reported here."""
    scene = make_scene("limits")
    scenes[attack] = scene
    source = (ATTACKS / f"{attack}.py").read_text()
    assert scene.server.run(source, **scene.names)["escaped"]


def make_scene(tier: str) -> Scene:
    directory = new_directory()
    project, home = make_project(directory / "project"), directory / "home"
    home.mkdir()
    (home / "canary").write_text("alive\n")
    listeners = {
        "tcp": socket.create_server(("127.0.0.1", 0)),
        "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "unix": socket.socket(socket.AF_UNIX),
        "abstract": socket.socket(socket.AF_UNIX),
    }
    listeners["udp"].bind(("127.0.0.1", 0))
    abstract = f"\0tracemend-{uuid.uuid4()}"
    listeners["abstract"].bind(abstract)
    listeners["unix"].bind(str(home / "docker.sock"))
    for name in ("unix", "abstract"):
        listeners[name].listen()
    for listener in listeners.values():
        listener.setblocking(False)
    marker = f"TRACEMEND_TEST={uuid.uuid4()}"
    name, _, value = marker.partition("=")
    server = ContainedProcess(
        project, environment={**SECRETS, "HOME": str(home), name: value}, force_tier=tier
    )
    if "refused" in server.entered:
        server.close()
        pytest.skip(server.entered["refused"])
    names: dict[str, object] = {
        "REAL_ROOT": str(project),
        "HOME": str(home),
        "TOOL": os.getpid(),
        "TCP_PORT": listeners["tcp"].getsockname()[1],
        "UDP_PORT": listeners["udp"].getsockname()[1],
        "UNIX_SOCKET": str(home / "docker.sock"),
        "ABSTRACT_SOCKET": abstract,
    }
    return Scene(server, project, home, listeners, names, marker)


def new_directory() -> Path:
    """Make a directory that is not below /tmp, where a test may write as it likes, for it has one of its own."""
    cache = Path.home() / ".cache"
    cache.mkdir(exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="tracemend-test-", dir=cache))


def heard(listener: socket.socket) -> bool:
    """Whether anyone has connected or sent anything; what came is taken."""
    try:
        if listener.type == socket.SOCK_DGRAM:
            listener.recv(100)
        else:
            listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


THROUGH_THE_RUNNER = {
    "daemon": "passed",
    "delete_the_project": "passed",
    "endless_c_loop": "timeout",
    "flood_output": "error",
    "fork_bomb": "crashed",
    "kill_everybody": "passed",
    "leave_at_once": "crashed",
    "links_for_the_tidy": "passed",
    "memory_bomb": "passed",
    "memory_bomb_of_many": "crashed",
    "patch_everything": "crashed",
    "sleep_for_ever": "timeout",
    "trace_the_server": "passed",
}
"""What the runner must say of an attack that is run as a test: passed where all was refused, crashed where it was killed."""


@pytest.fixture(scope="module")
def runner_scene() -> Iterator[tuple[Runner, Path]]:
    """A runner over a project whose tests are the attacks, and the directory that holds project and home."""
    directory = new_directory()
    try:
        project, home = make_project(directory / "project"), directory / "home"
        home.mkdir()
        (home / "canary").write_text("alive\n")
        names = {"ROOT": str(project), "REAL_ROOT": str(project), "HOME": str(home), "TOOL": os.getpid()}
        lines = [f"{name} = {value!r}" for name, value in names.items()]
        (project / "attack.py").write_text("\n".join([*lines, ESCAPED]))
        for name in THROUGH_THE_RUNNER:
            source = textwrap.indent((ATTACKS / f"{name}.py").read_text(), "    ")
            (project / f"test_{name}.py").write_text(f"def test_{name}():\n{source}")
        (project / "victim.py").write_text("def act():\n    pass\n")
        (project / "test_victim.py").write_text("from victim import act\n\ndef test_act():\n    act()\n")
        (project / "test_calm.py").write_text("def test_calm():\n    assert open('mod.py').read()\n")
        settings = RunnerSettings(
            sandbox="require", memory_bytes=512 << 20, max_processes=48, file_bytes=64 << 20
        )
        with Runner.start(Project(project, Path(sys.executable)), settings) as runner:
            yield runner, directory
    finally:
        shutil.rmtree(directory)


ESCAPED = """
class Escaped(BaseException):
    pass

def escaped(text):
    raise Escaped(text)
"""


@pytest.mark.parametrize("attack", THROUGH_THE_RUNNER)
def test_attack_by_a_test_is_withstood(runner_scene: tuple[Runner, Path], attack: str) -> None:
    runner, directory = runner_scene
    before = state_of(directory)
    limits = Limits(wall_s=1.0, cpu_s=1.0) if attack in NEVER_END else Limits(wall_s=20.0, cpu_s=15.0)
    test = f"test_{attack}.py::test_{attack}"

    result = runner.run([test], limits={test: limits}).tests[test]

    assert result.outcome == THROUGH_THE_RUNNER[attack], result.failure
    assert runner.run(["test_calm.py::test_calm"]).green
    assert state_of(directory) == before


@pytest.mark.parametrize(
    "attack", ["daemon", "delete_the_project", "fork_bomb", "kill_everybody", "trace_the_server"]
)
def test_attack_by_a_held_candidate_is_withstood(runner_scene: tuple[Runner, Path], attack: str) -> None:
    """A candidate that starts at the call of its test, as most do, is a child of the process that holds the test."""
    runner, directory = runner_scene
    before = state_of(directory)
    source = textwrap.indent((ATTACKS / f"{attack}.py").read_text(), "    ")
    harmless, test = "def act():\n    return 1\n", "test_victim.py::test_act"

    def try_patch(text: str) -> str:
        return runner.run([test], sources={"victim.py": text}, fail_fast=True).tests[test].outcome

    assert [try_patch(harmless) for _ in range(3)] == ["passed"] * 3
    assert try_patch(f"def act():\n{source}") == THROUGH_THE_RUNNER[attack]
    assert try_patch(harmless) == "passed"
    assert state_of(directory) == before
