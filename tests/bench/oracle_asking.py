"""Asks the oracle and its peers about sites, and notes what they said as plain records."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.oracle_packages import Package
from bench.oracle_peers import Peer, make_peer
from bench.oracle_sites import (
    AttributeSite,
    Condition,
    SourceFile,
    attribute_sites,
    import_sites,
    misspelt,
    name_sites,
    read_files,
)

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


@dataclass(frozen=True)
class NameAnswer:
    """What the oracle said of a bare name (`what` is "name") or an import ("import")."""

    what: str
    package: str
    place: str
    gold: str
    closed: bool
    found: bool
    why: str
    misspelt_rejected: bool
    absent: bool = False  # An import that the interpreter refuses as well: an optional dependency, a test of the failure.

    @property
    def wrong(self) -> bool:
        """Whether something that is there was excluded."""
        return self.closed and not self.found and not self.absent


@dataclass
class Answers:
    """All that was said in one package."""

    members: list[MemberAnswer] = field(default_factory=list)
    names: list[NameAnswer] = field(default_factory=list)
    differences: list[str] = field(
        default_factory=list
    )  # Sites whose answer depends on the attribute that is there.
    cpu_seconds: float = 0.0


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
        for file in files:
            for site in by_file.get(file.path, ()):
                planted = misspelt(site.gold, chance), chance.choice(vocabulary)
                answers.members.append(_ask_oracle(oracle, file, site, request.condition, planted))
                if request.verify:
                    answers.differences += _difference(oracle, file, site, request.condition)
                answers.members += [_ask_peer(peer, file, site, request.condition, planted) for peer in peers]
    finally:
        for closing in (engine, *peers):
            if closing is not None:
                closing.close()
    names_wanted = request.sites // 2
    answers.names += _ask_names(oracle, files, names_wanted, chance)
    imports = list(_ask_imports(index, files, chance))
    answers.names += _with_truth(imports, request.python, request.package)
    answers.cpu_seconds = time.process_time() - started
    return answers


_documents: dict[Path, Document] = {}


def _document(file: SourceFile) -> Document:
    """Return the document of the whole file, made once a run: the buffer as it was before the edit."""
    if file.path not in _documents:
        _documents.clear()
        _documents[file.path] = Document(file.text, str(file.path), file.module)
    return _documents[file.path]


def _ask_oracle(
    oracle: Oracle, file: SourceFile, site: AttributeSite, condition: Condition, planted: tuple[str, str]
) -> MemberAnswer:
    document = _document(file)
    if condition != "full":
        _members(oracle, document, site)  # The buffer was open before the edit.
    text = site.text(file.text, condition)
    edit = Stopwatch()
    edited = document if condition == "full" else document.edited(text)
    members = _members(oracle, edited, site)
    edit.stop()
    query = Stopwatch()
    _members(oracle, edited, site)
    query.stop()
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
    document = _document(file)
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


def _ask_names(
    oracle: Oracle, files: Sequence[SourceFile], wanted: int, chance: random.Random
) -> Iterator[NameAnswer]:
    sites = [(file, site) for file in files for site in name_sites(file)]
    for number in sorted(chance.sample(range(len(sites)), min(wanted, len(sites)))):
        file, site = sites[number]
        scope = oracle.names_in_scope(_document(file), site.offset)
        place = f"{file.path}:{site.line}"
        rejected = scope.closed and misspelt(site.gold, chance) not in scope.names
        found = site.gold in scope.names
        yield NameAnswer(
            "name", file.package.name, place, site.gold, scope.closed, found, scope.why, rejected
        )


def _ask_imports(index: Index, files: Sequence[SourceFile], chance: random.Random) -> Iterator[NameAnswer]:
    for file in files:
        for site in import_sites(file):
            place = f"{file.path}:{site.line}"
            gold, near = f"{site.module}:{site.gold}", str(file.path)
            closed, found, why, names = False, True, "unknown-module", frozenset[str]()
            if not site.gold:
                closed, why = (
                    index.knows_absent(site.module) or index.module(site.module) is not None,
                    "module",
                )
                found = not index.knows_absent(site.module)
            elif (module := index.module(site.module, near=near)) is not None:
                listed = index.module_names(module)
                closed, why, names = listed.closed, listed.why_open, listed.names
                found = site.gold in names
            rejected = closed and bool(site.gold) and misspelt(site.gold, chance) not in names
            yield NameAnswer("import", file.package.name, place, gold, closed, found, why, rejected)


# Prints those of the imports named on standard input ("module:name", no name for a plain import) that fail.
_TRY_IMPORTS = """
import importlib, sys
for line in sys.stdin.read().split():
    module, _, name = line.partition(":")
    try:
        if not name:
            importlib.import_module(module)
        else:
            exec("from %s import %s" % (module, name), {})
    except ImportError:
        print(line)
    except BaseException:
        pass
"""


def _with_truth(answers: Sequence[NameAnswer], python: Path, package: Package) -> list[NameAnswer]:
    """Return `answers`, those marked whose excluded import the interpreter refuses as well."""
    excluded = sorted({answer.gold for answer in answers if answer.closed and not answer.found})
    search_path = os.pathsep.join(str((package.root / source).parent) for source in package.sources)
    done = subprocess.run(
        (python, "-c", _TRY_IMPORTS),
        input="\n".join(excluded),
        env=dict(os.environ) | {"PYTHONPATH": search_path},
        cwd=package.root,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    refused = set(done.stdout.split())
    return [replace(answer, absent=answer.gold in refused) for answer in answers]
