"""How well typed names are ranked, and what a question costs: replay of names in real code.

    python tests/bench/completion_names.py PROJECT [--names N] [--seed S]

Names of the files below PROJECT are drawn at random. Each is taken out of its text, as if it was about to be written (the dot
stands already), and asked for. The words of its own file are not in the model, but for the text above the cursor. Reported
are the share of names that are offered at all, how often the right one is among the first 1, 5 and 10, beside the same
names in the order of the alphabet, and the CPU time of a question in a warm process.
"""

from __future__ import annotations

import argparse
import ast
import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tracemend.analysis.review import Reviewer
from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.completion.names import suggest
from tracemend.repair.completion.ngrams import NgramModel

FIRSTS = (1, 5, 10)


@dataclass(frozen=True)
class Site:
    """A name that is used: characters [start, end) of a file."""

    path: Path
    start: int
    end: int
    name: str
    is_member: bool


@dataclass(frozen=True)
class Answered:
    """What came of a site: the place of the name among those offered, from 1 on, 0 for none."""

    site: Site
    rank: int
    alphabetical: int
    offered: int
    cpu_s: float


def main() -> None:
    """Replay and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("--names", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    root = options.project.resolve()
    reviewer = Reviewer(root, Path(sys.executable))
    model = NgramModel()
    paths = sorted(reviewer.index.workspace_files())
    for path in paths:
        model.update(str(path), path.read_text("utf-8", "replace"))
    sites = sorted((site for path in paths for site in sites_of(path)), key=lambda one: (one.path, one.start))
    chosen = random.Random(options.seed).sample(sites, min(options.names, len(sites)))
    found = [
        answered(reviewer, model, site) for site in sorted(chosen, key=lambda one: (one.path, one.start))
    ]
    for title, kind in (("members", True), ("names", False)):
        print_row(title, [one for one in found if one.site.is_member == kind])
    times = sorted(1000 * one.cpu_s for one in found)
    print(
        f"CPU of a question: p50 {statistics.median(times):.1f} ms, p99 {times[int(len(times) * 0.99)]:.1f} ms"
    )


def sites_of(path: Path) -> Iterator[Site]:
    """Yield the loads of names and members that stand on one line."""
    try:
        module = parse_module(str(path), path.read_text("utf-8", "replace"))
    except SyntaxError:
        return
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and module.has_exact_position(node)
        ):
            end = module.span(node)[1]
            yield Site(path, end - len(node.attr), end, node.attr, is_member=True)
        elif (
            isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and module.has_exact_position(node)
        ):
            start, end = module.span(node)
            yield Site(path, start, end, node.id, is_member=False)


def answered(reviewer: Reviewer, model: NgramModel, site: Site) -> Answered:
    """Ask for the name at a site whose own file the model has not seen."""
    text = site.path.read_text("utf-8", "replace")
    without = text[: site.start] + text[site.end :]
    model.update(str(site.path), None)
    document = reviewer.document(site.path, text)
    assert document.chunks, "an editor's document was read before the key that asks"
    started = time.process_time()
    found = suggest(reviewer.oracle, document.edited(without), site.start, model)
    cpu_s = time.process_time() - started
    model.update(str(site.path), text)
    names = [one.insert for one in found.names]
    return Answered(site, _rank(names, site.name), _rank(sorted(names), site.name), len(names), cpu_s)


def print_row(title: str, found: list[Answered]) -> None:
    """Print the figures of one kind of names."""
    answered_ones = [one for one in found if one.offered]
    offered = [one for one in found if one.rank]
    print(f"{title}: {len(found)} sites, {len(answered_ones)} answered, the name offered at {len(offered)}")
    for label, rank in (("ranked", lambda one: one.rank), ("alphabetical", lambda one: one.alphabetical)):
        shares = ", ".join(
            f"first {first}: {100 * sum(rank(one) <= first for one in offered) / max(1, len(offered)):.0f} %"
            for first in FIRSTS
        )
        print(f"  {label}: {shares}")


def _rank(names: list[str], name: str) -> int:
    return names.index(name) + 1 if name in names else 0


if __name__ == "__main__":
    main()
