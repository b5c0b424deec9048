#!/usr/bin/env python3
"""Makes the example in the README and the pictures of the documentation, from a real run on `docs/demo`.

`make pictures` runs this. The terminal's output becomes docs/images/fix.svg and, shortened, the block in the README
between the marks `demo-output: begin` and `end`; the HTML report becomes docs/images/report.png where chromium is
installed, and stays as it is elsewhere. What is shown is what was printed: parts are left out, nothing is put in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"
IMAGES = DOCS / "images"
PART = re.compile(r"^(?=(?:mended|unmended|flaky|error)  )", re.MULTILINE)  # Each failure begins a part.
SHOWN = "test_volume_discount"  # The failure that the README and the picture show in full.
BLOCK = re.compile(r"(<!-- demo-output: begin -->\n).*?(<!-- demo-output: end -->)", re.DOTALL)
WIDTH = 108
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAGE_SIZE = "1080,860"
TIMEOUT_S = 300
# The picture must not fetch a font from elsewhere; viewers have a monospaced one.
FONT_FACE = re.compile(r"@font-face \{.*?\}\n?", re.DOTALL)


def main() -> None:
    """Run the demonstration once and make everything from that."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        project, page = Path(folder, "bookshop"), Path(folder, "report.html")
        shutil.copytree(DOCS / "demo", project)
        output = Text.from_ansi(run_demo(project, page))
        output = shortened(output)
        (IMAGES / "fix.svg").write_text(svg_of(output), "utf-8")
        write_example(output.plain)
        take_picture(page, IMAGES / "report.png")


def run_demo(project: Path, page: Path) -> str:
    """Return what `tracemend fix` prints to a terminal of `WIDTH` columns."""
    command = [
        sys.executable,
        "-c",
        "from tracemend.server.cli.main import main; main()",
        "fix",
        "--report",
        str(page),
    ]
    environ = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    done = subprocess.run(
        command,
        cwd=project,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=TIMEOUT_S,
        check=True,
    )
    return done.stdout.decode()


def shortened(output: Text) -> Text:
    """Keep the first lines of all failures but one, which stays as it is, and the summary."""
    lines = list(output.split("\n", allow_blank=True))
    for line in lines:
        line.rstrip()
    starts = [at for at, line in enumerate(lines) if PART.match(line.plain)]
    kept: list[Text] = [Text("$ tracemend fix", style="bold")]
    for start, end in zip(starts, [*starts[1:], _end_of_parts(lines, starts[-1])], strict=True):
        whole = SHOWN in lines[start].plain
        kept += lines[start:end] if whole else [lines[start], Text("  [...]", style="dim")]
    kept += lines[_end_of_parts(lines, starts[-1]) :]
    return Text("\n").join(kept)


def _end_of_parts(lines: list[Text], last_start: int) -> int:
    """Return the first line of the summary: the first one that is not indented, after the last failure."""
    return next(at for at in range(last_start + 1, len(lines)) if re.match(r"\S", lines[at].plain))


def svg_of(output: Text) -> str:
    """Return the picture of a terminal window with `output`."""
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    console.print(output)
    return FONT_FACE.sub("", console.export_svg(title="tracemend fix", unique_id="tracemend"))


def write_example(output: str) -> None:
    """Put `output` between the marks in the README."""
    lines = "\n".join(line.rstrip() for line in output.rstrip().splitlines())
    README.write_text(
        BLOCK.sub(lambda match: f"{match[1]}```console\n{lines}\n```\n{match[2]}", README.read_text("utf-8"))
    )


def take_picture(page: Path, picture: Path) -> None:
    """Photograph the head of an HTML page, where there is a browser to do it with."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"No browser of {', '.join(BROWSERS)} is installed; {picture.name} stays as it is.")
        return
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={PAGE_SIZE}"]
    command = [browser, *flags, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True)


if __name__ == "__main__":
    main()
