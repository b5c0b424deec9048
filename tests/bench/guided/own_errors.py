"""What the stream guard costs with a model's own mistakes, where `stream_guard.py` has planted ones.

    python tests/bench/guided/own_errors.py --style fused --blocks 200

The small model stands behind the product's `Endpoint`: it streams token by token, stops when the guard has seen enough, and
takes a text up again by reading all of it anew, as a server does. Written are the blocks of `sites.py`, at temperature 0.8.
An endpoint that takes grammars is not simulated: what is measured is sampling again (the guard's second-best way).
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.guided.evaluate import BLOCK_TOKENS, TEMPERATURE, WORK, Desk
from bench.guided.report import wilson
from bench.guided.sites import load_sites
from bench.guided.small_model import Continuations
from bench.guided.tokenizers_of_ours import STYLES
from bench.guided.writing import sampled

from tracemend.analysis.decoding.machine import Guide
from tracemend.repair.completion.ngrams import likeliest_name
from tracemend.repair.models.capabilities import Capabilities
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.guard import GuardedAnswer, Mending, guarded_completion
from tracemend.repair.models.guard_mending import RequestAllowance
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import Answer, ModelRole, ModelSettings, TextReceiver, Usage

ROOM = 128  # Tokens that are kept free behind a prompt.
SETTINGS = ModelSettings(
    "http://127.0.0.1:9/v1", "small", max_tokens=10**9, max_requests=10**9, max_seconds=1e9, max_cost=1e9
)


class SmallEndpoint(Endpoint):
    """The small model, asked like any other; no request leaves the process."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(SETTINGS, Meter(SETTINGS))
        self._desk = desk
        self.streamed = 0  # Tokens, those in vain included.

    def capabilities(
        self, role: ModelRole = "strong", cancel: threading.Event | None = None, **_: object
    ) -> Capabilities:
        """Continuing a text is all that it can do."""
        return Capabilities("small", completions=True, streaming=True)

    def complete(
        self,
        prompt: str,
        *,
        max_tokens: int,
        suffix: str | None = None,
        temperature: float = 0.2,
        stop: Sequence[str] = (),
        seed: int | None = None,
        role: ModelRole = "strong",
        cancel: threading.Event | None = None,
        on_text: TextReceiver | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> Answer:
        """Stream what continues `prompt` into `on_text`, until that says that it is enough."""
        choose = sampled(seed or 0, temperature)
        continuations = Continuations(self._desk.model, self._desk.prompt(prompt, ROOM))
        tokens: list[int] = []
        finish = "length"
        while len(tokens) < min(max_tokens, continuations.room):
            tokens.append(choose(continuations.scores(tuple(tokens)), len(tokens)))
            piece = self._desk.shared.tokens[tokens[-1]].decode(errors="replace")
            if on_text is not None and on_text(piece):
                finish = "cut"
                break
        self.streamed += len(tokens)
        text = b"".join(self._desk.shared.tokens[one] for one in tokens).decode(errors="replace")
        usage = Usage(len(prompt) // 4, len(tokens))
        return Answer(text, "cut" if finish == "cut" else "length", usage, "small", 0.0)


@dataclass
class Tally:
    """What all blocks took together."""

    blocks: int = 0
    lines: int = 0
    violations: int = 0
    extra_requests: int = 0
    discarded: int = 0
    given_up: int = 0
    replaced: int = 0
    left: int = 0  # Texts in which a mistake is left.

    def add(self, answer: GuardedAnswer, start: Guide) -> None:
        """Count one answer."""
        self.blocks += 1
        self.lines += answer.text.count("\n") + 1
        self.violations += len(answer.violations)
        self.extra_requests += answer.requests - 1
        self.discarded += answer.discarded_tokens
        self.given_up += answer.finish == "violation"
        self.replaced += len(answer.replaced)
        self.left += start.fork().feed(answer.text.encode()) is not None


def main() -> None:
    """Write the blocks and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--style", choices=STYLES, default="fused")
    parser.add_argument("--blocks", type=int, default=200)
    parser.add_argument("--work", type=Path, default=WORK)
    options = parser.parse_args()
    sites = load_sites(options.work / "sites")
    desk = Desk(options.work / options.style / "model", sites)
    endpoint = SmallEndpoint(desk)
    tally, allowance = Tally(), RequestAllowance()
    started = time.process_time()
    for number, site in enumerate(sites.blocks[: options.blocks]):
        before = sites.before(site)
        indented = before[: len(before.rstrip(" \t"))]
        start = Guide(sites.tables[site.table], before=indented, after=sites.after(site))
        answer = guarded_completion(
            endpoint,
            start.fork,
            indented,
            max_tokens=BLOCK_TOKENS,
            temperature=TEMPERATURE,
            seed=number,
            mending=Mending(likeliest_name(indented, sites.after(site)), allowance),
        )
        tally.add(answer, start)
    _print(tally, endpoint.streamed)
    print(f"{time.process_time() - started:.0f} CPU s")


def _print(tally: Tally, streamed: int) -> None:
    lines = tally.lines / 100
    low, high = wilson(tally.given_up, tally.blocks)
    kept = streamed - tally.discarded
    print(f"{tally.blocks} blocks, {tally.lines} lines, {streamed} tokens streamed")
    print(f"violations: {tally.violations} ({tally.violations / lines:.1f} a hundred lines)")
    print(f"extra requests: {tally.extra_requests} ({tally.extra_requests / lines:.1f} a hundred lines)")
    print(f"extra requests a violation: {tally.extra_requests / max(tally.violations, 1):.2f}")
    print(f"tokens in vain: {tally.discarded} ({100 * tally.discarded / kept:.1f} % of those kept)")
    print(f"tokens in vain a violation: {tally.discarded / max(tally.violations, 1):.1f}")
    print(f"given up: {tally.given_up} ({100 * tally.given_up / tally.blocks:.1f} %, {low:.1f}-{high:.1f})")
    print(f"names replaced: {tally.replaced}; texts with a mistake left: {tally.left}")


if __name__ == "__main__":
    main()
