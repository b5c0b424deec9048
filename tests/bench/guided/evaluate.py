"""Lets the trained model write at every site: unguided, guided as MGD was published, and guided by ours.

    python tests/bench/guided/evaluate.py --style fused            # resumes; rows in build/guided/fused/rows*.jsonl
    python tests/bench/guided/evaluate.py --style fused --settings name,dot --sites 500
    python tests/bench/guided/report.py --style fused              # the tables

`ours` is what an engine of the product does; `rewinding` may also take tokens back (see `ours.py`). Four settings, the same
prompt and the same choices for all arms:

* `name`: the prompt ends before the receiver's dot, the first token must begin with the dot; greedy, to the end of the
  identifier. This is where a vocabulary that fuses `.name` shows.
* `dot`: the prompt ends behind the dot; greedy. The setting for which MGD was built.
* `line`: like `name`, drawn at temperature 0.8, to the end of the line.
* `block`: from the beginning of a line, drawn at temperature 0.8, for as many lines as were taken away.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.guided.ours import Masked, Rewinding, Shared, has_mistake
from bench.guided.published import NameTokens, PublishedMgd
from bench.guided.sites import Site, Sites, load_sites
from bench.guided.small_model import Continuations, SmallModel
from bench.guided.tokenizers_of_ours import STYLES, load_tokenizer
from bench.guided.writing import (
    Choose,
    Guidance,
    Task,
    TokenTexts,
    Unguided,
    Written,
    greedy,
    sampled,
    write,
)

from tracemend.analysis.decoding.machine import Guide

WORK = Path(__file__).parents[3] / "build" / "guided"
SETTINGS = ("name", "dot", "line", "block")
ARMS = ("unguided", "published", "ours", "rewinding")
TEMPERATURE = 0.8
NAME_TOKENS, LINE_TOKENS, BLOCK_TOKENS = 16, 40, 112
PROMPT_CHARACTERS = 3000
_NAME_ENDED = re.compile(r"\W")


@dataclass(frozen=True)
class Row:
    """What one arm wrote at one site."""

    setting: str
    site: str
    arm: str
    text: str
    tokens: int
    drawn: int
    rewinds: int
    guidance_s: float
    has_mistake: bool  # What stands there in the end, by a guide that reads it again.


class Desk:
    """All that is shared between the sites: the model, its vocabulary, and what the arms keep."""

    def __init__(self, folder: Path, sites: Sites) -> None:
        self.sites = sites
        self.model = SmallModel(folder)
        self.tokenizer = load_tokenizer(folder)
        self.shared = Shared.of(folder)
        self.texts = TokenTexts(self.shared.tokens)
        self.names = NameTokens(self.shared.tokens)
        self.dot: int = self.shared.tokens.index(b".")

    def rows(self, site: Site, settings: Sequence[str]) -> Iterator[Row]:
        """Yield what each arm writes at one site in settings that share a prompt."""
        before = self.sites.before(site)
        indentation = before[len(before.rstrip(" \t")) :] if "block" in settings else ""
        before = before.removesuffix(indentation)
        room = BLOCK_TOKENS if "block" in settings else LINE_TOKENS
        continuations = Continuations(self.model, self.prompt(before, room))
        for setting in settings:
            behind = before + "." if setting == "dot" else before
            task = self._task(setting, site, indentation)
            choose: Choose = (
                greedy if setting in ("name", "dot") else sampled(crc32(site.name.encode()), TEMPERATURE)
            )
            start = Guide(self.sites.tables[site.table], before=behind, after=self.sites.after(site))
            for arm in ARMS:
                guidance = self._guidance(arm, start, site, behind)
                written = write(continuations, guidance, self.texts, task, choose)
                yield _row(setting, site, arm, task, start, written)

    def _task(self, setting: str, site: Site, indentation: str) -> Task:
        if setting == "dot":
            return Task("", True, (self.dot,), NAME_TOKENS, _name_is_done)
        if setting == "name":
            return Task(".", True, (), NAME_TOKENS, _name_is_done)
        if setting == "line":
            return Task(".", True, (), LINE_TOKENS - 1, partial(_has_lines, 1))
        lines = self.sites.removed(site).count("\n") + 1
        return Task(indentation, False, (), BLOCK_TOKENS, partial(_has_lines, lines))

    def prompt(self, before: str, room: int) -> list[int]:
        """Return the last tokens of the text before, with room left for what is to be written."""
        tail = before[-PROMPT_CHARACTERS:]
        if len(before) > PROMPT_CHARACTERS:
            tail = tail.partition("\n")[2] or tail
        ids: list[int] = self.tokenizer.encode(tail).ids
        return ids[-(self.model.context - room) :]

    def _guidance(self, arm: str, start: Guide, site: Site, before: str) -> Guidance:
        if arm == "published":
            return PublishedMgd(self.names, self.sites.tables[site.table], before)
        if arm == "ours":
            return Masked(self.shared, start)
        return Rewinding(self.shared, self.names, start) if arm == "rewinding" else Unguided()


def main() -> None:
    """Write at the wanted sites, those first that were not written at before."""
    options = _options()
    folder = options.work / options.style
    desk = Desk(folder / "model", load_sites(options.work / "sites"))
    rows = folder / f"rows-{options.settings}-{options.part}.jsonl"
    done = {(row["setting"], row["site"]) for row in read_rows(folder) if row["arm"] == ARMS[-1]}
    started = time.process_time()
    with rows.open("a", encoding="utf-8") as file:
        for count, (site, settings) in enumerate(_work(desk.sites, options, done)):
            file.writelines(json.dumps(asdict(row)) + "\n" for row in desk.rows(site, settings))
            if count % 50 == 49:
                file.flush()
                print(f"{count + 1} sites, {time.process_time() - started:.0f} CPU s", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--style", choices=STYLES, default="fused")
    parser.add_argument("--settings", default=",".join(SETTINGS))
    parser.add_argument("--sites", type=int, default=100_000, help="at most so many a setting")
    parser.add_argument("--part", type=int, default=0, help="do only every so many-th site,")
    parser.add_argument("--parts", type=int, default=1, help="for processes beside each other")
    parser.add_argument("--work", type=Path, default=WORK)
    return parser.parse_args()


def read_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield all rows that were written so far."""
    for path in sorted(folder.glob("rows*.jsonl")):
        finished, _, _ = path.read_text(encoding="utf-8").rpartition("\n")  # Someone may be writing still.
        yield from map(json.loads, finished.splitlines())


def _work(
    sites: Sites, options: argparse.Namespace, done: set[tuple[str, str]]
) -> Iterator[tuple[Site, list[str]]]:
    """Yield sites and settings in an order by chance, so that any beginning is a fair sample."""
    wanted = options.settings.split(",")
    for settings, candidates in (
        (("name", "dot", "line"), sites.named("name")),
        (("block",), sites.named("block")),
    ):
        by_chance = sorted(candidates, key=lambda name: hashlib.sha256(name.encode()).digest())
        for place, name in enumerate(by_chance[: options.sites]):
            missing = [one for one in settings if one in wanted and (one, name) not in done]
            if missing and place % options.parts == options.part:
                yield candidates[name], missing


def _row(setting: str, site: Site, arm: str, task: Task, start: Guide, written: Written) -> Row:
    text = _cut(setting, written.text)
    return Row(
        setting,
        site.name,
        arm,
        text,
        written.tokens,
        written.drawn,
        written.rewinds,
        round(written.guidance_s, 6),
        has_mistake(start, task.heal + text),
    )


def _name_is_done(text: str) -> bool:
    return _NAME_ENDED.search(text) is not None


def _has_lines(lines: int, text: str) -> bool:
    return text.count("\n") >= lines


def _cut(setting: str, text: str) -> str:
    """Return the part that counts: the first word, or the lines without the end of the last."""
    if setting in ("name", "dot"):
        found = _NAME_ENDED.search(text)
        return text[: found.start()] if found else text
    return text.rstrip("\n") if text.endswith("\n") else text


if __name__ == "__main__":
    main()
