"""Asks the oracle about bare names, imports and keyword arguments, and plants in their stead ones that do not exist.

A keyword is asked about as `tracemend check` does it: with what guards the call, by the signatures that the callee may have.
"""

from __future__ import annotations

import ast
import os
import random
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.oracle_packages import Package
from bench.oracle_sites import KeywordSite, SourceFile, import_sites, keyword_sites, misspelt, name_sites

from tracemend.analysis.monitors.arity import Arguments
from tracemend.analysis.monitors.keywords import accepted_keywords
from tracemend.analysis.monitors.sites import FileView
from tracemend.analysis.symbols.index import Index
from tracemend.analysis.types.document import Document
from tracemend.analysis.types.oracle import Oracle


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


_documents: dict[Path, Document] = {}


def document_of(file: SourceFile) -> Document:
    """Return the document of the whole file, made once a run: the buffer as it was before the edit."""
    if file.path not in _documents:
        _documents.clear()
        _documents[file.path] = Document(file.text, str(file.path), file.module)
    return _documents[file.path]


def ask_names(
    oracle: Oracle, files: Sequence[SourceFile], wanted: int, chance: random.Random
) -> Iterator[NameAnswer]:
    sites = [(file, site) for file in files for site in name_sites(file)]
    for number in sorted(chance.sample(range(len(sites)), min(wanted, len(sites)))):
        file, site = sites[number]
        scope = oracle.names_in_scope(document_of(file), site.offset)
        place = f"{file.path}:{site.line}"
        rejected = scope.closed and misspelt(site.gold, chance) not in scope.names
        found = site.gold in scope.names
        yield NameAnswer(
            "name", file.package.name, place, site.gold, scope.closed, found, scope.why, rejected
        )


def ask_imports(index: Index, files: Sequence[SourceFile], chance: random.Random) -> Iterator[NameAnswer]:
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


def ask_keywords(
    oracle: Oracle, index: Index, files: Sequence[SourceFile], wanted: int, chance: random.Random
) -> Iterator[NameAnswer]:
    """Ask about `wanted` of the keyword arguments in the calls of `files`."""
    sites = [site for file in files for site in keyword_sites(file)]
    drawn = sorted(chance.sample(range(len(sites)), min(wanted, len(sites))))
    by_file: dict[Path, set[KeywordSite]] = {}
    for number in drawn:
        by_file.setdefault(sites[number].path, set()).add(sites[number])
    for file in files:
        if file.path in by_file:
            yield from _keyword_answers(oracle, index, file, by_file[file.path], chance)


def _keyword_answers(
    oracle: Oracle, index: Index, file: SourceFile, wanted: set[KeywordSite], chance: random.Random
) -> Iterator[NameAnswer]:
    view = FileView(Document(file.text, str(file.path), file.module), file.tree, oracle, index)
    guards = dict(view.sites(ast.Call))
    for site in sorted(wanted, key=lambda one: one.place):
        guarded = guards[site.call].reason("TypeError")
        callee = None if guarded else view.callee(site.call)
        given = Arguments.of(site.call)
        accepted = guarded or accepted_keywords(callee, given)
        wrong = misspelt(site.gold, chance)
        planted = replace(given, keywords=given.keywords - {site.gold} | {wrong})
        accepted_planted = guarded or accepted_keywords(callee, planted)
        closed = not isinstance(accepted, str)
        yield NameAnswer(
            "keyword",
            file.package.name,
            f"{file.path}:{site.line}",
            site.gold,
            closed,
            closed and site.gold in accepted,
            "" if isinstance(accepted, frozenset) else accepted,
            closed and not isinstance(accepted_planted, str) and wrong not in accepted_planted,
        )


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


def with_truth(answers: Sequence[NameAnswer], python: Path, package: Package) -> list[NameAnswer]:
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
