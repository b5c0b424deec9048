"""One real failing project from open to mended in a real VS Code, with pictures and times.

    python tests/editors/vscode_walk.py FOLDER

The project is boltons 25.0.0 from PyPI with the two regression tests that its maintainers wrote for issue 454 in August 2026:
`args2sh` and `args2cmd` take a separator and ignored it. `docs/walk.md` tells what happens.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.projects import fetch, project_named
from editors import vscode

TESTS = """

def test_args2sh_sep():
    assert strutils.args2sh(['aa', 'bb']) == 'aa bb'
    assert strutils.args2sh(['aa', 'bb'], sep='|') == 'aa|bb'
    # escaping is unaffected by the separator
    assert strutils.args2sh(['a a', 'bb'], sep='|') == "'a a'|bb"


def test_args2cmd_sep():
    assert strutils.args2cmd(['aa', 'bb']) == 'aa bb'
    assert strutils.args2cmd(['aa', 'bb'], sep='|') == 'aa|bb'
    assert strutils.args2cmd(['a a', 'bb'], sep='|') == '"a a"|bb'
"""


def main(pictures: Path) -> int:
    """Set up what is missing, walk, and return the exit code."""
    try:
        vscode.set_up()
    except vscode.Skip as reason:
        print(f"skipped: {reason}", file=sys.stderr)
        return 0
    checkout = fetch(project_named("boltons"))
    vscode.SETTINGS["tracemend.python"] = str(checkout.python)
    with tempfile.TemporaryDirectory(prefix="tracemend-walk-") as directory:
        folder = Path(directory).resolve()
        project = folder / "boltons"
        shutil.copytree(checkout.root, project)
        with (project / "tests" / "test_strutils.py").open("a", encoding="utf-8") as file:
            file.write(TESTS)
        with vscode.code_server(folder) as address:
            script = str(vscode.EXTENSION / "test" / "walk.mjs")
            driver = ["node", script, address, str(project), str(pictures), str(vscode.EXTENSION)]
            variables = {"CHROMIUM": shutil.which("chromium") or ""}
            return 0 if vscode.run_group(driver, variables, vscode.STORY_TIME_S) == 0 else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
