"""Drive a real VS Code: the mocha tests inside its extension host, or the walk that makes the pictures.

    python tests/editors/vscode.py tests
    python tests/editors/vscode.py pictures FOLDER

VS Code is code-server here, whose window is a page in Chromium; its extension host is the real one. What is needed is
set up under build/editors once. Exit code 0: everything happened, or could not because nothing can be downloaded here,
which is then said. 1: it did not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from editor_run import scripted_model

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "editors" / "vscode"
CODE_SERVER = ROOT / "build" / "editors" / "code-server-4.100.3"
SERVER = Path(sys.executable).with_name("tracemend")

SET_UP_TIME_S = 1800.0
START_TIME_S = 300.0
STORY_TIME_S = 1200.0
PACKAGE_LIMIT_BYTES = 1_000_000
ENDING_TIME_S = 5.0
LISTENS_AT = re.compile(r"HTTP server listening on http://([\d.:]+)")

# In User/ settings alone a first start may read the defaults; Machine/ settings are there from the beginning.
SETTINGS = {
    "chat.commandCenter.enabled": False,
    "editor.minimap.enabled": False,
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "npm.fetchOnlinePackageInfo": False,
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "tracemend.server.path": str(SERVER),
    "update.mode": "none",
    "workbench.colorTheme": "Default Light Modern",
    "workbench.enableExperiments": False,
    "workbench.startupEditor": "none",
}
FILES = {
    "pyproject.toml": "[tool.tracemend]\nmax-time = 180\n",
    "shop.py": (
        "def total(cart, prices):\n"
        "    amount = 0\n"
        "    for name, count in cart.items():\n"
        "        amount += prices[name] * count\n"
        "    return amount\n"
    ),
    "test_shop.py": (
        "import pytest\n\nfrom shop import total\n\n\n"
        "def test_total():\n"
        '    assert total({"pen": 4}, {"pen": 2}) == 8\n\n\n'
        "class TestEmpty:\n"
        '    @pytest.mark.parametrize("prices", [{}, {"pen": 1}], ids=["none", "some"])\n'
        "    def test_nothing(self, prices):\n"
        "        assert total({}, prices) == 0\n"
    ),
}


# What the scripted model writes wherever it is asked, behind `return` in a function that the story begins.
MODEL_SAYS = 'f"Total: {total(cart, prices)}"\n'


class Skip(Exception):
    """What is needed is not here and cannot be downloaded."""


def main(arguments: Sequence[str]) -> int:
    """Set up what is missing, then do what is asked, and return the exit code."""
    try:
        set_up()
    except Skip as reason:
        print(f"skipped: {reason}", file=sys.stderr)
        return 0
    if arguments[:1] == ["pictures"] and len(arguments) == 2:
        return make_pictures(Path(arguments[1]).resolve())
    if list(arguments) == ["tests"]:
        check_package()
        return drive("host.mjs", str(EXTENSION), str(EXTENSION / "dist" / "test" / "index.js"))
    print(__doc__, file=sys.stderr)
    return 1


def make_pictures(folder: Path) -> int:
    """Make the pictures of the documentation, and give the gallery's README the one that it shows."""
    code = drive("pictures.mjs", str(folder), str(EXTENSION))
    if code == 0:
        shutil.move(folder / "gallery.png", EXTENSION / "media" / "lightbulb.png")
    return code


def set_up() -> None:
    """Install VS Code and the extension's tools where they are missing, and build the extension. Raises `Skip`."""
    for program in ("node", "npm", "chromium"):
        if shutil.which(program) is None:
            raise Skip(f"there is no {program}")
    installed = EXTENSION / "node_modules" / ".package-lock.json"
    lock = EXTENSION / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        download(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], EXTENSION)
        installed.touch()
    download([str(Path(__file__).with_name("vscode_set_up.sh")), str(CODE_SERVER)], ROOT)
    for step in ("check", "build", "build:test"):
        subprocess.run(["npm", "run", "--silent", step], cwd=EXTENSION, check=True, timeout=SET_UP_TIME_S)


def check_package() -> None:
    """Package the extension with the server's wheel, as it is given away, and see that it stays small."""
    for step in ("wheel", "package"):
        command = ["npm", "run", "--silent", step]
        subprocess.run(command, cwd=EXTENSION, check=True, timeout=SET_UP_TIME_S, stdout=subprocess.DEVNULL)
    size = (EXTENSION / "tracemend.vsix").stat().st_size
    print(f"The package has {size:,} bytes.")
    if size >= PACKAGE_LIMIT_BYTES:
        raise SystemExit(f"tracemend.vsix has {size:,} bytes, and is to stay below {PACKAGE_LIMIT_BYTES:,}.")


def download(command: Sequence[str], folder: Path) -> None:
    """Run something that installs from the npm registry. Raises `Skip` if it fails where the registry is not reached."""
    if subprocess.run(command, check=False, cwd=folder, timeout=SET_UP_TIME_S).returncode == 0:
        return
    if (
        subprocess.run(["npm", "ping"], check=False, capture_output=True, timeout=SET_UP_TIME_S).returncode
        != 0
    ):
        raise Skip("the npm registry cannot be reached")
    raise SystemExit(f"{command[0]} failed.")


def drive(script: str, *arguments: str) -> int:
    """Open the project in a fresh VS Code and let a script of the extension's tests drive it."""
    with tempfile.TemporaryDirectory(prefix="tracemend-vscode-") as directory:
        folder = Path(directory).resolve()
        project = folder / "shop"
        project.mkdir()
        for name, text in FILES.items():
            (project / name).write_text(text)
        with scripted_model(folder, MODEL_SAYS), code_server(folder) as address:
            driver = ["node", str(EXTENSION / "test" / script), address, str(project), *arguments]
            variables = {"CHROMIUM": shutil.which("chromium") or ""}
            return 0 if run_group(driver, variables, STORY_TIME_S) == 0 else 1


@contextmanager
def code_server(folder: Path) -> Iterator[str]:
    """Run code-server with an empty profile below `folder`; it and all that it started ends with the block."""
    profile = folder / "profile"
    for kind in ("Machine", "User"):
        (profile / kind).mkdir(parents=True)
        (profile / kind / "settings.json").write_text(json.dumps(SETTINGS))
    entry = CODE_SERVER / "node_modules" / "code-server" / "out" / "node" / "entry.js"
    options = ["--config", "/dev/null", "--bind-addr", "127.0.0.1:0", "--auth", "none", "--disable-telemetry",
               "--disable-update-check", "--disable-workspace-trust", "--user-data-dir", str(profile),
               "--extensions-dir", str(folder / "extensions")]  # fmt: skip
    home = {
        "HOME": str(folder),
        **{f"XDG_{one}_HOME": str(folder / one.lower()) for one in ("CACHE", "CONFIG", "STATE")},
    }
    log_file = folder / "code-server.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            ["node", str(entry), *options], env={**os.environ, **home}, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    try:
        yield wait_for_address(log_file, process)
    finally:
        end_group(process)


def run_group(command: Sequence[str], variables: Mapping[str, str], timeout_s: float) -> int | None:
    """Run a program in a process group that ends with it; return its exit code, None if it had to be ended."""
    process = subprocess.Popen(
        command, env={**os.environ, **variables}, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        print("The session in VS Code did not come to an end.", file=sys.stderr)
        return None
    finally:
        end_group(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group, by force what has not ended by itself soon."""
    for kind, patience_s in ((signal.SIGTERM, ENDING_TIME_S), (signal.SIGKILL, ENDING_TIME_S)):
        try:
            os.killpg(process.pid, kind)
        except ProcessLookupError:
            break
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue


def wait_for_address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait until code-server says where it listens: a port chosen before its start may be another's by then."""
    deadline = time.monotonic() + START_TIME_S
    while time.monotonic() < deadline and process.poll() is None:
        found = LISTENS_AT.search(log.read_text(errors="replace"))
        if found is not None:
            return found.group(1)
        time.sleep(0.1)
    raise SystemExit(f"code-server did not start: {log.read_text(errors='replace')[-2000:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
