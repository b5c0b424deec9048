"""What the stream guard costs: real lines of packages with invented members planted in them, streamed over real HTTP.

    python tests/bench/guided/sites.py                                # the blocks, once
    python tests/bench/stream_guard.py --rates 0.02,0.05,0.1,0.2 --blocks 100

A scripted endpoint streams what stood in a block, four characters at a time and at a given speed, and writes a member
that does not exist at a share of the places where the guide knows the members (the rate), again so with `--stubborn` when it
is asked a second time at that place. The guard sees nothing but the stream. Reported are, for each way of taking an
answer up again: requests beyond the first and pieces that were sent in vain, cut connections included, and what is left.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.guided.sites import Site, Sites, load_sites
from openai_server import Asked, Behaviour, OpenAIServer, Say

from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.monitors.tables import SymbolTable
from tracemend.repair.models.capabilities import Capabilities, remember
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.guard import GuardedAnswer, guarded_chat, guarded_completion
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import Message, ModelSettings

PIECE = 4
PROMPT_CHARACTERS = 1200
ROUTES = ("continue", "grammar", "prefill", "reprompt")
_MEMBER = re.compile(r"\.([^\W\d]\w*)")
_OPENING = "```python\n"


@dataclass(frozen=True)
class Block:
    """Lines that a model is to write: what it should, and what it first does."""

    before: str
    after: str
    truth: str
    planted: str
    table: SymbolTable

    @property
    def prompt(self) -> str:
        return self.before[-PROMPT_CHARACTERS:]


@dataclass
class Tally:
    """What all blocks took together on one route."""

    route: str
    rate: float
    blocks: int = 0
    lines: int = 0
    planted: int = 0
    violations: int = 0
    extra_requests: int = 0
    pieces: int = 0
    pieces_sent: int = 0
    as_written: int = 0
    given_up: int = 0

    def add(self, block: Block, answer: GuardedAnswer, pieces_sent: int) -> None:
        self.blocks += 1
        self.lines += len(block.truth.splitlines())
        self.planted += block.planted != block.truth and _differences(block)
        self.violations += len(answer.violations)
        self.extra_requests += answer.requests - 1
        self.pieces += -(-len(answer.text) // PIECE)
        self.pieces_sent += pieces_sent
        self.as_written += block.truth in answer.text
        self.given_up += answer.finish == "violation"

    @property
    def row(self) -> str:
        """Return the line of the table."""
        lines = self.lines / 100
        again = max(self.pieces_sent - self.pieces, 0) / max(self.pieces, 1)
        return (
            f"| {self.route} | {self.rate:.0%} | {self.lines} | {self.planted / lines:.1f} | "
            f"{self.violations / lines:.1f} | {self.extra_requests / lines:.1f} | {again:.1%} | "
            f"{self.as_written / self.blocks:.1%} | {self.given_up} |"
        )


class Model:
    """The script of the endpoint: writes one block, and is wrong again with some probability where it was wrong."""

    def __init__(self, seed: int, stubborn: float, delay_s: float) -> None:
        self.block: Block | None = None
        self._random = random.Random(seed)
        self._stubborn = stubborn
        self._delay_s = delay_s

    def __call__(self, asked: Asked) -> Behaviour:
        assert self.block is not None
        text = self._text(asked, self.block)
        fence = "```\n" if asked.is_chat else ""
        return Say(text + fence, piece=PIECE, delay_s=self._delay_s, usage=None)

    def _text(self, asked: Asked, block: Block) -> str:
        """Return what is left to write behind what the endpoint was given."""
        if not asked.is_chat:
            so_far = asked.text.removeprefix(block.prompt)
            return self._rest(so_far, block, asked) if so_far else block.planted
        turns = asked.body["messages"]
        if len(turns) == 1:
            return _OPENING + block.planted
        begun = "".join(turn["content"] for turn in turns if turn["role"] == "assistant")
        rest = self._rest(begun.removeprefix(_OPENING).removesuffix("```\n"), block, asked)
        return rest if turns[-1]["role"] == "assistant" else _OPENING + rest

    def _rest(self, so_far: str, block: Block, asked: Asked) -> str:
        """Return the true rest, or one that is wrong again: where the cut is, or at the first member of a new turn."""
        rest = block.truth[_aligned(block.truth, so_far) :]
        is_free = "structured_outputs" not in asked.body
        if is_free and self._random.random() < self._stubborn:
            wrong = _FIRST_MEMBER if not so_far.endswith(".") else _MEMBER_AT_START
            return wrong.sub(lambda found: f"{found[0]}_of_it", rest, count=1)
        return rest


_FIRST_MEMBER = re.compile(r"(?<=\.)[^\W\d]\w*")
_MEMBER_AT_START = re.compile(r"\A[^\W\d]\w*")


def main() -> None:
    """Run all routes at all rates and print the table."""
    options = _options()
    sites = load_sites()
    drawn = random.Random(options.seed).sample(sites.blocks, min(options.blocks, len(sites.blocks)))
    print(
        "| route | rate | lines | planted / 100 lines | seen | extra requests | sent in vain | as written | given up |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for route in options.routes.split(","):
        for rate in map(float, options.rates.split(",")):
            blocks = list(_blocks(sites, drawn, rate, options.seed))
            tally = run(route, rate, blocks, options)
            print(tally.row, flush=True)
            if options.log:
                with options.log.open("a") as log:
                    log.write(json.dumps(asdict(tally)) + "\n")


def run(route: str, rate: float, blocks: list[Block], options: argparse.Namespace) -> Tally:
    """Let the endpoint write all blocks on one route."""
    model, tally = Model(options.seed, options.stubborn, options.delay), Tally(route, rate)
    with OpenAIServer(model) as server:
        found = Capabilities(
            "scripted",
            chat=True,
            completions=route in ("continue", "grammar"),
            prefill="continue_final_message" if route == "prefill" else "none",
            streaming=True,
            regex=route == "grammar",
        )
        remember(server.base_url, "scripted", found)
        settings = ModelSettings(
            server.base_url, "scripted", max_tokens=10**9, max_requests=10**6, max_seconds=1e6
        )
        with Endpoint(settings, Meter(settings)) as endpoint:
            for block in blocks:
                model.block, sent_before = block, server.pieces_sent
                answer = _answer(endpoint, block, is_chat=route in ("prefill", "reprompt"))
                tally.add(block, answer, server.pieces_sent - sent_before)
    return tally


def _answer(endpoint: Endpoint, block: Block, *, is_chat: bool) -> GuardedAnswer:
    max_tokens = 4 * len(block.planted) + 200
    if not is_chat:
        guide = Guide(block.table, before=block.before, after=block.after)
        return guarded_completion(endpoint, lambda: guide, block.prompt, max_tokens=max_tokens)
    fenced = Guide(block.table, before="", fenced=True)
    messages = [Message("user", f"Go on:\n{block.prompt}")]
    return guarded_chat(endpoint, lambda: fenced, messages, max_tokens=max_tokens)


def _blocks(sites: Sites, drawn: list[Site], rate: float, seed: int) -> Iterator[Block]:
    """Yield the blocks with members invented where the guide knows what there is."""
    for number, site in enumerate(drawn):
        block = Block(
            sites.before(site), sites.after(site), sites.removed(site), "", sites.tables[site.table]
        )
        yield replace(block, planted=_plant(block, rate, random.Random(seed + number)))


def _plant(block: Block, rate: float, luck: random.Random) -> str:
    """Return the block with invented members in the place of some that are known."""
    guide, at, planted = Guide(block.table, before=block.before, after=block.after), 0, []
    for member in _MEMBER.finditer(block.truth):
        guide.feed(block.truth[at : member.start(1)].encode())
        planted.append(block.truth[at : member.start(1)])
        at = member.start(1)
        if guide.legal is not None and member[1] in guide.legal and luck.random() < rate:
            planted.append(_invented(member[1], guide.legal, luck))
            guide.feed(member[1].encode())
            at = member.end(1)
    return "".join(planted) + block.truth[at:]


def _invented(name: str, legal: frozenset[str], luck: random.Random) -> str:
    """Return a name such as models invent in the place of `name`."""
    camel = name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:])
    ideas = [camel, f"get_{name}", f"{name}s", f"{name}_value", f"to_{name}", f"{name}_all", name[:-1]]
    return luck.choice([one for one in ideas if one.isidentifier() and one not in legal])


def _differences(block: Block) -> int:
    pairs = zip(_MEMBER.findall(block.truth), _MEMBER.findall(block.planted), strict=True)
    return sum(one != other for one, other in pairs)


def _aligned(truth: str, so_far: str) -> int:
    """Return where `so_far` ends in the true text; a name that was mended otherwise is as long as it is."""
    if truth.startswith(so_far):
        return len(so_far)
    tail = so_far[-12:]
    found = truth.find(tail, max(len(so_far) - 40, 0))
    return found + len(tail) if found >= 0 else len(truth)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rates", default="0.02,0.05,0.1,0.2")
    parser.add_argument("--routes", default=",".join(ROUTES))
    parser.add_argument("--blocks", type=int, default=100)
    parser.add_argument("--stubborn", type=float, default=0.5, help="how often it is wrong at a place again")
    parser.add_argument("--delay", type=float, default=0.005, help="seconds for four characters")
    parser.add_argument("--seed", type=int, default=20261120)
    parser.add_argument("--log", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
