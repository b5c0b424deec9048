"""Finds the places at which guided decoding is tried: attributes and blocks of real packages, with what is known there.

    python tests/bench/guided/sites.py                     # 13 packages, 170 attributes and 16 blocks each; resumes

An *attribute site* is a dot in a line: the rest of the line is taken away, what follows stays, as in an editor. A *block
site* is the beginning of a line in a function: up to eight lines are taken away. At each the oracle builds the symbol
table of the hole exactly as the product does, and for an attribute it also says which members its receiver has, which is
the judge of what is written there. The packages are those on which the oracle is measured; none is in the standard library,
which is all that the model has read.
"""

from __future__ import annotations

import argparse
import ast
import base64
import gzip
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.oracle_packages import Package, packages_named, prepare
from bench.oracle_sites import AttributeSite, SourceFile, attribute_sites, read_files
from bench.projects import cache_dir

from tracemend.analysis.monitors.protocol import Hole
from tracemend.analysis.monitors.table_building import build_table
from tracemend.analysis.monitors.tables import SymbolTable, decode_table, is_dunder
from tracemend.analysis.symbols.environment import PythonEnvironment, probe_environment
from tracemend.analysis.symbols.index import Index
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.model import Evidence
from tracemend.analysis.types.oracle import Oracle

SITES = Path(__file__).parents[3] / "build" / "guided" / "sites"
PACKAGES = (
    "requests,rich,flask,httpx,click,jinja2,werkzeug,attrs,sqlparse,boltons,more-itertools,toolz,pluggy"
)
SEED = 20261120
BLOCK_LINES = 8
MIN_BLOCK_LINES = 4
MIN_BLOCK_ATTRIBUTES = 2

Drawn = TypeVar("Drawn")


@dataclass(frozen=True)
class Site:
    """A hole [start, end) in a file. For an attribute it begins at the dot, and the last fields say what may follow.

    `closed` is None if the oracle does not know all members of the receiver, or none could be asked for there.
    """

    package: str
    path: str  # Relative to the root of the package.
    start: int
    end: int
    table: str  # The digest of the symbol table.
    gold: str = ""
    use: str = ""
    kind: str = ""
    receiver: str = ""
    closed: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """What the site is called in results."""
        return f"{self.package}/{self.path}:{self.start}"


class Tables:
    """Symbol tables by their digests, decoded when they are asked for."""

    def __init__(self, encoded: dict[str, str]) -> None:
        self._encoded = encoded

    def __getitem__(self, digest: str) -> SymbolTable:
        return decode_table(base64.b64decode(self._encoded[digest]))


@dataclass(frozen=True)
class Sites:
    """All sites with the files and the tables they refer to."""

    files: dict[str, str]
    tables: Tables
    attributes: tuple[Site, ...]
    blocks: tuple[Site, ...]

    def named(self, setting: str) -> dict[str, Site]:
        """Return the sites of a setting of the experiment, by name."""
        return {site.name: site for site in (self.blocks if setting == "block" else self.attributes)}

    def before(self, site: Site) -> str:
        """Return the text in front of the hole."""
        return self.files[_key(site)][: site.start]

    def removed(self, site: Site) -> str:
        """Return the text that stood in the hole."""
        return self.files[_key(site)][site.start : site.end]

    def after(self, site: Site) -> str:
        """Return the text behind the hole."""
        return self.files[_key(site)][site.end :]


def main() -> None:
    """Mine all packages, each into a file of its own."""
    options = _options()
    packages = packages_named(options.packages)
    environment = probe_environment(prepare(packages))
    options.output.mkdir(parents=True, exist_ok=True)
    for package in packages:
        output = options.output / f"{package.name}.json.gz"
        if output.exists():
            continue
        started = time.process_time()
        miner = _Miner(package, environment)
        attributes = list(map(asdict, miner.attributes(options.attributes)))
        blocks = list(map(asdict, miner.blocks(options.blocks)))
        miner.close()
        content = {"files": miner.files, "tables": miner.tables, "attributes": attributes, "blocks": blocks}
        with gzip.open(output, "wt", encoding="utf-8") as file:
            json.dump(content, file)
        found = f"{len(attributes)} attributes, {len(blocks)} blocks"
        print(f"{package.name}: {found}, {time.process_time() - started:.0f} CPU s", flush=True)


def load_sites(folder: Path = SITES) -> Sites:
    """Return the sites that `main` wrote, in the order of the packages."""
    files: dict[str, str] = {}
    tables: dict[str, str] = {}
    attributes: list[Site] = []
    blocks: list[Site] = []
    for path in sorted(folder.glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            content = json.load(file)
        files |= content["files"]
        tables |= content["tables"]
        attributes += map(_site_of, content["attributes"])
        blocks += map(_site_of, content["blocks"])
    return Sites(files, Tables(tables), tuple(attributes), tuple(blocks))


class _Miner:
    """Asks the oracle about one package, and notes the files and the tables that its sites need."""

    def __init__(self, package: Package, environment: PythonEnvironment) -> None:
        self.files: dict[str, str] = {}
        self.tables: dict[str, str] = {}  # Encoded, by digest.
        self._package = package
        self._chance = random.Random(f"{SEED}:{package.name}")
        self._files = list(read_files(package, with_tests=False))
        self._whole: Document | None = None
        self._index = Index(package.root, environment, cache=cache_dir() / "oracle" / "index")
        self._oracle = Oracle(self._index)

    def close(self) -> None:
        """Keep what the index has learnt for the next package."""
        self._index.close()

    def attributes(self, wanted: int) -> Iterator[Site]:
        """Yield `wanted` attributes drawn at random, reads and stores alike."""
        sites = [
            (file, site) for file in self._files for site in attribute_sites(file) if _is_plain(file, site)
        ]
        for file, site in self._drawn(sites, wanted):
            line_end = file.text.find("\n", site.offset)
            hole = self._hole(file, site.offset, line_end if line_end >= 0 else len(file.text))
            members = self._oracle.members(hole.document, site.offset)
            is_closed = members.closed and members.evidence >= Evidence.INFERRED
            yield Site(
                self._package.name,
                str(file.path.relative_to(self._package.root)),
                site.offset,
                len(file.text) - len(hole.after),
                self._table(hole),
                site.gold,
                site.use,
                site.kind,
                site.receiver,
                tuple(sorted(name for name in members.names if not is_dunder(name))) if is_closed else None,
            )

    def blocks(self, wanted: int) -> Iterator[Site]:
        """Yield `wanted` runs of whole statements in functions, in which members are asked for."""
        spans = [(file, span) for file in self._files for span in _block_spans(file)]
        for file, (start, end) in self._drawn(spans, wanted):
            hole = self._hole(file, start, end)
            path = str(file.path.relative_to(self._package.root))
            yield Site(self._package.name, path, start, end, self._table(hole))

    def _hole(self, file: SourceFile, start: int, end: int) -> Hole:
        if self._whole is None or self._whole.text is not file.text:  # Sites come in the order of the files.
            self._whole = Document(file.text, str(file.path), file.module)
            assert self._whole.chunks, "the file is read before it is edited"
            path = str(file.path.relative_to(self._package.root))
            self.files[f"{self._package.name}/{path}"] = file.text
        return Hole(self._whole.edited(file.text[:start] + file.text[end:]), start)

    def _table(self, hole: Hole) -> str:
        table = build_table(self._oracle, hole)
        self.tables.setdefault(table.digest, base64.b64encode(table.encode()).decode())
        return table.digest

    def _drawn(self, things: list[Drawn], wanted: int) -> list[Drawn]:
        return [
            things[number]
            for number in sorted(self._chance.sample(range(len(things)), min(wanted, len(things))))
        ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packages", default=PACKAGES, help="names with commas between them")
    parser.add_argument("--attributes", type=int, default=170, help="a package")
    parser.add_argument("--blocks", type=int, default=16, help="a package")
    parser.add_argument("--output", type=Path, default=SITES)
    return parser.parse_args()


def _is_plain(file: SourceFile, site: AttributeSite) -> bool:
    """Say whether receiver, dot and name stand together, so that both sides of the dot are places to begin at."""
    behind = site.offset + 1
    return file.text.startswith(site.gold, behind) and not file.text[site.offset - 1 : site.offset].isspace()


def _block_spans(file: SourceFile) -> Iterator[tuple[int, int]]:
    """Yield runs of whole statements of a function's body, as long as fit into `BLOCK_LINES`; they never overlap."""
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        run: list[ast.stmt] = []
        for statement in node.body[1:]:  # The first stays, so that the function is never empty.
            if run and _last_line(statement) - run[0].lineno >= BLOCK_LINES:
                yield from _span(file, run)
                run = []
            run.append(statement)
        yield from _span(file, run)


def _span(file: SourceFile, run: list[ast.stmt]) -> Iterator[tuple[int, int]]:
    if not run or not MIN_BLOCK_LINES <= _last_line(run[-1]) - run[0].lineno + 1 <= BLOCK_LINES:
        return
    attributes = sum(isinstance(one, ast.Attribute) for statement in run for one in ast.walk(statement))
    if attributes >= MIN_BLOCK_ATTRIBUTES and run[0].col_offset:
        assert run[-1].end_col_offset is not None, "parsed nodes have ends"
        end = file.lines.offset(_last_line(run[-1]), run[-1].end_col_offset)
        yield file.lines.offset(run[0].lineno, run[0].col_offset), end


def _last_line(statement: ast.stmt) -> int:
    assert statement.end_lineno is not None, "parsed nodes have ends"
    return statement.end_lineno


def _site_of(content: dict[str, object]) -> Site:
    closed = content.pop("closed")
    return Site(**content, closed=None if closed is None else tuple(closed))  # type: ignore[arg-type]


def _key(site: Site) -> str:
    return f"{site.package}/{site.path}"


if __name__ == "__main__":
    main()
