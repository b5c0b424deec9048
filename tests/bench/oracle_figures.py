"""Turns the answers of an oracle run into tables: numerator, denominator and 95 % interval for every share."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import sqrt

from bench.oracle_asking import MemberAnswer
from bench.oracle_names import NameAnswer

Z_95 = 1.959964
MOST_REASONS = 25


def wilson(successes: int, total: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson, 1927), which holds near 100 % where the normal one does not."""
    if total == 0:
        return 0.0, 1.0
    share = successes / total
    centre = share + Z_95**2 / (2 * total)
    spread = Z_95 * sqrt(share * (1 - share) / total + Z_95**2 / (4 * total**2))
    scale = 1 + Z_95**2 / total
    return max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)


def member_tables(answers: Sequence[MemberAnswer]) -> str:
    """Return the tables of attribute questions, one section for each engine asked."""
    sections = []
    for who in dict.fromkeys(answer.who for answer in answers):
        mine = [answer for answer in answers if answer.who == who]
        loads = [answer for answer in mine if answer.use == "load"]
        stores = [answer for answer in mine if answer.use == "store"]
        sections += [
            f"## {who}: {len(loads)} loads, {len(stores)} stores ({sum(one.closed for one in stores)} closed)\n",
            _soundness_line("all loads", loads),
            _rejection_lines(loads),
            _latency_line(mine),
            _grouped("package", loads, lambda answer: answer.package),
            _grouped("kind of package", loads, lambda answer: "typed" if answer.typed else "untyped"),
            _grouped("kind of file", loads, lambda answer: "test" if answer.is_test else "source"),
            _grouped("receiver", loads, lambda answer: answer.kind),
            _reasons(loads),
        ]
    return "\n".join(sections)


def name_tables(answers: Sequence[NameAnswer]) -> str:
    """Return the tables of bare names and imports."""
    sections = []
    for what in dict.fromkeys(answer.what for answer in answers):
        mine = [answer for answer in answers if answer.what == what]
        # Nothing is planted in a plain import.
        planted = [answer for answer in mine if not answer.gold.endswith(":")]
        active = [answer for answer in planted if answer.closed]
        rejected = sum(answer.misspelt_rejected for answer in active)
        sections += [
            f"## {what}s\n",
            _soundness_line(f"all {what}s", mine),
            f"misspelt ones rejected: {_share(rejected, len(active))} where closed, {_share(rejected, len(planted))} of all\n",
            _reasons(mine),
        ]
    return "\n".join(sections)


def _soundness_line(title: str, answers: Sequence[MemberAnswer] | Sequence[NameAnswer]) -> str:
    closed = [answer for answer in answers if answer.closed]
    wrong = sum(answer.wrong for answer in closed)
    return (
        f"{title}: sound {_share(len(closed) - wrong, len(closed))}, wrong {wrong}; "
        f"closed {_share(len(closed), len(answers))}"
    )


def _rejection_lines(answers: Sequence[MemberAnswer]) -> str:
    active = [answer for answer in answers if answer.closed]
    lines = []
    for title, is_rejected in (
        ("misspelt members", lambda answer: answer.misspelt_rejected),
        ("members of other receivers", lambda answer: answer.borrowed_rejected),
    ):
        rejected = sum(map(is_rejected, active))
        shares = f"{_share(rejected, len(active))} where closed, {_share(rejected, len(answers))} of all"
        lines.append(f"{title} rejected: {shares}")
    return "\n".join(lines)


def _latency_line(answers: Sequence[MemberAnswer]) -> str:
    query = percentiles([answer.seconds for answer in answers])
    edit = percentiles([answer.edit_seconds for answer in answers])
    line = f"same place again (p50/p90/p99/max): {query}; the first time, edited if need be: {edit}\n"
    if not any(answer.cpu_seconds for answer in answers):
        return line
    query_cpu = percentiles([answer.cpu_seconds for answer in answers])
    edit_cpu = percentiles([answer.edit_cpu_seconds for answer in answers])
    return f"{line}of it CPU: {query_cpu}; the first time: {edit_cpu}\n"


def percentiles(seconds: Sequence[float]) -> str:
    """Return p50, p90, p99 and the greatest of times in milliseconds."""
    if len(seconds) < 2:
        return "-"
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return "/".join(f"{value * 1000:.2f}" for value in (cuts[49], cuts[89], cuts[98], max(seconds))) + " ms"


def _grouped(title: str, answers: Sequence[MemberAnswer], key: Callable[[MemberAnswer], str]) -> str:
    groups: dict[str, list[MemberAnswer]] = defaultdict(list)
    for answer in answers:
        groups[key(answer)].append(answer)
    rows = [f"| {title} | sound | wrong | closed |", "|---|---|---|---|"]
    for name, mine in sorted(groups.items(), key=lambda item: -len(item[1])):
        closed = [answer for answer in mine if answer.closed]
        wrong = sum(answer.wrong for answer in closed)
        share = _share(len(closed), len(mine), interval=False)
        rows.append(f"| {name} | {_share(len(closed) - wrong, len(closed))} | {wrong} | {share} |")
    return "\n".join(rows) + "\n"


def _reasons(answers: Iterable[MemberAnswer] | Iterable[NameAnswer]) -> str:
    answers = list(answers)
    silent = Counter(answer.why for answer in answers if not answer.closed)
    rows = ["| silent because | of all |", "|---|---|"]
    rows += [
        f"| {why} | {_share(n, len(answers), interval=False)} |"
        for why, n in silent.most_common(MOST_REASONS)
    ]
    return "\n".join(rows) + "\n"


def _share(part: int, total: int, *, interval: bool = True) -> str:
    if total == 0:
        return "-"
    low, high = wilson(part, total)
    shown = f"{part}/{total} = {100 * part / total:.2f} %"
    return f"{shown} [{100 * low:.2f}, {100 * high:.2f}]" if interval else shown
