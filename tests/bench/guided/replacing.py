"""How often a name that takes the place of an invented one is the right one, beside asking the model again.

    python tests/bench/guided/evaluate.py && python tests/bench/guided/replacing.py

Looked at are the attributes of `sites.py` at which the unguided model (`line`: drawn at temperature 0.8) began with a member
that its receiver certainly lacks. The file around the hole chooses among the legal ones, as the stream guard lets it do where
it has no request left; beside it stand what the same model writes under masks, and when it is taken back and asked again.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.guided.sites import Site, load_sites
from bench.oracle_figures import wilson

from tracemend.analysis.monitors.nearest import nearest_names
from tracemend.repair.completion.ngrams import likeliest_name

WORK = Path(__file__).parents[3] / "build" / "guided"
_NAME = re.compile(r"\w*")


def main() -> None:
    """Judge every replacement, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--style", default="fused")
    parser.add_argument("--work", type=Path, default=WORK)
    options = parser.parse_args()
    sites = load_sites(options.work / "sites")
    named = sites.named("line")
    found, right, total = Counter[str](), Counter[str](), 0
    for name, written in _first_names(options.work / options.style).items():
        site = named[name]
        if not _is_invented(site, written["unguided"]):
            continue
        total += 1
        choose = likeliest_name(sites.before(site), sites.after(site))
        near = nearest_names(written["unguided"], site.closed or ())
        choices = {
            "masks": written["ours"],
            "taken back and asked again": written["rewinding"],
            "the one nearest name": near[0] if len(near) == 1 else None,
            "the likeliest by the file": choose(".", site.closed or ()),
        }
        for way, choice in choices.items():
            found[way] += choice is not None
            right[way] += choice == site.gold
    print(
        f"{total} invented members\n\n| way | a name was there | right | of those, % (95 %) |\n|---|---|---|---|"
    )
    for way in found:
        low, high = wilson(right[way], found[way])
        share = 100 * right[way] / max(found[way], 1)
        print(f"| {way} | {found[way]} | {right[way]} | {share:.1f} ({100 * low:.1f}-{100 * high:.1f}) |")


def _first_names(folder: Path) -> dict[str, dict[str, str]]:
    """Return the first name that each arm wrote at each site."""
    names: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("rows-name,dot,line-*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["setting"] == "line":
                name = _NAME.match(row["text"])
                names.setdefault(row["site"], {})[row["arm"]] = name[0] if name else ""
    return names


def _is_invented(site: Site, name: str) -> bool:
    is_judged = site.closed is not None and site.use == "load" and bool(name) and not name.startswith("__")
    return is_judged and name not in (site.closed or ())


if __name__ == "__main__":
    main()
