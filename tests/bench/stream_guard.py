"""What the stream guard costs: real lines of packages with invented members planted in them, streamed over real HTTP.

    python tests/bench/guided/sites.py                                # the blocks, once
    python tests/bench/stream_guard.py --rates 0.02,0.05,0.1,0.2 --blocks 100

    python tests/bench/stream_guard.py --rows build/guided/fused/rows.jsonl    # the small model's own mistakes

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
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
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
    corrections: Mapping[str, str] = field(default_factory=dict)  # Of what was planted.

    @property
    def prompt(self) -> str:
        return self.before[-PROMPT_CHARACTERS:]

    def guide(self) -> Guide:
        return Guide(self.table, before=self.before, after=self.after)


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
        self.planted += len(block.corrections)
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
    """The script of the endpoint: writes one block as planned, and at a place where it is asked again another name.

    With `stubborn` it is how often it insists on the name instead. What it was going to write behind the name stays.
    """

    def __init__(self, seed: int, stubborn: float, delay_s: float) -> None:
        self._random = random.Random(seed)
        self._stubborn = stubborn
        self._delay_s = delay_s
        self._plan = ""
        self._allowed: list[str] = []  # By the grammar of the request.
        self._block: Block | None = None

    def begin(self, block: Block) -> None:
        """Write this block from now on."""
        self._block, self._plan = block, block.planted

    def __call__(self, asked: Asked) -> Behaviour:
        assert self._block is not None
        forced = (asked.body.get("structured_outputs") or {}).get("regex", "")
        self._allowed = [name for name in re.split(r"[(|)]", forced.partition(")")[0]) if name.isidentifier()]
        is_insisting = not forced and self._random.random() < self._stubborn
        if not asked.is_chat:
            so_far = asked.text.removeprefix(self._block.prompt)
            text = self._rest(so_far, "", is_insisting) if so_far else self._plan
            return Say(text, piece=PIECE, delay_s=self._delay_s, usage=None)
        turns = asked.body["messages"]
        begun = "".join(turn["content"] for turn in turns if turn["role"] == "assistant")
        so_far = begun.removeprefix(_OPENING).removesuffix("```\n" if turns[-1]["role"] == "user" else "")
        told = _TOLD_NAME.search(turns[-1]["content"])
        text = self._rest(so_far, told[1] if told else "", is_insisting) if len(turns) > 1 else self._plan
        opening = _OPENING if turns[-1]["role"] == "user" else ""
        return Say(f"{opening}{text}```\n", piece=PIECE, delay_s=self._delay_s, usage=None)

    def _rest(self, so_far: str, told: str, is_insisting: bool) -> str:
        """Return what is left to write behind `so_far`, from a wrong name on, or with the one that we were told of in it."""
        self._follow(so_far)
        rest = self._plan[len(so_far) :]
        wrong = re.search(rf"(?<=\.){told}\b", rest) if told else _NAME_AT_START.search(rest)
        if wrong is None or is_insisting:
            return rest
        before = so_far + rest[: wrong.start()]
        rest = self._corrected(before, wrong[0]) + rest[wrong.end() :]
        self._plan = before + rest
        return self._plan[len(so_far) :]

    def _corrected(self, before: str, wrong: str) -> str:
        """Return the name that belongs there, or, where nobody knows, one of those that may."""
        assert self._block is not None
        known = self._block.corrections.get(wrong)
        guide = self._block.guide()
        guide.feed(before.encode())
        return known or self._random.choice(self._allowed or sorted(guide.legal or {wrong}))

    def _follow(self, so_far: str) -> None:
        """Take names that the guard has mended into the plan."""
        while not self._plan.startswith(so_far):
            common = _common_length(self._plan, so_far)
            start = common - len(_NAME_AT_END.findall(so_far[:common])[0])
            ours, theirs = (_NAME_AT_START.match(text[start:]) for text in (self._plan, so_far))
            assert ours is not None and theirs is not None, "only names are mended"
            self._plan = self._plan[:start] + theirs[0] + self._plan[start + ours.end() :]


_NAME_AT_START = re.compile(r"\A\w+")
_NAME_AT_END = re.compile(r"\w*\Z")
_TOLD_NAME = re.compile(r"(?:no member|the name) `(\w+)`")


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
        for rate in map(float, ["0"] if options.rows else options.rates.split(",")):
            blocks = (
                written_blocks(sites, options.rows, options.setting, options.blocks)
                if options.rows
                else planted_blocks(sites, drawn, rate, options.seed)
            )
            tally = run(route, rate, list(blocks), options)
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
                sent_before = server.pieces_sent
                model.begin(block)
                answer = _answer(endpoint, block, is_chat=route in ("prefill", "reprompt"))
                tally.add(block, answer, server.pieces_sent - sent_before)
    return tally


def _answer(endpoint: Endpoint, block: Block, *, is_chat: bool) -> GuardedAnswer:
    max_tokens = 4 * len(block.planted) + 200
    if not is_chat:
        return guarded_completion(endpoint, block.guide, block.prompt, max_tokens=max_tokens)
    fenced = Guide(block.table, before="", fenced=True)
    messages = [Message("user", f"Go on:\n{block.prompt}")]
    return guarded_chat(endpoint, lambda: fenced, messages, max_tokens=max_tokens)


def planted_blocks(sites: Sites, drawn: list[Site], rate: float, seed: int) -> Iterator[Block]:
    """Yield blocks with members invented where the guide knows what there is."""
    for number, site in enumerate(drawn):
        truth = sites.removed(site)
        block = Block(sites.before(site), sites.after(site), truth, truth, sites.tables[site.table])
        yield _planted(block, rate, random.Random(seed + number))


def written_blocks(sites: Sites, rows: list[Path], setting: str, count: int) -> Iterator[Block]:
    """Yield what the small model wrote by itself, mistakes and all, in a setting of `bench/guided/evaluate.py`."""
    named, heal = sites.named(setting), "." if setting == "line" else ""
    found = (json.loads(line) for path in rows for line in path.read_text().splitlines())
    unguided = [row for row in found if row["setting"] == setting and row["arm"] == "unguided"]
    for row in unguided[:count]:
        site, text = named[row["site"]], heal + row["text"]
        yield Block(sites.before(site), sites.after(site), text, text, sites.tables[site.table])


def _planted(block: Block, rate: float, luck: random.Random) -> Block:
    """Return the block with invented members in the place of some that are known."""
    guide, at, text, corrections = block.guide(), 0, [], {}
    for member in _MEMBER.finditer(block.truth):
        guide.feed(block.truth[at : member.start(1)].encode())
        text.append(block.truth[at : member.start(1)])
        at = member.start(1)
        if guide.legal is not None and member[1] in guide.legal and luck.random() < rate:
            text.append(_invented(member[1], guide.legal, luck))
            corrections[text[-1]] = member[1]
            guide.feed(member[1].encode())
            at = member.end(1)
    return replace(block, planted="".join(text) + block.truth[at:], corrections=corrections)


def _invented(name: str, legal: frozenset[str], luck: random.Random) -> str:
    """Return a name such as models invent in the place of `name`."""
    camel = name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:])
    ideas = [camel, f"get_{name}", f"{name}s", f"{name}_value", f"to_{name}", f"{name}_all", name[:-1]]
    return luck.choice([one for one in ideas if one.isidentifier() and one not in legal])


def _common_length(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rates", default="0.02,0.05,0.1,0.2")
    parser.add_argument("--routes", default=",".join(ROUTES))
    parser.add_argument("--blocks", type=int, default=100)
    parser.add_argument("--rows", type=Path, nargs="+", help="rows of bench/guided/evaluate.py")
    parser.add_argument("--setting", choices=("block", "line"), default="block", help="which of the rows")
    parser.add_argument("--stubborn", type=float, default=0.5, help="how often it is wrong at a place again")
    parser.add_argument("--delay", type=float, default=0.005, help="seconds for four characters")
    parser.add_argument("--seed", type=int, default=20261120)
    parser.add_argument("--log", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
