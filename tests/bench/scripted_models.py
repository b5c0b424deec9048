"""Measures what scripted models of known quality are trusted with, over real HTTP, on hundreds of failures.

A scripted model writes the reference solution with probability P, a wrong one that passes every visible test with Q, an
attack on whoever runs or judges it with I, and else something malformed; `--mix P,Q,I` names a model. The models are asked
by turns, one for each failure (`scripted_failures.py`), in an order that is drawn, so that a run that is stopped is a sample.
The templates are switched off, so that only the model's patches count. Asked is: how many patches of high confidence
are wrong, what does a bug cost in tokens and in runs, is a cap ever exceeded?

python tests/bench/scripted_models.py --log scripted.jsonl --planted 3
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.programs import Program
from bench.scripted_answers import author_of, is_attack
from bench.scripted_failures import AskedFailure, Judge, usable_programs, written
from openai_server import Asked, Author, OpenAIServer, Say

import tracemend.repair.engine as engine_module
from tracemend.repair.engine import Engine
from tracemend.repair.models.capabilities import Capabilities, remember
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.propose.strategies.advisors import advisors_for
from tracemend.repair.reports import FixOptions
from tracemend.repair.runner.settings import Project, RunnerSettings

CHARACTERS_A_TOKEN = 3.5
MIXES = ("0.7,0.15,0.1", "0.5,0.3,0.1", "0.35,0.35,0.15", "0.2,0.5,0.15")


@dataclass(frozen=True)
class Row:
    """What came of one failure with one model."""

    failure: str
    strategy: str
    seed: int
    mix: str  # "P,Q,I".
    cap: int  # Tokens that the whole job may take.
    wrongs: int  # How many different plausible wrong answers the model has.
    drawn: tuple[str, ...] = ()
    status: str = ""
    confidence: str = ""  # Of the best patch, "" where there is none.
    correct: bool | None = None
    runs: int = 0
    tokens: int = 0  # As the server counted them.
    doubts: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What is not measured again."""
        return self.failure, self.strategy, self.seed, self.mix, self.cap


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log", type=Path, required=True, help="JSONL file to resume from and append to")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="programs to run")
    parser.add_argument("--limit", type=int, help="programs to run")
    parser.add_argument(
        "--planted", type=int, default=3, help="planted bugs of each program, besides its own"
    )
    parser.add_argument(
        "--mix", action="append", metavar="P,Q,I", help="how often right, plausible and wrong, attacking"
    )
    parser.add_argument("--strategy", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-tokens", type=int, default=200_000, help="cap of each job")
    parser.add_argument("--max-time", type=float, default=120)
    parser.add_argument("--summary", action="store_true", help="only tell what the log holds")
    arguments = parser.parse_args()
    engine_module.all_operators = lambda: ()
    if not arguments.summary:
        programs = [one for one in usable_programs() if not arguments.only or one.name in arguments.only]
        random.Random(arguments.seed).shuffle(programs)
        measured = finished(read_rows(arguments.log), arguments)
        for number, program in enumerate(programs[: arguments.limit]):
            if program.name not in measured:
                measure(program, number, arguments)
    print_summary(read_rows(arguments.log))


def read_rows(log: Path) -> list[Row]:
    """Return what was measured already."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [Row(**json.loads(line)) for line in lines]


def finished(rows: Sequence[Row], arguments: argparse.Namespace) -> set[str]:
    """Return the programs that are measured already: those before the last one, in which a run may have been stopped."""
    wanted = (arguments.strategy, arguments.seed, arguments.max_tokens)
    own = [row for row in rows if (row.strategy, row.seed, row.cap) == wanted]
    names = list(dict.fromkeys(row.failure.partition("/")[0] for row in own))
    return set(names[:-1])


def measure(program: Program, number: int, arguments: argparse.Namespace) -> None:
    """Let scripted models mend the failures of one program by turns, and log what came of each."""
    done = {row.key for row in read_rows(arguments.log)}
    mixes = arguments.mix or MIXES
    models = [mixes[(number + turn) % len(mixes)] for turn in range(arguments.planted + 1)]
    with tempfile.TemporaryDirectory() as folder, Judge(Path(folder) / "judge", program) as judge:
        failures = judge.failures(arguments.planted, arguments.seed)
        for failure, mix in zip(failures, models, strict=False):
            row = Row(
                failure.key,
                arguments.strategy,
                arguments.seed,
                mix,
                arguments.max_tokens,
                len(failure.wrong),
            )
            if row.key not in done:
                files = {**program.visible, judge.path: failure.buggy}
                project = written(Path(folder) / failure.key.replace("/", "-"), files)
                note(asked(row, failure, project, judge, arguments.max_time), arguments.log)


def note(row: Row, log: Path) -> None:
    """Write down what came of one failure."""
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(row)) + "\n")
    told = f"{row.status:9} {row.confidence:5} {row.correct!s:6} {row.runs:3} runs"
    print(f"{row.failure:28} {row.mix:15} {told}", flush=True)


def asked(row: Row, failure: AskedFailure, project: Project, judge: Judge, max_time_s: float) -> Row:
    """Run the engine with one scripted model, and return the row with what came of it."""
    correct, plausible, attacking = map(float, row.mix.split(","))
    author = author_of(
        failure.buggy, judge.fixed, failure.wrong, (correct, plausible, attacking), str(row.key)
    )
    counter = Counter(author)
    with OpenAIServer(counter) as server:
        settings = ModelSettings(server.base_url, "scripted", max_tokens=row.cap)
        # Else that would be found out, by drawing answers.
        remember(server.base_url, "scripted", Capabilities("scripted"))
        options = FixOptions(max_time_s=max_time_s, jobs=1)
        with advisors_for(settings, strategy=row.strategy) as advisors:
            engine = Engine(project, RunnerSettings(), options, advisors=advisors)
            report = engine.fix(lambda event: None, threading.Event())
    best = next((one.patches[0] for one in report.failures if one.patches), None)
    text = best.patch.sources.get(judge.path) if best else None
    return replace(
        row,
        drawn=tuple(author.drawn),
        status="mended" if report.mended else "unmended",
        confidence=best.confidence if best else "",
        correct=judge.is_right(text) and not is_attack(text) if text is not None else None,
        runs=sum(one.candidates for one in report.failures),
        tokens=counter.tokens,
        doubts=tuple(best.verdict["doubts"]) if best else (),
    )


class Counter:
    """Has the server say how many tokens a request took, at a usual number of characters for one, and sums them up."""

    def __init__(self, author: Author) -> None:
        self.tokens = 0
        self._author = author

    def __call__(self, asked: Asked) -> Say:
        text = str(self._author(asked))
        usage = int(len(asked.text) / CHARACTERS_A_TOKEN), int(len(text) / CHARACTERS_A_TOKEN)
        self.tokens += sum(usage)
        return Say(text, usage=usage)


def print_summary(rows: Sequence[Row]) -> None:
    """Print the figures of all rows of the log, by strategy and model, and together."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.strategy, row.mix), []).append(row)
        groups.setdefault(("all", "models"), []).append(row)
    for (strategy, mix), own in groups.items():
        print(f"{strategy} {mix}: {summary(own)}")


def summary(rows: Sequence[Row]) -> str:
    """Tell what came of some failures in one line."""
    high = [row for row in rows if row.confidence == "high"]
    shown = [row for row in rows if row.confidence]
    wrong = [row.failure for row in high if not row.correct]
    return (
        f"{len(rows)} failures, {sum(row.wrongs > 0 for row in rows)} of them with plausible wrong answers; "
        f"{len(shown)} patches shown, {sum(bool(row.correct) for row in shown)} right; {len(high)} high; wrong and "
        f"high: {len(wrong)} {wrong}, {interval(len(wrong), len(rows))} of failures, "
        f"{interval(len(wrong), len(high))} of what is high; "
        f"median {statistics.median(row.tokens for row in rows):.0f} tokens, "
        f"{sum(row.tokens > row.cap for row in rows)} beyond their cap; "
        f"{statistics.mean(row.runs for row in rows):.1f} runs"
    )


def interval(hits: int, of: int) -> str:
    """Return the 95 % interval of a share, after Wilson (1927), which holds for shares near 0 too."""
    if not of:
        return "0.0% to 100.0%"
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return f"{max(0.0, middle - half):.1%} to {min(1.0, middle + half):.1%}"


if __name__ == "__main__":
    main()
