"""What containment gives to those it holds: the project as they know it, put back after each run, and a way out for none."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from contained_process import ATTACKS, ContainedProcess, make_project, processes_with, state_of

from tracemend.repair.runner import sandbox
from tracemend.repair.runner.payload.scratch import CopyTooLarge, View, copy_tree, remove
from tracemend.repair.runner.payload.surroundings import clean_environment
from tracemend.repair.runner.results import Containment

TIERS = ("namespaces", "landlock", "limits")
STRANGER = 12345  # A user that no machine has, to whom nothing belongs.
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="containment needs Linux")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project")


def enter(project: Path, tier: str | None, **options: object) -> ContainedProcess:
    """Enter a tier, or skip the test where this machine has not got it."""
    process = ContainedProcess(project, force_tier=tier, **options)  # type: ignore[arg-type]
    if "refused" in process.entered:
        process.close()
        pytest.skip(str(process.entered["refused"]))
    return process


def check(process: ContainedProcess, source: str, **names: object) -> None:
    """Run source that asserts something; its failure is this test's failure."""
    wrapped = "import traceback\nfrom attack import *\nfrom attack import escaped\ntry:\n"
    wrapped += "\n".join("    " + line for line in source.splitlines())
    wrapped += "\nexcept BaseException:\n    escaped(traceback.format_exc().replace('\\n', ' | '))\n"
    assert process.run(wrapped, **names)["escaped"] == []


@pytest.mark.parametrize("tier", TIERS)
def test_level_says_what_holds(project: Path, tier: str) -> None:
    expected = {
        "namespaces": ("full", "overlay", "loopback", "namespace"),
        "landlock": ("strong", "copy", "none", "subreaper"),
        "limits": ("basic", "open", "open", "subreaper"),
    }[tier]
    with enter(project, tier) as process:
        level = process.entered["level"]
    assert (level["level"], level["filesystem"], level["network"], level["processes"]) == expected
    assert Containment(**level).level == expected[0]


@pytest.mark.parametrize("tier", ["namespaces", "landlock"])
def test_project_can_be_used_as_ever(project: Path, tier: str) -> None:
    with enter(project, tier) as process:
        check(
            process,
            """
            import os, subprocess, sys, tempfile, threading, socket
            assert sorted(os.listdir(ROOT)) == sorted(
                ["data.txt", "empty", "executable", "link", "mapped.bin", "mod.py", "package", "same_size.txt", "swap"])
            assert os.getcwd() == ROOT and os.access("executable", os.X_OK)
            open("new", "w").write("x"); os.rename("new", "newer"); os.remove("newer")
            with tempfile.NamedTemporaryFile() as file:
                assert file.name.startswith(os.environ["TMPDIR"])
            assert subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout == b"1\\n"
            thread = threading.Thread(target=int); thread.start(); thread.join()
            one, other = socket.socketpair(); one.send(b"x"); assert other.recv(1) == b"x"
            open("/dev/null", "w").write("x"); open("/dev/urandom", "rb").read(4)
            """.replace("\n            ", "\n"),
        )


def test_processes_can_share_memory_and_locks(project: Path) -> None:
    source = """
import multiprocessing, multiprocessing.shared_memory
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(abs, [-1, 2]) == [1, 2]
memory = multiprocessing.shared_memory.SharedMemory(create=True, size=16)
memory.close(); memory.unlink()
"""
    with enter(project, "namespaces") as process:
        check(process, source)


def test_memory_shared_by_forks_counts_once(project: Path) -> None:
    """Ten processes that share 150 MiB do not hold the 1.5 GiB that their resident sizes add up to."""
    source = """
import os, time
block = bytearray(os.urandom(1 << 20)) * 150
children = [os.fork() or (time.sleep(1), os._exit(0)) for _ in range(10)]
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 10
"""
    with enter(project, "namespaces") as process:
        check(process, source)


def test_loopback_serves_the_tests_own_servers(project: Path) -> None:
    source = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
    accepted = server.accept()[0]
    client.send(b"x"); assert accepted.recv(1) == b"x"; accepted.close()
path = "socket"
with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
    server.bind(path); server.listen(); client.connect(path)
"""
    with enter(project, "namespaces") as process:
        check(process, source)


def test_no_network_means_no_loopback(project: Path) -> None:
    source = """
import socket
try:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
except OSError:
    pass
else:
    raise AssertionError("connected")
"""
    with enter(project, "namespaces", network="none") as process:
        check(process, source)


@pytest.mark.parametrize("tier", ["namespaces", "landlock"])
def test_given_files_are_seen_and_never_written_to_the_project(project: Path, tier: str) -> None:
    files = {name: base64.b64encode(b"patched").decode() for name in ("mod.py", "new/file.py")}
    before = state_of(project)
    with enter(project, tier, files=files) as process:
        for _ in range(2):
            check(process, 'assert open("mod.py").read() == open("new/file.py").read() == "patched"')
            process.run('open("mod.py", "w").write("again")')
    assert state_of(project) == before


def test_path_outside_the_project_is_refused(project: Path) -> None:
    outside = {"../evil.py": base64.b64encode(b"x").decode()}
    with ContainedProcess(project, force_tier="namespaces", files=outside) as process:
        assert "not a path inside" in process.entered["refused"]
    assert not (project.parent / "evil.py").exists()


def test_extra_directory_can_be_written(project: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    with enter(project, "namespaces", extra_writable=[str(shared)]) as process:
        check(process, 'open(SHARED + "/result", "w").write("kept")', SHARED=str(shared))
    assert (shared / "result").read_text() == "kept"


def test_project_behind_a_link(project: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(project)
    before = state_of(project)
    with enter(tmp_path / "linked", "namespaces") as process:
        check(process, 'import os; assert os.path.exists(ROOT + "/mod.py"); open("mod.py", "w").close()')
    assert state_of(project) == before


def test_odd_path(tmp_path: Path) -> None:
    project = make_project(tmp_path / "a, b:c\\d \u00e9")
    before = state_of(project)
    with enter(project, "namespaces") as process:
        check(process, 'assert open("data.txt").read() == "data\\n"; open("data.txt", "w").close()')
    assert state_of(project) == before


def test_project_that_holds_home_and_scratch(tmp_path: Path) -> None:
    """A project can be the home directory itself, with the scratch directory somewhere below it."""
    project = make_project(tmp_path / "home")
    scratch = project / "scratch"
    scratch.mkdir()
    before = state_of(project)
    environment = {"TMPDIR": str(scratch), "HOME": str(project)}
    with enter(project, "namespaces", environment=environment, scratch_in=scratch) as process:
        check(
            process,
            'import os; open("data.txt", "w").close(); open(os.environ["TMPDIR"] + "/x", "w").close()',
        )
    after = state_of(project)
    assert {name for name in before if before[name] != after.get(name)} <= {".", "scratch"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("tier", ["namespaces", "landlock"])
def test_root_in_a_project_of_somebody_else(project: Path, tier: str) -> None:
    for path in [project, *project.rglob("*")]:
        os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
    before = state_of(project)
    with enter(project, tier) as process:
        view = process.run("pass")["view"]
        source = (ATTACKS / "change_the_project.py").read_text()
        check(process, source)
        assert process.run("pass")["view"] == view
    assert state_of(project) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
class TestPlainUser:
    """What a user without privileges gets, by way of a user namespace."""

    @pytest.fixture
    def place(self) -> Iterator[Path]:
        directory = Path(tempfile.mkdtemp(prefix="tracemend-test-", dir="/var/tmp"))
        directory.chmod(0o755)
        yield directory
        shutil.rmtree(directory)

    @pytest.fixture
    def python(self) -> str:
        for candidate in (sys.executable, "/usr/bin/python3"):
            with contextlib.suppress(OSError, subprocess.CalledProcessError):
                subprocess.run([candidate, "-c", ""], user=STRANGER, group=STRANGER, check=True)
                return candidate
        pytest.skip("no interpreter that other users can run")

    @pytest.mark.parametrize(("owned", "filesystem"), [(True, "overlay"), (False, "copy")])
    @pytest.mark.parametrize("attack", ["change_the_project", "make_unreadable", "delete_the_project"])
    def test_project_is_put_back(
        self, place: Path, python: str, owned: bool, filesystem: str, attack: str
    ) -> None:
        project = make_project(place / "project")
        if owned:
            for path in [project, *project.rglob("*")]:
                os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
        before = state_of(project)
        with enter(
            project, "namespaces", python=python, user=STRANGER, payload_copy=place / "payload"
        ) as process:
            assert process.entered["level"]["filesystem"] == filesystem
            view = process.run("pass")["view"]
            source = (ATTACKS / f"{attack}.py").read_text()
            result = process.run(source, REAL_ROOT=str(project))
            assert (result["escaped"], result["view"]) == ([], view)
        assert state_of(project) == before


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_killing_the_outer_process_ends_everything(project: Path, tier: str, number: signal.Signals) -> None:
    name, value = "TRACEMEND_TEST", str(uuid.uuid4())
    daemon = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\ntime.sleep(60)\n"
    with enter(project, tier, environment={name: value}) as process:
        process.send(daemon)
        wait_until(lambda: len(processes_with(f"{name}={value}")) == 5)
        os.killpg(process.process.pid, number)
        process.process.wait(20)
        wait_until(lambda: processes_with(f"{name}={value}") == set())


def test_exit_status_is_passed_on(project: Path) -> None:
    with enter(project, "namespaces") as process:
        process.hang_up()
        assert process.process.wait(20) == 0


def test_files_of_the_collection_are_what_runs_start_from(project: Path) -> None:
    """What the server itself wrote before the first run belongs to the view, however runs treat it."""
    prepared = 'open("made.txt", "w").write("made"); import os; os.remove("data.txt"); os.mkdir("made")'
    for tier in ("namespaces", "landlock"):
        with enter(project, tier, prepare=prepared) as process:
            spoil = 'import os; os.remove("made.txt"); os.rmdir("made"); open("data.txt", "w").close()'
            process.run(spoil)
            check(
                process, 'import os; assert open("made.txt").read() == "made"; assert os.path.isdir("made")'
            )
            check(process, 'import os; assert not os.path.exists("data.txt")')


def test_required_containment_that_cannot_be_had_is_refused(project: Path) -> None:
    with ContainedProcess(project, mode="require", python_prefix=NO_KERNEL_SUPPORT) as process:
        assert process.entered["refused"].startswith("Tests cannot be contained here (namespaces: ")
    with ContainedProcess(project, mode="auto", python_prefix=NO_KERNEL_SUPPORT) as process:
        assert process.entered["level"]["level"] == "basic"
        assert len(process.entered["level"]["missing"]) == 3


# Makes the kernel refuse what every stronger tier needs, as old kernels and strict containers do.
NO_KERNEL_SUPPORT = """
def refuse(name, *arguments):
    if name in ("unshare", "landlock_create_ruleset"):
        raise OSError(1, name + ": Operation not permitted")
    return real_call(name, *arguments)
from payload_ import linux
real_call, linux.call = linux.call, refuse
"""


def test_filter_protects_processes_where_landlock_cannot() -> None:
    """Before Linux 6.12 the filter itself must keep signals from the runner's own processes."""
    source = """
import os, sys
sys.path.insert(0, sys.argv[1])
from payload import linux, seccomp
linux.forbid_new_privileges()
seccomp.install([seccomp.AF_UNIX], [os.getppid()])
child = os.fork() or os._exit(0)
os.kill(child, 0)
for target in (os.getppid(), -os.getppid(), -1):
    try:
        os.kill(target, 0)
    except PermissionError:
        continue
    raise AssertionError(target)
"""
    package = str(Path(sandbox.__file__).parent)
    ended = subprocess.run(
        [sys.executable, "-c", source, package], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


class TestView:
    """The undoing itself, on a plain directory and on a copy."""

    CHANGES = """
        append mod.py: open("mod.py", "a").write("x")
        same size and time: open("same_size.txt", "w").write("evil"); os.utime("same_size.txt", ns=(0, 1600000000123456789))
        chmod: os.chmod("executable", 0o600)
        touch: os.utime("data.txt")
        touch directory: os.utime("package")
        remove: os.remove("mod.py")
        remove tree: shutil.rmtree("package")
        file to directory: os.remove("swap"); os.makedirs("swap/in/side")
        directory to file: shutil.rmtree("package"); open("package", "w").close()
        directory to link: shutil.rmtree("package"); os.symlink("/etc", "package")
        link to file: os.remove("link"); open("link", "w").close()
        link elsewhere: os.remove("link"); os.symlink("/etc/passwd", "link")
        rename directory: os.rename("package", "renamed")
        exchange: os.rename("mod.py", "x"); os.rename("data.txt", "mod.py"); os.rename("x", "data.txt")
        hard link: os.remove("mod.py"); os.link("data.txt", "mod.py")
        new tree: os.makedirs("a/b/c"); open("a/b/c/d", "w").close(); os.chmod("a/b", 0)
        fifo: os.mkfifo("fifo")
        strange names: open("new\\nline", "w").close(); open(b"\\xff\\xfe", "w").close()
    """

    @pytest.mark.parametrize("change", [line.strip() for line in CHANGES.strip().splitlines()])
    @pytest.mark.parametrize("kind", ["plain", "copy"])
    def test_change_is_undone(
        self, tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch, kind: str, change: str
    ) -> None:
        if kind == "copy":
            (tmp_path / "copy").mkdir()
            copy_tree(str(project), str(tmp_path / "copy"))
            view = View(str(tmp_path / "copy"), str(tmp_path / "copy"), str(project))
        else:
            view = View(str(project), str(project))
        before = state_of(Path(view.visible))
        view.remember()
        monkeypatch.chdir(view.visible)
        for _ in range(2):
            exec(change.partition(": ")[2], {"os": os, "shutil": shutil})  # noqa: S102
            assert view.restore()
            assert state_of(Path(view.visible)) == before
            assert not view.restore()

    def test_copy_leaves_out_what_is_huge_and_unchanged(self, tmp_path: Path, project: Path) -> None:
        for name in (".git/objects", "venv/lib", "node_modules/x"):
            (project / name).mkdir(parents=True)
        (project / "venv/pyvenv.cfg").touch()
        (tmp_path / "copy").mkdir()
        copy_tree(str(project), str(tmp_path / "copy"))
        assert not {".git", "venv", "node_modules"} & set(os.listdir(tmp_path / "copy"))

    @pytest.mark.parametrize("bounds", [{"max_bytes": 100}, {"max_entries": 5}])
    def test_copy_is_bounded(self, tmp_path: Path, project: Path, bounds: dict[str, int]) -> None:
        (tmp_path / "copy").mkdir()
        with pytest.raises(CopyTooLarge):
            copy_tree(str(project), str(tmp_path / "copy"), **bounds)

    def test_remove_does_not_follow_links(self, tmp_path: Path, project: Path) -> None:
        before = state_of(project)
        (tmp_path / "tree").mkdir()
        (tmp_path / "tree/link").symlink_to(project)
        remove(str(tmp_path / "tree"))
        assert state_of(project) == before


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("PATH", True),
        ("PYTHONPATH", True),
        ("LC_KEYBOARD", True),
        ("MONKEY", True),
        ("GITHUB_TOKEN", False),
        ("TOKEN", False),
        ("STRIPE_SECRET_KEY", False),
        ("AWS_PROFILE", False),
        ("SSH_AUTH_SOCK", False),
        ("DBUS_SESSION_BUS_ADDRESS", False),
        ("https_proxy", False),
        ("PGPASSWORD", False),
        ("DATABASE_PASSWORD", False),
    ],
)
def test_environment_keeps_no_secrets(name: str, kept: bool) -> None:
    assert (name in clean_environment({name: "x"}, "/scratch")) == kept


def test_doctor_probes_and_advises() -> None:
    for tier in TIERS:
        containment = sandbox.probe(Path(sys.executable), force_tier=tier)
        assert bool(sandbox.advice(containment)) == (containment.level != "full")


def test_doctor_says_what_is_wrong_with_an_interpreter(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(ValueError, match="broken"):
        sandbox.probe(broken)


def wait_until(condition: Callable[[], bool], patience_s: float = 20.0) -> None:
    """Wait for something that another process is about to do."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
