"""A model's new text of files as a `Candidate`: every run of changed lines is a part at the statement it changes.

So a model's patch is observed, priced, ranked and explained by the code that does so for templates. Its price tells only
how much it changes; that a model wrote it counts neither for nor against it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from math import log2

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import Module
from tracemend.repair.localize.suspects import Suspect
from tracemend.repair.propose.answers.reading import Shown
from tracemend.repair.propose.site import Proposal
from tracemend.repair.search.candidates import Candidate

BASE_BITS = 2.0  # As much as a plausible template: somebody who read the code wrote it.


def model_candidate(
    shown: Sequence[Shown],
    sources: Mapping[str, str],
    *,
    strategy: str,
    model: str,
    conversation: int,
    remark: str = "",
) -> Candidate:
    """Return `sources`, which change at least one of the files `shown`, as a candidate."""
    modules = {one.module.path: one.module for one in shown}
    places = [
        (modules[path], edit, line)
        for path, text in sources.items()
        for edit, line in _changed_lines(modules[path], text)
    ]
    return _candidate(places, strategy, f"{strategy} ({model})", conversation, remark)


def part_of(candidate: Candidate, kept: Sequence[int]) -> Candidate:
    """Return what is left of a model's candidate with the parts at the places `kept` alone."""
    places = [(module, proposal.edits[0], one.line) for one, module, proposal in candidate.parts]
    strategy = candidate.parts[0][2].operator
    return _candidate(
        [places[at] for at in kept], strategy, candidate.author, candidate.conversation, candidate.remark
    )


Place = tuple[Module, TextEdit, int]  # An edit of whole lines, and the line of a statement that it changes.


def _candidate(
    places: Sequence[Place], strategy: str, author: str, conversation: int, remark: str
) -> Candidate:
    cost = BASE_BITS + log2(1 + sum(_size(module, edit) for module, edit, _ in places))
    note = f"{_verb(places)} {_listed(places)}"
    parts = tuple(
        (
            _suspect(module, line),
            module,
            Proposal((edit,), note if not at else "", cost, strategy if not at else ""),
        )
        for at, (module, edit, line) in enumerate(places)
    )
    return Candidate(parts, cost, author=author, conversation=conversation, remark=remark)


def _changed_lines(module: Module, text: str) -> Iterator[tuple[TextEdit, int]]:
    """Yield the edits, whole lines each, with the line of a statement that each one changes or stands beside."""
    old, new = _lines(module.text), _lines(text)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if (
            i2 - i1 == j2 - j1 and tag != "equal"
        ):  # Line for line, so that what is not needed can be told apart.
            for at in range(i2 - i1):
                edit = TextEdit(starts[i1 + at], starts[i1 + at + 1], new[j1 + at])
                yield edit, _statement_line(module, i1 + at + 1, i1 + at + 1)
        elif tag != "equal":
            yield TextEdit(starts[i1], starts[i2], "".join(new[j1:j2])), _statement_line(module, i1 + 1, i2)


def _lines(text: str) -> list[str]:
    return [f"{one}\n" for one in text.split("\n")[:-1]] + [text.split("\n")[-1]]


def _statement_line(module: Module, first: int, last: int) -> int:
    """Return the first line of a statement among the changed lines, else of the nearest one above, else below."""
    inside = range(first, last + 1)
    above = range(first - 1, 0, -1)
    for line in (*inside, *above, *range(last + 1, len(module.lines) + 1)):
        owners = module.statements_at(line)
        if owners:
            return owners[-1].lineno
    return 1


def _size(module: Module, edit: TextEdit) -> int:
    """Return how many lines of code an edit changes; blank lines and comments are not code."""
    removed = module.text[edit.start : edit.end]
    return max(_code_lines(removed), _code_lines(edit.text))


def _code_lines(text: str) -> int:
    return sum(1 for line in text.split("\n") if line.strip() and not line.strip().startswith("#"))


def _suspect(module: Module, line: int) -> Suspect:
    function = module.function_at(line)
    return Suspect(module.path, line, 1.0, function.qualname if function else "", ("a model rewrote it",))


def _verb(places: Sequence[Place]) -> str:
    """Say what is done to the code on the whole."""
    removes = any(_code_lines(module.text[edit.start : edit.end]) for module, edit, _ in places)
    adds = any(_code_lines(edit.text) for _, edit, _ in places)
    return "adds to" if adds and not removes else "takes away from" if removes and not adds else "rewrites"


def _listed(places: Sequence[Place]) -> str:
    """Name what is changed, by functions as far as it is inside of any."""
    names = []
    for module, _, line in places:
        function = module.function_at(line)
        names.append(f"`{function.qualname}`" if function is not None else module.path)
    unique = list(dict.fromkeys(names))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}"
