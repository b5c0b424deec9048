"""The seeded bugs as they are kept on disk: hand-written TOML files and the frozen list of generated mutants.

`seeded/<project>/<slug>.toml` holds a bug as a maintainer could have committed it: `family`, `why`, `path`, and the text
to `search` (which must occur exactly once) with its `replace`-ment. `seeded/<project>/mutants.json` holds what
`freeze.py` drew from the generator and found to fail between 1 and 30 tests.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.plant import Mutant

SEEDED_DIR = Path(__file__).resolve().parent / "seeded"


@dataclass(frozen=True)
class Bug:
    """One seeded bug: in `path`, the text that starts at `start` reads `new` where the project had `old`."""

    project: str
    slug: str
    kind: str
    family: str
    path: str
    start: int
    old: str
    new: str

    @property
    def key(self) -> str:
        return f"{self.project}/{self.slug}"

    def plant(self, root: Path) -> None:
        """Write the bug into the tree `root`."""
        file = root / self.path
        text = file.read_text(encoding="utf-8")
        found = text[self.start : self.start + len(self.old)]
        assert found == self.old, f"{self.key}: expected {self.old!r} at {self.start}, found {found!r}"
        file.write_text(text[: self.start] + self.new + text[self.start + len(self.old) :], encoding="utf-8")


def load_bugs(project: str, root: Path, kinds: Iterable[str], seeded: Path = SEEDED_DIR) -> list[Bug]:
    """Return the bugs of `project` that are kept in the folder `seeded`; `root` is its unpacked tree."""
    folder = seeded / project
    hand = _hand_written(project, root, folder) if "hand" in kinds else []
    mutants = _mutants(project, folder / "mutants.json") if "mutant" in kinds else []
    return [*hand, *mutants]


def save_mutants(
    project: str,
    version: str,
    seed: int,
    mutants: Iterable[tuple[str, Mutant, list[str]]],
    seeded: Path = SEEDED_DIR,
) -> None:
    """Write the frozen list into the folder `seeded`: each mutant with its file and the tests that it fails."""
    entries = [
        {
            "slug": f"m{number:02}-{mutant.family}",
            "family": mutant.family,
            "function": mutant.function,
            "path": path,
            "line": mutant.line,
            "start": mutant.start,
            "old": mutant.old,
            "new": mutant.new,
            "failing": failing,
        }
        for number, (path, mutant, failing) in enumerate(mutants, 1)
    ]
    manifest = {"project": project, "version": version, "seed": seed, "mutants": entries}
    folder = seeded / project
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mutants.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _hand_written(project: str, root: Path, folder: Path) -> Iterator[Bug]:
    for file in sorted(folder.glob("*.toml")):
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        text = (root / told["path"]).read_text(encoding="utf-8")
        count = text.count(told["search"])
        assert count == 1, f"{file.name}: `search` occurs {count} times in {told['path']}"
        start = text.index(told["search"])
        yield Bug(
            project, file.stem, "hand", told["family"], told["path"], start, told["search"], told["replace"]
        )


def _mutants(project: str, manifest: Path) -> Iterator[Bug]:
    if manifest.exists():
        for entry in json.loads(manifest.read_text(encoding="utf-8"))["mutants"]:
            places = (entry["path"], entry["start"], entry["old"], entry["new"])
            yield Bug(project, entry["slug"], "mutant", entry["family"], *places)
