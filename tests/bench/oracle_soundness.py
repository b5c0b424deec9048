"""Measures the static oracle on real code: is what really stands there ever missing from an answer that claims to be closed?

    python tests/bench/oracle_soundness.py --sites 1500                  # rest of the file present, ~ 20,000 loads
    python tests/bench/oracle_soundness.py --condition prefix --sites 400
    python tests/bench/oracle_soundness.py --engine ty --peers ty,jedi,basedpyright --sites 100
    python tests/bench/oracle_soundness.py --condition full --packages toolz --misses misses.jsonl

Attributes are drawn at random, a number for each package, by a seed. `full` leaves the attribute in the text and is
fast; `--verify` asks in both ways and counts where the answers differ. With `--log FILE` a run that was ended goes on
where it stopped: packages whose answers to the same questions are on record are not asked again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.oracle_asking import Answers, MemberAnswer, Request, ask_package
from bench.oracle_figures import member_tables, name_tables, percentiles
from bench.oracle_names import NameAnswer
from bench.oracle_packages import PACKAGES, packages_named, prepare
from bench.oracle_sites import CONDITIONS
from bench.projects import cache_dir


def main() -> None:
    """Ask all packages, print the tables, and write what was missing."""
    options = _options()
    packages = packages_named(options.packages)
    python = prepare(packages)
    template = Request(
        packages[0],
        python,
        options.sites,
        options.seed,
        options.condition,
        options.engine,
        tuple(peer for peer in options.peers.split(",") if peer),
        options.tests,
        options.cache,
        options.sites // 2 if options.keywords is None else options.keywords,
        options.warm,
        options.verify,
    )
    requests = [replace(template, package=package) for package in packages]
    if options.misses:
        options.misses.write_text("", encoding="utf-8")
    started = time.perf_counter()
    answers = _answered(options.log, requests) if options.log else {}
    for request in requests:
        if options.misses and request in answers:
            _add_misses(options.misses, answers[request])
    open_requests = [request for request in requests if request not in answers]
    for request, one in _ask_all(open_requests, options.jobs):
        answers[request] = one
        if options.log:
            _add_answers(options.log, request, one)
        if options.misses:
            _add_misses(options.misses, one)
    members = [answer for one in answers.values() for answer in one.members]
    names = [answer for one in answers.values() for answer in one.names]
    print(f"# {options.condition}, engine {options.engine}, seed {options.seed}\n")
    print(member_tables(members))
    openings = [seconds for one in answers.values() for seconds in one.opening_cpu_seconds]
    print(f"first question about each of {len(openings)} texts, CPU: {percentiles(openings)}\n")
    print(name_tables(names))
    if options.verify:
        differences = [line for one in answers.values() for line in one.differences]
        print(f"answers that differ from those in the whole file: {len(differences)} of {len(members)}")
        print("\n".join(differences[:40]))
    cpu = sum(one.cpu_seconds for one in answers.values())
    print(f"{time.perf_counter() - started:.0f} s, {cpu:.0f} CPU s without those of child processes")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packages", default="", help=f"of {', '.join(one.name for one in PACKAGES)}")
    parser.add_argument("--sites", type=int, default=1500, help="attributes a package")
    parser.add_argument(
        "--keywords", type=int, help="keyword arguments a package; half of --sites unless said"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--condition", choices=CONDITIONS, default="rest")
    parser.add_argument(
        "--engine", choices=("none", "ty"), default="none", help="the oracle's external engine"
    )
    parser.add_argument(
        "--peers", default="", help="of ty, jedi, basedpyright: asked alone at the same sites"
    )
    parser.add_argument("--tests", action="store_true", help="the packages' tests as well")
    parser.add_argument("--jobs", type=int, default=1)
    cache = cache_dir() / "oracle" / "index"
    parser.add_argument("--cache", type=Path, default=cache, help="folder of the persisted symbol index")
    parser.add_argument("--warm", action="store_true", help="ask everything once before it is measured")
    parser.add_argument("--verify", action="store_true", help="ask in the whole file as well, and compare")
    parser.add_argument("--misses", type=Path, help="write wrong exclusions as JSON lines")
    parser.add_argument("--log", type=Path, help="keep the answers, a package a line, and go on from there")
    return parser.parse_args()


def _ask_all(requests: list[Request], jobs: int) -> Iterable[tuple[Request, Answers]]:
    if jobs == 1:
        yield from zip(requests, map(_ask_and_tell, requests), strict=True)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from zip(requests, pool.map(_ask_and_tell, requests), strict=True)


def _ask_and_tell(request: Request) -> Answers:
    answers = ask_package(request)
    print(
        f"{request.package.name}: {len(answers.members)} answers, {answers.cpu_seconds:.0f} CPU s",
        file=sys.stderr,
        flush=True,
    )
    return answers


def _answered(log: Path, requests: list[Request]) -> dict[Request, Answers]:
    """Return what `log` holds in answer to these very requests."""
    rows = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    by_key = {row["request"]: row["answers"] for row in rows}
    return {
        request: Answers(
            [MemberAnswer(**one) for one in found["members"]],
            [NameAnswer(**one) for one in found["names"]],
            found["differences"],
            found["cpu_seconds"],
            found["opening_cpu_seconds"],
        )
        for request in requests
        if (found := by_key.get(repr(request))) is not None
    }


def _add_answers(log: Path, request: Request, answers: Answers) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"request": repr(request), "answers": asdict(answers)}) + "\n")


def _add_misses(path: Path, answers: Answers) -> None:
    """Write the answers that exclude what stands there, stores and peers included."""
    with path.open("a", encoding="utf-8") as file:
        for answer in (*answers.members, *answers.names):
            if answer.wrong:
                file.write(json.dumps(asdict(answer)) + "\n")


if __name__ == "__main__":
    main()
