#!/usr/bin/env python3
"""Put tracemend's wheel into the extension, for *Install the Server*; run by `npm run wheel`.

The wheel is stored without compression, for `compress.mjs` compresses it as one piece, which is a quarter smaller.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

EXTENSION = Path(__file__).resolve().parents[1]
WHEELS = EXTENSION / "wheels"


def main() -> None:
    """Build the wheel, and store it in `wheels/` in place of an older one."""
    shutil.rmtree(WHEELS, ignore_errors=True)
    WHEELS.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "build",
            "--quiet",
            "--wheel",
            "--outdir",
            folder,
            EXTENSION.parents[1],
        ]
        subprocess.run(command, check=True)
        (built,) = Path(folder).glob("*.whl")
        store(built, WHEELS / built.name)


def store(source: Path, target: Path) -> None:
    """Copy an archive, keeping everything but the compression."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            entry.compress_type = zipfile.ZIP_STORED
            new.writestr(entry, content)


if __name__ == "__main__":
    main()
