"""What the whole workspace does to a class or module: who derives from it, and who stores attributes on it.

Both are found by name and so never missed for lack of inference: a class counts as a candidate subclass if the name of
the base (or what the file imports under another name) occurs anywhere in its bases. Reading all files is done once; after
that only files whose summary is a new one are looked at again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tracemend.analysis.symbols.index import Index
from tracemend.analysis.symbols.model import ANY_ATTRIBUTE, ClassDef, ImportDef, ModuleSummary, ValueDef
from tracemend.analysis.types.document import Document

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A class of the workspace that may derive from a class with one of `base_names`."""

    module: str
    qualname: str
    definition: ClassDef
    base_names: frozenset[str]


@dataclass(slots=True)
class _FileFacts:
    """What one file contributes: its classes, stores on named things, stores on objects of unknown type."""

    summary: ModuleSummary
    candidates: tuple[Candidate, ...] = ()
    named_stores: tuple[tuple[str, str], ...] = ()
    loose_stores: frozenset[str] = frozenset()


@dataclass(slots=True)
class WorkspaceTable:
    """The table of all files of the workspace."""

    index: Index
    _files: dict[str, _FileFacts] = field(default_factory=dict)
    _generation: int = -1
    _by_base: dict[str, dict[tuple[str, str, int], Candidate]] = field(default_factory=dict)
    _named: dict[str, Counter[str]] = field(default_factory=dict)
    _loose: Counter[str] = field(default_factory=Counter)

    def enter(self, document: Document, summary: ModuleSummary) -> None:
        """Bring the table up to date, the buffer's text standing in for its file."""
        if self._generation != self.index.generation:
            self._generation = self.index.generation
            present = self.index.workspace_facts().keys()
            for path in self._files.keys() - present:
                self._remove(path)
            for path in present - {document.path}:
                self._refresh(path, self.index.summary(path), None)
        self._refresh(document.path or "", summary, document.module)

    def candidates(self, name: str) -> Iterator[Candidate]:
        """Yield the classes that may derive, directly, from a class called `name`."""
        yield from self._by_base.get(name, {}).values()

    def stores_on(self, name: str) -> frozenset[str]:
        """Return the attributes that are stored from outside on something called `name`."""
        return frozenset(self._named.get(name, ()))

    @property
    def loose_stores(self) -> frozenset[str]:
        """The attributes that are stored on objects whose type is not plain to see."""
        return frozenset(self._loose)

    def is_stored(self, attribute: str) -> bool:
        """Say whether the attribute is stored on some object or named thing from outside."""
        return attribute in self._loose or any(attribute in stores for stores in self._named.values())

    def _refresh(self, path: str, summary: ModuleSummary | None, module: str | None) -> None:
        known = self._files.get(path)
        if known is not None and known.summary is summary:
            return
        self._remove(path)
        if summary is not None:
            name = module if module is not None else self.index.module_name(path) or ""
            self._add(path, _facts(summary, name))

    def _add(self, path: str, facts: _FileFacts) -> None:
        self._files[path] = facts
        for one in facts.candidates:
            for name in one.base_names:
                self._by_base.setdefault(name, {})[one.module, one.qualname, one.definition.line] = one
        for receiver, attribute in facts.named_stores:
            self._named.setdefault(receiver, Counter())[attribute] += 1
        self._loose.update(facts.loose_stores)

    def _remove(self, path: str) -> None:
        facts = self._files.pop(path, None)
        if facts is None:
            return
        for one in facts.candidates:
            for name in one.base_names:
                self._by_base[name].pop((one.module, one.qualname, one.definition.line), None)
        for receiver, attribute in facts.named_stores:
            _take_one(self._named[receiver], attribute)
        for attribute in facts.loose_stores:
            _take_one(self._loose, attribute)


def named_and_loose_stores(summary: ModuleSummary) -> tuple[tuple[tuple[str, str], ...], frozenset[str]]:
    """Divide the stores of a module by whether their receiver is a class, function or import of that module.

    Of a named receiver the last name is kept, of one that was imported under another name the original.
    """
    named: list[tuple[str, str]] = []
    loose: set[str] = set()
    for receiver, attribute in summary.stores:
        first, _, rest = receiver.partition(".")
        definitions = [one for one in summary.names.get(first, ()) if not isinstance(one, ValueDef)]
        if not definitions:
            if attribute != ANY_ATTRIBUTE:
                loose.add(attribute)
            continue
        last = rest.rpartition(".")[2] or first
        named.append((last, attribute))
        for one in definitions:
            if not rest and isinstance(one, ImportDef):
                named.append(((one.name or one.module).rpartition(".")[2], attribute))
    return tuple(named), frozenset(loose)


def _facts(summary: ModuleSummary, module: str) -> _FileFacts:
    named, loose = named_and_loose_stores(summary)
    return _FileFacts(summary, tuple(_candidates(summary, module)), named, loose)


def _candidates(summary: ModuleSummary, module: str) -> Iterator[Candidate]:
    stack = [(name, one) for name, ones in summary.names.items() for one in ones if isinstance(one, ClassDef)]
    stack += [(f"<locals>.{one.name}", one) for one in summary.local_classes]
    stack += [(f"<locals>.{one.name}", one) for one in summary.local_classes]
    while stack:
        qualname, definition = stack.pop()
        names = {name for text in definition.bases for name in _IDENTIFIER.findall(text)}
        for name in list(names):
            names |= set(_original_names(summary, name))
        if names:
            yield Candidate(module, qualname, definition, frozenset(names))
        for name, ones in definition.members.items():
            stack += [(f"{qualname}.{name}", one) for one in ones if isinstance(one, ClassDef)]


def _original_names(summary: ModuleSummary, name: str) -> Iterator[str]:
    """Yield what `name` is called where it comes from: an import under another name, or an alias."""
    for one in summary.names.get(name, ()):
        if isinstance(one, ImportDef) and one.name is not None:
            yield one.name
        elif isinstance(one, ValueDef) and one.value is not None:
            yield from _IDENTIFIER.findall(one.value)


def _take_one(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
