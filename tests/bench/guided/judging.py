"""Asks the review, as `tracemend check` would, whether what was written asks for members that certainly do not exist.

    python tests/bench/guided/judging.py --style fused --sites 600       # verdicts in build/guided/fused/verdicts.jsonl

What was written is put into its hole, and the member monitor judges the attributes in it: other code than the guide's,
with the whole file to look at instead of a table. A file that does not parse cannot be reviewed; of a block the lines up to
the first that breaks it are. Equal texts are judged once.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.guided.evaluate import WORK, read_rows
from bench.guided.sites import Site, Sites, load_sites
from bench.oracle_packages import Package, packages_named, prepare
from bench.projects import cache_dir

from tracemend.analysis.monitors.guards import Guard
from tracemend.analysis.monitors.members import MemberMonitor
from tracemend.analysis.monitors.protocol import Finding, Silent
from tracemend.analysis.monitors.sites import FileView, NodeT
from tracemend.analysis.symbols.environment import PythonEnvironment, probe_environment
from tracemend.analysis.symbols.index import Index
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.oracle import Oracle

SETTINGS = ("line", "block")


@dataclass(frozen=True)
class Verdict:
    """The members that one text asks for: right, wrong, and those of which nothing is certain."""

    setting: str
    site: str
    text: str
    lines: int  # Those that could be judged, 0 if none.
    right: int
    unknown: int
    wrong: tuple[str, ...]


class Judge:
    """The review of one package."""

    def __init__(self, package: Package, environment: PythonEnvironment) -> None:
        self._root = package.root
        self.index = Index(package.root, environment, cache=cache_dir() / "oracle" / "index")
        self._oracle = Oracle(self.index)
        self._documents: dict[str, Document] = {}

    def verdict(self, sites: Sites, site: Site, setting: str, text: str) -> Verdict:
        """Judge `text` in the hole of `site`."""
        before, after = sites.before(site), sites.after(site)
        head = "." if setting == "line" else ""
        for lines in range(text.count("\n") + 1, 0, -1):
            part = head + "\n".join(text.split("\n")[:lines])
            tree = _parsed(before + part + after)
            if tree is not None:
                return self._judged(sites, site, setting, text, part, tree)
        return Verdict(setting, site.name, text, 0, 0, 0, ())

    def _judged(
        self, sites: Sites, site: Site, setting: str, text: str, part: str, tree: ast.Module
    ) -> Verdict:
        before = sites.before(site)
        document = self._document(sites, site).edited(before + part + sites.after(site))
        view = _Part(document, tree, self._oracle, self.index, len(before), len(before) + len(part))
        right = unknown = 0
        wrong: list[str] = []
        for verdict in MemberMonitor(self._oracle).review(view):
            if isinstance(verdict, Finding):
                wrong.append(document.text[verdict.start : verdict.end])
            elif isinstance(verdict, Silent):
                unknown += 1
            else:
                right += 1
        return Verdict(setting, site.name, text, part.count("\n") + 1, right, unknown, tuple(wrong))

    def _document(self, sites: Sites, site: Site) -> Document:
        """Return the file as it was before it was edited, read once."""
        if site.path not in self._documents:
            path = self._root / site.path
            text = sites.before(site) + sites.removed(site) + sites.after(site)
            document = Document(text, str(path), self.index.module_name(str(path)) or "")
            assert document.chunks, "the file is read before it is edited"
            self._documents[site.path] = document
        return self._documents[site.path]


class _Part(FileView):
    """A file of which only the characters [start, end) are judged."""

    def __init__(
        self, document: Document, tree: ast.Module, oracle: Oracle, index: Index, start: int, end: int
    ) -> None:
        super().__init__(document, tree, oracle, index)
        self._start, self._end = start, end

    def sites(self, wanted: type[NodeT]) -> Iterator[tuple[NodeT, Guard]]:
        for node, guard in super().sites(wanted):
            if self._start < self.span(node)[1] <= self._end:
                yield node, guard


def main() -> None:
    """Judge what was written at the first sites of each setting, package by package."""
    options = _options()
    folder = options.work / options.style
    sites = load_sites(options.work / "sites")
    output = folder / "verdicts.jsonl"
    wanted = _wanted(folder, output, options.sites)
    by_package: dict[str, list[tuple[Site, str, str]]] = {}
    named = {setting: sites.named(setting) for setting in SETTINGS}
    for setting, name, text in wanted:
        site = named[setting][name]
        by_package.setdefault(site.package, []).append((site, setting, text))
    packages = packages_named(",".join(by_package))
    environment = probe_environment(prepare(packages))
    started = time.process_time()
    for package in packages:
        judge = Judge(package, environment)
        with output.open("a", encoding="utf-8") as file:
            for site, setting, text in by_package.get(package.name, ()):
                verdict = judge.verdict(sites, site, setting, text)
                file.write(json.dumps(asdict(verdict)) + "\n")
                file.flush()
        judge.index.close()
        print(f"{package.name}: {time.process_time() - started:.0f} CPU s so far", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--style", default="fused")
    parser.add_argument(
        "--sites", type=int, default=600, help="a setting, in the order in which they were written"
    )
    parser.add_argument("--work", type=Path, default=WORK)
    return parser.parse_args()


def _wanted(folder: Path, output: Path, sites: int) -> list[tuple[str, str, str]]:
    """Return setting, site and text of what is to be judged and was not, each once."""
    judged: set[tuple[str, str, str]] = set()
    if output.exists():
        known = map(json.loads, output.read_text(encoding="utf-8").splitlines())
        judged = {(one["setting"], one["site"], one["text"]) for one in known}
    chosen: dict[str, dict[str, None]] = {setting: {} for setting in SETTINGS}
    wanted: dict[tuple[str, str, str], None] = {}
    for row in read_rows(folder):
        of_setting = chosen.get(row["setting"])
        if of_setting is None or (row["site"] not in of_setting and len(of_setting) >= sites):
            continue
        of_setting[row["site"]] = None
        wanted[row["setting"], row["site"], row["text"]] = None
    return [one for one in wanted if one not in judged]


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


if __name__ == "__main__":
    main()
