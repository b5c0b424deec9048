"""Asks the oracle and its peers about sites, and notes what they said as plain records."""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.oracle_names import NameAnswer, ask_imports, ask_keywords, ask_names, document_of, with_truth
from bench.oracle_packages import Package
from bench.oracle_peers import Peer, make_peer
from bench.oracle_sites import (
    AttributeSite,
    Condition,
    SourceFile,
    attribute_sites,
    misspelt,
    read_files,
)

from tracemend.analysis.garbage import GarbagePauses
from tracemend.analysis.symbols.environment import probe_environment
from tracemend.analysis.symbols.index import Index
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.engines.protocol import OBJECT_NAMES
from tracemend.analysis.types.engines.ty import TyEngine
from tracemend.analysis.types.members import is_dunder
from tracemend.analysis.types.oracle import Members, Oracle


@dataclass(frozen=True)
class Request:
    """What to ask in one package."""

    package: Package
    python: Path
    sites: int  # How many attributes, drawn at random.
    seed: int
    condition: Condition
    engine: str  # "none" or "ty".
    peers: tuple[str, ...] = ()
    with_tests: bool = False
    cache: Path | None = None
    keywords: int = 0  # How many keyword arguments, drawn at random.
    warm: bool = False  # Ask everything once before, so that what libraries say is in memory.
    verify: bool = False  # Ask each site in the whole file too, and note where the answers differ.


@dataclass(frozen=True)
class MemberAnswer:
    """What one engine said of one attribute. `found` is about the list, which only a closed answer may forbid with."""

    who: str
    package: str
    typed: bool
    place: str  # file:line
    is_test: bool
    use: str
    kind: str
    receiver: str
    gold: str
    closed: bool
    found: bool
    why: str
    type_name: str
    seconds: float  # Of the question alone.
    edit_seconds: float  # With the edit of the text before it.
    misspelt_rejected: bool
    borrowed_rejected: bool  # A member that another receiver of the package has.
    borrowed: str = ""
    cpu_seconds: float = 0.0  # Of the two, what this process spent; nothing where another process answers.
    edit_cpu_seconds: float = 0.0

    @property
    def wrong(self) -> bool:
        """Whether what stands there was excluded."""
        return self.closed and not self.found


@dataclass
class Answers:
    """All that was said in one package."""

    members: list[MemberAnswer] = field(default_factory=list)
    names: list[NameAnswer] = field(default_factory=list)
    differences: list[str] = field(
        default_factory=list
    )  # Sites whose answer depends on the attribute that is there.
    cpu_seconds: float = 0.0
    opening_cpu_seconds: list[float] = field(default_factory=list)  # Of the first question about each text.


def ask_package(request: Request) -> Answers:
    """Ask about a random sample of the attributes, and as many bare names and imports, of one package."""
    chance = random.Random(f"{request.seed}:{request.package.name}")
    files = list(read_files(request.package, with_tests=request.with_tests))
    sites = [(file, site) for file in files for site in attribute_sites(file)]
    drawn = set(chance.sample(range(len(sites)), min(request.sites, len(sites))))
    vocabulary = sorted({site.gold for _, site in sites})
    by_file: dict[Path, list[AttributeSite]] = {}
    for number in sorted(drawn):
        file, site = sites[number]
        by_file.setdefault(file.path, []).append(site)
    answers = Answers()
    started = time.process_time()
    index = Index(request.package.root, probe_environment(request.python), cache=request.cache)
    engine = TyEngine(request.package.root, request.python) if request.engine == "ty" else None
    oracle = Oracle(index, engine)
    peers = [make_peer(name, request.package.root, request.python) for name in request.peers]
    try:
        if request.warm:
            for file, site in (sites[number] for number in sorted(drawn)):
                _members(oracle, document_of(file), site)
        for file in files:
            wanted = by_file.get(file.path, [])
            if wanted:
                answers.opening_cpu_seconds.append(_open(oracle, file))
            for site in wanted:
                planted = misspelt(site.gold, chance), chance.choice(vocabulary)
                answers.members.append(_ask_oracle(oracle, file, site, request.condition, planted))
                if request.verify:
                    answers.differences += _difference(oracle, file, site, request.condition)
                answers.members += [_ask_peer(peer, file, site, request.condition, planted) for peer in peers]
    finally:
        for closing in (engine, *peers):
            if closing is not None:
                closing.close()
    answers.names += ask_names(oracle, files, request.sites // 2, chance)
    imports = list(ask_imports(index, files, chance))
    answers.names += with_truth(imports, request.python, request.package)
    answers.names += ask_keywords(oracle, index, files, request.keywords, chance)
    answers.cpu_seconds = time.process_time() - started
    return answers


_garbage = GarbagePauses()  # As in the processes that answer in an editor.


def _open(oracle: Oracle, file: SourceFile) -> float:
    """Ask a first question about a file, which parses it, and return the CPU time that it took.

    Editors open a text before they ask about it, so this is not among the questions.
    """
    watch = Stopwatch()
    _members(oracle, document_of(file), attribute_sites(file)[0])
    watch.stop()
    _garbage.pause()
    return watch.cpu_seconds


def _ask_oracle(
    oracle: Oracle, file: SourceFile, site: AttributeSite, condition: Condition, planted: tuple[str, str]
) -> MemberAnswer:
    document = document_of(file)
    if condition != "full":
        _members(oracle, document, site)  # The place was asked about before the edit.
    text = site.text(file.text, condition)
    edit = Stopwatch()
    edited = document if condition == "full" else document.edited(text)
    members = _members(oracle, edited, site)
    edit.stop()
    query = Stopwatch()
    _members(oracle, edited, site)
    query.stop()
    _garbage.pause()
    answer = _answer(
        "oracle",
        file,
        site,
        planted,
        names=members.names,
        closed=members.closed,
        why=members.why,
        type_name=members.type_name,
        seconds=query.seconds,
        edit_seconds=edit.seconds,
    )
    return replace(answer, cpu_seconds=query.cpu_seconds, edit_cpu_seconds=edit.cpu_seconds)


class Stopwatch:
    """Measures the time from its making to `stop`, that of the clock and that of this process's CPU."""

    def __init__(self) -> None:
        self._started = time.perf_counter(), time.process_time()
        self.seconds = self.cpu_seconds = 0.0

    def stop(self) -> None:
        """Take the times."""
        self.seconds = time.perf_counter() - self._started[0]
        self.cpu_seconds = time.process_time() - self._started[1]


def _members(oracle: Oracle, document: Document, site: AttributeSite) -> Members:
    """Ask the oracle; a crash is an answer that the tables show among the reasons for silence."""
    try:
        return oracle.members(document, site.offset)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the bench is there to find.
        print(f"crash at {document.path}:{site.line}: {type(error).__name__}: {error}", file=sys.stderr)
        return Members.unknown(f"crash:{type(error).__name__}")


def _difference(oracle: Oracle, file: SourceFile, site: AttributeSite, condition: Condition) -> list[str]:
    """Return a line about a site whose answer changes when the text behind the dot is taken away."""
    document = document_of(file)
    there = _members(oracle, document, site)
    away = _members(oracle, document.edited(site.text(file.text, condition)), site)
    if (there.closed, there.names) == (away.closed, away.names):
        return []
    names = ", ".join(sorted(there.names ^ away.names)[:5])
    whys = f"{there.why or there.type_name} / {away.why or away.type_name}"
    return [
        f"{file.path}:{site.line} {site.receiver}.{site.gold}: closed {there.closed}/{away.closed}, {whys}: {names}"
    ]


def _ask_peer(
    peer: Peer, file: SourceFile, site: AttributeSite, condition: Condition, planted: tuple[str, str]
) -> MemberAnswer:
    text = site.text(file.text, condition)
    started = time.perf_counter()
    names, type_name = peer.ask(str(file.path), text, site.offset)
    seconds = time.perf_counter() - started
    answered = not names <= OBJECT_NAMES
    why = "" if answered else "unanswered"
    return _answer(
        peer.name,
        file,
        site,
        planted,
        names=names,
        closed=answered,
        why=why,
        type_name=type_name,
        seconds=seconds,
        edit_seconds=seconds,
    )


def _answer(
    who: str,
    file: SourceFile,
    site: AttributeSite,
    planted: tuple[str, str],
    *,
    names: frozenset[str],
    closed: bool,
    why: str,
    type_name: str,
    seconds: float,
    edit_seconds: float,
) -> MemberAnswer:
    wrong, borrowed = planted
    return MemberAnswer(
        who,
        file.package.name,
        file.package.typed,
        f"{file.path}:{site.line}",
        file.is_test,
        site.use,
        site.kind,
        site.receiver,
        site.gold,
        closed,
        found=site.gold in names or is_dunder(site.gold),
        why=why,
        type_name=type_name,
        seconds=seconds,
        edit_seconds=edit_seconds,
        misspelt_rejected=closed and wrong not in names,
        borrowed_rejected=closed and borrowed not in names,
        borrowed=borrowed,
    )
