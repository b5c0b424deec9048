"""Measures what scripted models of known quality are trusted with, on the programs of `tests/corpus`, over real HTTP.

A scripted model writes the reference solution with `--correct`, a wrong one that passes every visible test with `--wrong`,
and else something malformed. Wrong ones are mutants of the reference (`plant.py`, which knows nothing of our operators)
that pass all visible tests and fail a hidden one. The templates are switched off, so that only the model's patches count.
Asked is: how many patches of high confidence are wrong, what does a bug cost in tokens and in runs, is any cap exceeded?

python tests/bench/scripted_models.py --log scripted.jsonl --every 3 --correct 0.35 --wrong 0.35
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
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
from tracemend.repair.reports import FixOptions, FixReport
from tracemend.repair.runner.client import Runner
from tracemend.repair.runner.settings import Project, RunnerSettings

MUTANTS_TRIED = 60
WRONG_KEPT = 5
CHARACTERS_A_TOKEN = 3.5


@dataclass(frozen=True)
class Row:
    """What came of one program with one model."""

    program: str
    strategy: str
    seed: int
    wrongs: int  # How many different plausible wrong answers the model has.
    drawn: tuple[str, ...]
    status: str
    confidence: str  # Of the best patch, "" where there is none.
    correct: bool | None
    runs: int
    tokens: int
    largest_request: int
    doubts: tuple[str, ...] = ()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log", type=Path, required=True, help="JSONL file to resume from and append to")
    parser.add_argument("--every", type=int, default=1, help="take every n-th program")
    parser.add_argument("--correct", type=float, default=0.35)
    parser.add_argument("--wrong", type=float, default=0.35)
    parser.add_argument("--strategy", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-time", type=float, default=60)
    arguments = parser.parse_args()
    engine_module.all_operators = lambda: ()
    done = {(row.program, row.strategy, row.seed) for row in read_rows(arguments.log)}
    for program in list(read_corpus(CORPUS_DIR))[:: arguments.every]:
        if (program.name, arguments.strategy, arguments.seed) in done or len(program.fixed) != 1:
            continue
        row = measure(program, arguments)
        with arguments.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(row)) + "\n")
        print(
            f"{row.program:28} {row.status:9} {row.confidence:5} {row.correct!s:6} {row.runs:3} runs",
            flush=True,
        )
    print_summary(read_rows(arguments.log))


def read_rows(log: Path) -> list[Row]:
    """Return what was measured already."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [Row(**json.loads(line)) for line in lines]


def measure(program: Program, arguments: argparse.Namespace) -> Row:
    """Let one scripted model mend one program, and judge its best patch by the hidden tests."""
    ((path, fixed),) = program.fixed.items()
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(Path(folder) / "judge", program, path)
        wrong = judge.wrong_answers(fixed, random.Random(f"{program.name} {arguments.seed}"))
        author = author_of(program.visible[path], fixed, wrong, arguments)
        project = written(Path(folder) / "project", program.visible)
        with OpenAIServer(counted(author)) as server:
            settings = ModelSettings(server.base_url, "scripted")
            options = FixOptions(max_time_s=arguments.max_time, jobs=1)
            with advisors_for(settings, strategy=arguments.strategy) as advisors:
                report = Engine(project, RunnerSettings(), options, advisors=advisors).fix(
                    lambda event: None, threading.Event()
                )
            assert advisors is not None
            largest = max((request_tokens(one) for one in server.asked), default=0)
        row = row_of(program, report, judge, arguments, wrongs=len(wrong))
        judge.close()
    return Row(
        **{
            **asdict(row),
            "drawn": tuple(author.drawn),
            "tokens": advisors.usage.tokens,
            "largest_request": largest,
        }
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


def author_of(buggy: str, fixed: str, wrong: list[str], arguments: argparse.Namespace) -> Author:
    """Return the scripted model; without wrong answers that pass, what would be one is malformed."""
    chance = random.Random(arguments.seed)
    malformed = ("I am not sure.", "```python\ndef f(:\n```", "```python\n# ... rest of the code ...\n```")
    wrong_texts = [answer(buggy, one) for one in wrong]
    return Author(
        right=lambda asked: answer(buggy, fixed),
        plausible=lambda asked: chance.choice(wrong_texts) if wrong_texts else chance.choice(malformed),
        correct=arguments.correct,
        wrong=arguments.wrong,
        malformed=lambda asked: chance.choice(malformed),
        seed=arguments.seed,
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


def counted(author: Author) -> Callable[[Asked], Say]:
    """Have the server say how many tokens a request took, at a usual number of characters for one."""

    def script(asked: Asked) -> Say:
        text = str(author(asked))
        prompt = int(len(asked.text) / CHARACTERS_A_TOKEN)
        return Say(text, usage=(prompt, int(len(text) / CHARACTERS_A_TOKEN)))

    return script


def request_tokens(asked: Asked) -> int:
    """Return what one request could cost at most."""
    return int(len(asked.text) / CHARACTERS_A_TOKEN) + int(asked.body.get("max_tokens", 0))


def row_of(
    program: Program, report: FixReport, judge: Judge, arguments: argparse.Namespace, wrongs: int
) -> Row:
    mended = [one for one in report.failures if one.patches]
    best = mended[0].patches[0] if mended else None
    text = best.patch.sources.get(judge.path) if best else None
    return Row(
        program=program.name,
        strategy=arguments.strategy,
        seed=arguments.seed,
        wrongs=wrongs,
        drawn=(),
        status="mended" if report.mended else "unmended",
        confidence=best.confidence if best else "",
        correct=judge.is_right(text) if text is not None else None,
        runs=sum(one.candidates for one in report.failures),
        tokens=0,
        largest_request=0,
        doubts=tuple(best.verdict["doubts"]) if best else (),
    )


def written(folder: Path, files: dict[str, str] | object) -> Project:
    """Write the files of a program and return the project."""
    for path, text in dict(files).items():  # type: ignore[call-overload]
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return Project(folder.resolve(), Path(sys.executable))


def print_summary(rows: list[Row]) -> None:
    """Print the figures of all rows of the log, by strategy."""
    for strategy in sorted({row.strategy for row in rows}):
        own = [row for row in rows if row.strategy == strategy]
        high = [row for row in own if row.confidence == "high"]
        shown = [row for row in own if row.confidence]
        wrong = [row.program for row in high if not row.correct]
        print(
            f"{strategy}: {len(own)} programs, {sum(row.wrongs > 0 for row in own)} of them with plausible wrong answers; "
            f"{len(shown)} patches shown, {sum(bool(row.correct) for row in shown)} right; "
            f"{len(high)} high, {len(wrong)} of them wrong {wrong}; "
            f"median {statistics.median(row.tokens for row in own):.0f} tokens, "
            f"largest {max(row.tokens for row in own)}; {statistics.mean(row.runs for row in own):.1f} runs"
        )


if __name__ == "__main__":
    main()
