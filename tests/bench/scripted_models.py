"""Measures what scripted models of known quality are trusted with, on the programs of `tests/corpus`, over real HTTP.

A scripted model writes the reference solution with probability p, a wrong one that passes every visible test with q, and
else something malformed; `--mix P,Q` names both, several times for several models. Wrong ones are mutants of the reference
(`plant.py`, which knows nothing of our operators) that pass all visible tests and fail a hidden one. The templates are
switched off, so that only the model's patches count. Asked is: how many patches of high confidence are wrong, what does a
bug cost in tokens and in runs, is a cap ever exceeded? The second held-out programs are left out.

python tests/bench/scripted_models.py --log scripted.jsonl --mix 0.7,0.2 --mix 0.35,0.35
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.corpus import CORPUS_DIR, read_corpus
from bench.plant import is_other_program, plants
from bench.programs import Program
from openai_server import Asked, Author, OpenAIServer, Say

import tracemend.repair.engine as engine_module
from tracemend.analysis.syntax.module import Function, Module, parse_module
from tracemend.repair.engine import Engine
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.propose.strategies.advisors import advisors_for
from tracemend.repair.reports import FixOptions
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.settings import Project, RunnerSettings

MUTANTS_TRIED = 60
WRONG_KEPT = 5
CHARACTERS_A_TOKEN = 3.5
MIXES = ("0.7,0.2", "0.5,0.3", "0.35,0.35", "0.2,0.5")
HELD_OUT = re.compile(r"## Held out, second set.*?```\n(?P<names>.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """What came of one program with one model."""

    program: str
    strategy: str
    seed: int
    mix: str  # "P,Q".
    cap: int  # Tokens that the whole job may take.
    wrongs: int  # How many different plausible wrong answers the model has.
    drawn: tuple[str, ...]
    status: str
    confidence: str  # Of the best patch, "" where there is none.
    correct: bool | None
    runs: int
    tokens: int  # As the server counted them.
    doubts: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What is not measured again."""
        return self.program, self.strategy, self.seed, self.mix, self.cap


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log", type=Path, required=True, help="JSONL file to resume from and append to")
    parser.add_argument("--every", type=int, default=1, help="take every n-th program")
    parser.add_argument(
        "--mix", action="append", metavar="P,Q", help="how often right, how often plausible and wrong"
    )
    parser.add_argument("--strategy", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-tokens", type=int, default=200_000, help="cap of each job")
    parser.add_argument("--max-time", type=float, default=120)
    parser.add_argument("--summary", action="store_true", help="only tell what the log holds")
    arguments = parser.parse_args()
    engine_module.all_operators = lambda: ()
    programs = [] if arguments.summary else list(read_corpus(CORPUS_DIR))[:: arguments.every]
    held_out = set(HELD_OUT.search((CORPUS_DIR / "README.md").read_text("utf-8"))["names"].split())
    for program in programs:
        if program.name not in held_out and len(program.fixed) == 1:
            measure(program, arguments)
    print_summary(read_rows(arguments.log))


def read_rows(log: Path) -> list[Row]:
    """Return what was measured already."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [Row(**json.loads(line)) for line in lines]


def measure(program: Program, arguments: argparse.Namespace) -> None:
    """Let each scripted model mend one program, judge its best patch by the hidden tests, and log what came of it."""
    done = {row.key for row in read_rows(arguments.log)}
    name, seed, cap = program.name, arguments.seed, arguments.max_tokens
    left = [one for one in arguments.mix or MIXES if (name, arguments.strategy, seed, one, cap) not in done]
    if not left:
        return
    ((path, fixed),) = program.fixed.items()
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(Path(folder) / "judge", program, path)
        wrong = judge.wrong_answers(fixed, random.Random(f"{name} {seed}"))
        project = written(Path(folder) / "project", program.visible)
        for mix in left:
            author = author_of(program, path, fixed, wrong, mix, seed)
            row = asked(
                Row(name, arguments.strategy, seed, mix, cap, len(wrong), (), "", "", None, 0, 0),
                project,
                author,
                judge,
                arguments,
            )
            with arguments.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asdict(row)) + "\n")
            print(
                f"{name:28} {mix:10} {row.status:9} {row.confidence:5} {row.correct!s:6} {row.runs:3} runs",
                flush=True,
            )
        judge.close()


def asked(row: Row, project: Project, author: Author, judge: Judge, arguments: argparse.Namespace) -> Row:
    """Run the engine with one scripted model, and return the row with what came of it."""
    counter = Counter(author)
    with OpenAIServer(counter) as server:
        settings = ModelSettings(server.base_url, "scripted", max_tokens=row.cap)
        options = FixOptions(max_time_s=arguments.max_time, jobs=1)
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
        correct=judge.is_right(text) if text is not None else None,
        runs=sum(one.candidates for one in report.failures),
        tokens=counter.tokens,
        doubts=tuple(best.verdict["doubts"]) if best else (),
    )


class Judge:
    """The project with its hidden tests, warm: what is right, and what is wrong though it passes all visible tests."""

    def __init__(self, folder: Path, program: Program, path: str) -> None:
        self.path = path
        self._runner = Runner.start(written(folder, {**program.visible, **program.fixed, **program.hidden}))
        tests = [one.test for one in self._runner.collection.tests]
        self._hidden = [one for one in tests if one.partition("::")[0] in program.hidden]
        self._visible = [one for one in tests if one not in self._hidden]

    def is_right(self, text: str) -> bool:
        return self._passes(self._visible, text) and self._passes(self._hidden, text)

    def wrong_answers(self, fixed: str, chance: random.Random) -> list[str]:
        """Return mutants of the reference solution that pass all visible tests and fail a hidden one."""
        mutants = [one.apply(fixed) for one in plants(fixed)]
        chance.shuffle(mutants)
        found: list[str] = []
        for text in mutants[:MUTANTS_TRIED]:
            if len(found) == WRONG_KEPT:
                break
            is_plausible = is_other_program(fixed, text) and self._passes(self._visible, text)
            if is_plausible and not self._passes(self._hidden, text):
                found.append(text)
        return found

    def close(self) -> None:
        self._runner.close()

    def _passes(self, tests: list[str], text: str) -> bool:
        return self._runner.run(tests, sources={self.path: text}, fail_fast=True, wall_s=20.0).green


def author_of(program: Program, path: str, fixed: str, wrong: list[str], mix: str, seed: int) -> Author:
    """Return the scripted model; without wrong answers that pass, what would be one is malformed."""
    chance = random.Random(f"{program.name} {mix} {seed}")
    malformed = ("I am not sure.", "```python\ndef f(:\n```", "```python\n# ... rest of the code ...\n```")
    buggy = program.visible[path]
    wrong_texts = [answer(buggy, one) for one in wrong]
    correct, plausible = map(float, mix.split(","))
    return Author(
        right=lambda asked: answer(buggy, fixed),
        plausible=lambda asked: chance.choice(wrong_texts) if wrong_texts else chance.choice(malformed),
        correct=correct,
        wrong=plausible,
        malformed=lambda asked: chance.choice(malformed),
        seed=chance.randrange(2**32),
    )


def answer(buggy: str, text: str) -> str:
    """Write the functions of `text` that are not those of `buggy`, the whole file where more than functions differs."""
    old, new = parse_module("old.py", buggy), parse_module("new.py", text)
    known = {one.qualname: old.segment(one.node) for one in outermost(old)}
    changed = [one for one in outermost(new) if known.get(one.qualname) != new.segment(one.node)]
    code = "\n\n".join(in_class(new, one) for one in changed) or text
    return f"The cause is in this function.\n```python\n{code}\n```"


def outermost(module: Module) -> Iterator[Function]:
    return (one for one in module.functions if "<locals>" not in one.qualname)


def in_class(module: Module, function: Function) -> str:
    lines = [module.lines.line_text(at).rstrip() for at in range(function.first_line, function.last_line + 1)]
    head = [f"class {function.class_name}:"] if function.class_name else []
    return "\n".join([*head, *lines])


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


def written(folder: Path, files: dict[str, str] | object) -> Project:
    """Write the files of a program and return the project."""
    for path, text in dict(files).items():  # type: ignore[call-overload]
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return Project(folder.resolve(), Path(sys.executable))


def print_summary(rows: list[Row]) -> None:
    """Print the figures of all rows of the log, by strategy and model, and together."""
    groups = {(row.strategy, row.mix): [] for row in rows} | {("all", "models"): rows}
    for row in rows:
        groups[row.strategy, row.mix].append(row)
    for (strategy, mix), own in groups.items():
        high = [row for row in own if row.confidence == "high"]
        shown = [row for row in own if row.confidence]
        wrong = [row.program for row in high if not row.correct]
        low, up = wilson(len(wrong), len(high))
        print(
            f"{strategy} {mix}: {len(own)} failures, {sum(row.wrongs > 0 for row in own)} of them with plausible wrong "
            f"answers; {len(shown)} patches shown, {sum(bool(row.correct) for row in shown)} right; {len(high)} high, "
            f"{len(wrong)} of them wrong ({low:.1%} to {up:.1%}) {wrong}; "
            f"median {statistics.median(row.tokens for row in own):.0f} tokens, "
            f"{sum(row.tokens > row.cap for row in own)} beyond their cap; "
            f"{statistics.mean(row.runs for row in own):.1f} runs"
        )


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share, after Wilson (1927), which holds for shares near 0 too."""
    if not of:
        return 0.0, 1.0
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


if __name__ == "__main__":
    main()
