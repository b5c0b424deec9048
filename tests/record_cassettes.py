"""One recorded conversation for each strategy: `python tests/record_cassettes.py` records them anew.

Prompts are part of what is recorded, so a changed prompt file asks for this. The endpoint is a scripted server on loopback,
whose answers get better from question to question: of three coefficients the first answer has none right, then one each.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from model_scene import ModelScene, answer
from openai_server import Asked, OpenAIServer

from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import ModelSettings
from tracemend.repair.propose.strategies.quick import QUICK
from tracemend.repair.propose.strategies.scheduler import STRATEGIES

FOLDER = Path(__file__).parent / "data" / "cassettes"
ANSWERS = (answer(0, 9, 9), answer(0, 2, 9), answer(1, 2, 9), answer(1, 2, 3))


def script(asked: Asked, first: int) -> str:
    """Answer as the strategy's question wants it, beginning with the answer number `first`."""
    question = str(asked.body["messages"][-1]["content"])
    if "RESULT: ..." in question:
        return "1. Take the three coefficients.\nRESULT: 1"
    verdict = "[BLOCK-1] incorrect: the coefficients are 0\n" if "[BLOCK-n]" in question else ""
    return verdict + ANSWERS[min(first + asked.ordinal, len(ANSWERS) - 1)]


def scene_of(folder: Path, settings: ModelSettings) -> ModelScene:
    """Return the scene that cassettes are recorded at and replayed to."""
    return ModelScene(folder, Endpoint(settings, Meter(settings)))


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for strategy in STRATEGIES:
        tape = FOLDER / f"{strategy.name}.jsonl"
        tape.unlink(missing_ok=True)
        first = 1 if strategy is QUICK else 0  # It has two rounds only.
        with (
            tempfile.TemporaryDirectory() as folder,
            OpenAIServer(lambda asked, first=first: script(asked, first)) as server,
        ):
            settings = ModelSettings(server.base_url, "scripted", cassette=tape, records_cassette=True)
            runs = scene_of(Path(folder), settings).work(strategy.name)
        sys.stdout.write(f"{strategy.name}: {len(tape.read_text().splitlines())} answers, {runs} runs\n")


if __name__ == "__main__":
    main()
