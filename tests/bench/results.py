"""Keeps the verdicts of a benchmark run, so that it can be resumed, and prints its tables."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.protocol import Offer, Session


@dataclass(frozen=True)
class Verdict:
    """How one bug ended.

    `mended`: the visible tests are green with the top patch. `equal`: the program is the original one again.
    `correct`: it is equal, or every test of the sound project passes, the withheld ones included. `tested`: at least one
    test that the bug fails was withheld, so that `correct` does not rest on what the engine saw.
    """

    key: str
    group: str
    family: str
    mended: bool
    equal: bool
    correct: bool
    tested: bool
    confidence: str
    seconds: float
    cpu_seconds: float
    candidates: int
    origins: tuple[str, ...]
    diffs: tuple[str, ...]
    problem: str
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What plain pytest says of the project after the offers in `applied`; see `Verdict`."""

    applied: tuple[Offer, ...] = ()
    mended: bool = False
    equal: bool = False
    correct: bool = False


def verdict(
    key: str, group: str, family: str, session: Session, judgement: Judgement, *, tested: bool
) -> Verdict:
    """Join what the engine said with what the judge found; a project is mended with the least of its confidences."""
    sure = all(offer.confidence == "high" for offer in judgement.applied)
    return Verdict(
        key,
        group,
        family,
        mended=judgement.mended,
        equal=judgement.equal,
        correct=judgement.correct,
        tested=tested,
        confidence=("high" if sure else "low") if judgement.mended else "",
        seconds=round(session.seconds, 2),
        cpu_seconds=round(session.cpu_seconds, 2),
        candidates=session.candidates,
        origins=tuple(offer.origin for offer in session.offers),
        diffs=tuple(offer.diff for offer in session.offers),
        problem=session.problem,
        doubts=tuple(doubt for offer in session.offers for doubt in offer.doubts),
    )


class ResultLog:
    """An append-only JSONL file of verdicts; a bug that it holds is not run again."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.verdicts: dict[str, Verdict] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                told = json.loads(line)
                told |= {name: tuple(told.get(name, ())) for name in ("origins", "diffs", "doubts")}
                self.verdicts[told["key"]] = Verdict(**told)

    def add(self, found: Verdict) -> None:
        self.verdicts[found.key] = found
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(found)) + "\n")


def describe(found: Verdict) -> str:
    """Return one line about one bug."""
    if found.problem:
        ending = f"PROBLEM {found.problem}"
    elif not found.mended:
        ending = "no patch" if not found.diffs else "patch does not hold"
    else:
        judged = "equal" if found.equal else "correct" if found.correct else "OVERFIT"
        ending = f"{judged} ({found.confidence})"
    return f"{found.key:44} {ending:24} {found.seconds:6.1f} s {found.candidates:6} candidates"


def print_tables(verdicts: Sequence[Verdict]) -> None:
    """Print a table by group, one by family, and the totals."""
    if not verdicts:
        print("Nothing was run.")
        return
    for title, key in (("group", lambda found: found.group), ("family", lambda found: found.family)):
        _print_table(title, verdicts, key)
    high = [found for found in verdicts if found.confidence == "high"]
    shown = [found for found in verdicts if found.mended]
    fast = sorted(found.seconds for found in shown)
    cpu = sorted(found.cpu_seconds for found in shown)
    print(f"\nmended              {_share(shown, verdicts)}")
    print(f"mended correctly    {_share([found for found in verdicts if found.correct], verdicts)}")
    print(f"first patch right   {_share([found for found in shown if found.correct], shown)}")
    print(f"high is right       {_share([found for found in high if found.correct], high)}")
    tested = [found for found in high if found.tested]
    print(f"  … withheld killer {_share([found for found in tested if found.correct], tested)}")
    if fast:
        print(f"seconds to finish   median {statistics.median(fast):.1f}, p90 {_p90(fast):.1f}")
        print(f"CPU seconds         median {statistics.median(cpu):.1f}, p90 {_p90(cpu):.1f}")
    problems = [found for found in verdicts if found.problem]
    print(f"tool problems       {len(problems)}")


def _print_table(title: str, verdicts: Sequence[Verdict], key: Callable[[Verdict], str]) -> None:
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for found in verdicts:
        groups[key(found)].append(found)
    print(
        f"\n{title:24} {'bugs':>5} {'mended':>7} {'correct':>8} {'equal':>6} {'high':>5} {'right':>6} {'median s':>9}"
    )
    for name in sorted(groups):
        rows = groups[name]
        high = [found for found in rows if found.confidence == "high"]
        counts = (
            f"{len(rows):5} {sum(found.mended for found in rows):7} {sum(found.correct for found in rows):8} "
            f"{sum(found.equal for found in rows):6} {len(high):5} {sum(found.correct for found in high):6}"
        )
        print(f"{name:24} {counts} {statistics.median(found.seconds for found in rows):9.1f}")


def _share(part: Sequence[Verdict], whole: Sequence[Verdict]) -> str:
    percent = f"{100 * len(part) / len(whole):.1f} %" if whole else "none"
    return f"{len(part)} of {len(whole)} ({percent})"


def _p90(ordered: Sequence[float]) -> float:
    return ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))]
