"""Prints the tables of what the arms wrote, with denominators and 95 % intervals.

    python tests/bench/guided/report.py --style fused

Rates have Wilson intervals; a reduction is the share of the unguided arm's invalid names that is gone, with an interval by
bootstrap over the sites. Harmed and helped are the sites at which the next identifier was right without guidance and is
not with it, and the other way round.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.guided.evaluate import ARMS, NAME_TOKENS, SETTINGS, WORK, read_rows
from bench.guided.ours import has_mistake
from bench.guided.sites import Site, Sites, load_sites

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.monitors.tables import is_dunder

RESAMPLES = 2000
_WORD = re.compile(r"[^\W\d]\w*")
_ASSIGNED = re.compile(r"\s*\w+\s*=(?!=)")
_FIRST_WORD = re.compile(r"\s*([^\W\d]\w*)")


@dataclass
class Group:
    """All sites of one setting: of each site what each arm wrote there."""

    setting: str
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def column(self, arm: str, value: Callable[[str, Any], float]) -> np.ndarray[Any, Any]:
        """Return one number a site."""
        return np.array([value(name, arms[arm]) for name, arms in self.rows.items()], dtype=float)


def main() -> None:
    """Print one table a setting."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--style", default="fused")
    parser.add_argument("--work", type=Path, default=WORK)
    options = parser.parse_args()
    sites = load_sites(options.work / "sites")
    folder = options.work / options.style
    groups = _groups(folder)
    verdicts = _verdicts(folder / "verdicts.jsonl")
    for setting in SETTINGS:
        if setting in groups:
            print("\n".join(_table(groups[setting], sites, verdicts)) + "\n")


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate (Wilson 1927), in per cent."""
    if not of:
        return 0.0, 100.0
    z, rate = 1.96, hits / of
    middle = rate + z * z / (2 * of)
    half = z * np.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of))
    scale = 100 / (1 + z * z / of)
    return max(float((middle - half) * scale), 0.0), float((middle + half) * scale)


def reduction(before: Sequence[float], after: Sequence[float]) -> tuple[float, float, float]:
    """Return by how many per cent a sum falls, with its 95 % interval by paired bootstrap over the sites."""
    pairs = np.stack([np.asarray(before, float), np.asarray(after, float)], 1)
    chance = np.random.default_rng(0)
    drawn = pairs[chance.integers(0, len(pairs), (RESAMPLES, len(pairs)))].sum(1)
    drawn = drawn[drawn[:, 0] > 0]
    falls = 100 * (1 - drawn[:, 1] / drawn[:, 0])
    low, high = np.percentile(falls, [2.5, 97.5])
    whole = pairs.sum(0)
    return float(100 * (1 - whole[1] / whole[0])), float(low), float(high)


def _table(group: Group, sites: Sites, verdicts: dict[tuple[str, str, str], Any]) -> Iterator[str]:
    yield f"### `{group.setting}`: {len(group.rows)} sites\n"
    yield "| figure | " + " | ".join(ARMS) + " |"
    yield "|---|" + "---|" * len(ARMS)
    if group.setting != "block":
        yield from _name_lines(group, sites)
    if group.setting in ("line", "block"):
        yield from _sequence_lines(group, sites)
        yield from _review_lines(group, verdicts)
    yield from _cost_lines(group)


def _name_lines(group: Group, sites: Sites) -> Iterator[str]:
    """Yield what became of the name behind the dot."""
    attributes = sites.named(group.setting)
    closed = {name for name in group.rows if _is_judged(attributes[name])}
    within = Group(group.setting, {name: group.rows[name] for name in closed})
    invalid = {arm: within.column(arm, lambda n, row: _is_invalid(attributes[n], row)) for arm in ARMS}
    yield _rates("invalid names, closed reads", invalid)
    yield _reductions("... fewer than unguided", invalid)
    if group.setting == "dot":
        known = sum(_is_known(sites, attributes[name]) for name in closed)
        yield f"| closed reads of which the guide knows the members | {known} of {len(closed)} |" + " |" * 3
        refused = [name for name in group.rows if _refuses_truth(sites, attributes[name])]
        yield f"| true lines that the guide refuses | {len(refused)} of {len(group.rows)} |" + " |" * 3
    for title, chosen in (
        ("next identifier right, all", group.rows),
        ("next identifier right, closed reads", within.rows),
        ("next identifier right, stores", [n for n in group.rows if attributes[n].use == "store"]),
    ):
        part = Group(group.setting, {name: group.rows[name] for name in chosen})
        right = {arm: part.column(arm, lambda n, row: _word(row) == attributes[n].gold) for arm in ARMS}
        yield _rates(title, right)
        yield _harm(title, right)


def _sequence_lines(group: Group, sites: Sites) -> Iterator[str]:
    """Yield the identifier sequence match: how much of the true identifiers, from the beginning, was written."""

    named = sites.named(group.setting)

    def share(name: str, row: Any) -> float:
        site = named[name]
        true, written = _WORD.findall(sites.removed(site)), _WORD.findall(row["text"])
        same = 0
        while same < min(len(true), len(written)) and true[same] == written[same]:
            same += 1
        return same / len(true)

    cells = []
    for arm in ARMS:
        shares = group.column(arm, share)
        half = 1.96 * shares.std() / np.sqrt(len(shares))
        cells.append(f"{100 * shares.mean():.1f} % ± {100 * half:.1f}")
    yield "| identifier sequence match | " + " | ".join(cells) + " |"


def _review_lines(group: Group, verdicts: dict[tuple[str, str, str], Any]) -> Iterator[str]:
    """Yield what the review says of the texts, of those sites at which it was asked."""
    judged = {
        name: arms
        for name, arms in group.rows.items()
        if all((group.setting, name, arms[arm]["text"]) in verdicts for arm in ARMS)
    }
    if not judged:
        return
    part = Group(group.setting, judged)

    def of(field_name: str) -> dict[str, np.ndarray[Any, Any]]:
        def value(name: str, row: Any) -> float:
            verdict = verdicts[group.setting, name, row["text"]]
            return len(verdict["wrong"]) if field_name == "wrong" else float(verdict[field_name])

        return {arm: part.column(arm, value) for arm in ARMS}

    wrong, right, unknown, lines = of("wrong"), of("right"), of("unknown"), of("lines")
    cells = []
    for arm in ARMS:
        parsed = int((lines[arm] > 0).sum())
        cells.append(f"{parsed} of {len(judged)} ({100 * parsed / len(judged):.0f} %)")
    yield "| texts that the review could read | " + " | ".join(cells) + " |"
    cells = []
    for arm in ARMS:
        bad, all_ = int(wrong[arm].sum()), int((wrong[arm] + right[arm]).sum())
        low, high = wilson(bad, all_)
        cells.append(f"{bad} of {all_} ({100 * bad / max(all_, 1):.1f} %, {low:.1f}-{high:.1f})")
    yield "| members that certainly do not exist, of those judged | " + " | ".join(cells) + " |"
    yield _reductions("... fewer than unguided", wrong)
    cells = [f"{100 * wrong[arm].sum() / max(lines[arm].sum(), 1):.1f}" for arm in ARMS]
    yield "| ... a hundred lines | " + " | ".join(cells) + " |"
    cells = [f"{int(unknown[arm].sum())}" for arm in ARMS]
    yield "| members of which nothing is certain | " + " | ".join(cells) + " |"


def _cost_lines(group: Group) -> Iterator[str]:
    sums = {
        arm: {key: group.column(arm, lambda _, row, key=key: row[key]).sum() for key in ("tokens", "drawn")}
        for arm in ARMS
    }
    yield "| tokens kept | " + " | ".join(f"{sums[arm]['tokens']:.0f}" for arm in ARMS) + " |"
    cells = [
        f"{sums[arm]['drawn'] - sums[arm]['tokens']:.0f} ({100 * (1 - sums[arm]['tokens'] / sums[arm]['drawn']):.2f} %)"
        for arm in ARMS
    ]
    yield "| ... taken back, of all drawn | " + " | ".join(cells) + " |"
    violations = {arm: group.column(arm, lambda _, row: row["has_mistake"]) for arm in ARMS}
    yield _rates("texts with a mistake by the guide", violations)
    cells = []
    for arm in ARMS:
        seconds = group.column(arm, lambda _, row: row["guidance_s"])
        cells.append(f"{1e6 * seconds.sum() / sums[arm]['drawn']:.0f}")
    yield "| guidance, µs CPU a token | " + " | ".join(cells) + " |"


def _rates(title: str, hits: dict[str, np.ndarray[Any, Any]]) -> str:
    cells = []
    for arm in ARMS:
        count, of = int(hits[arm].sum()), len(hits[arm])
        low, high = wilson(count, of)
        cells.append(f"{count} of {of} ({100 * count / max(of, 1):.1f} %, {low:.1f}-{high:.1f})")
    return f"| {title} | " + " | ".join(cells) + " |"


def _reductions(title: str, counts: dict[str, np.ndarray[Any, Any]]) -> str:
    cells = ["-"]
    for arm in ARMS[1:]:
        if counts[ARMS[0]].sum():
            fall, low, high = reduction(list(counts[ARMS[0]]), list(counts[arm]))
            cells.append(f"{fall:.1f} % ({low:.1f}-{high:.1f})")
        else:
            cells.append("-")
    return f"| {title} | " + " | ".join(cells) + " |"


def _harm(title: str, right: dict[str, np.ndarray[Any, Any]]) -> str:
    cells = ["-"]
    for arm in ARMS[1:]:
        harmed = int(((right[ARMS[0]] == 1) & (right[arm] == 0)).sum())
        helped = int(((right[ARMS[0]] == 0) & (right[arm] == 1)).sum())
        cells.append(f"{harmed} : {helped}")
    return "| ... harmed : helped | " + " | ".join(cells) + " |"


def _is_judged(site: Site) -> bool:
    return site.closed is not None and site.use == "load"


def _is_known(sites: Sites, site: Site) -> bool:
    """Say whether the symbol table knows the receiver as well as the oracle does: only then can a mask help."""
    guide = Guide(sites.tables[site.table], before=sites.before(site) + ".", after=sites.after(site))
    return guide.legal is not None


def _refuses_truth(sites: Sites, site: Site) -> bool:
    """Say whether the guide finds a mistake in what really stands there."""
    start = Guide(sites.tables[site.table], before=sites.before(site), after=sites.after(site))
    return has_mistake(start, sites.removed(site))


def _is_invalid(site: Site, row: Any) -> bool:
    """Say whether the receiver certainly has no member of the name that was written.

    A name that is assigned to comes to be thereby; one that the limit of tokens cut may have been going to be right.
    """
    name = _word(row)
    assert site.closed is not None, "only closed sites are judged"
    if not name or name in site.closed or is_dunder(name) or _ASSIGNED.match(row["text"]):
        return False
    is_cut = row["setting"] != "line" and row["tokens"] >= NAME_TOKENS
    return not (is_cut and any(one.startswith(name) for one in site.closed))


def _word(row: Any) -> str:
    found = _FIRST_WORD.match(row["text"])
    return found[1] if found else ""


def _groups(folder: Path) -> dict[str, Group]:
    """Return the complete rows by setting."""
    groups: dict[str, Group] = {}
    for row in read_rows(folder):
        group = groups.setdefault(row["setting"], Group(row["setting"]))
        group.rows.setdefault(row["site"], {})[row["arm"]] = row
    for group in groups.values():
        group.rows = {name: arms for name, arms in group.rows.items() if set(arms) == set(ARMS)}
    return groups


def _verdicts(path: Path) -> dict[tuple[str, str, str], Any]:
    if not path.exists():
        return {}
    verdicts = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {(one["setting"], one["site"], one["text"]): one for one in verdicts}


if __name__ == "__main__":
    main()
