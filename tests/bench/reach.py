"""How many real fixes are an edit that the operators propose? No test is run, so hundreds can be asked in minutes.

For each small fix of `history.fixes` the operators look at the old text, at the statements that the maintainers changed and
those around them, and each proposal is compared with what the maintainers wrote. A fix is *reached* when one proposal gives
the same program, *in parts* when each of its separate changes is reached by itself, so that a pair of edits would be it.
What the failing run would show (types, values, the error) is not known here, which makes the figures pessimistic; that a
different edit may be right, too, does so as well. `--half` keeps one half of all commits for reporting.

    python tests/bench/reach.py GIT_DIR ... --limit 40 --half first --show
"""

from __future__ import annotations

import argparse
import ast
import difflib
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import log2
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.history import HALVES, Fix, fixes, git, in_half, project_of

from tracemend.analysis.syntax.edits import OverlappingEdits, TextEdit, apply_edits
from tracemend.analysis.syntax.module import Module, header_end_line, parse_module
from tracemend.repair.propose.donors import DonorPool
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.propose.site import Proposal, Site

MAX_SOURCE_CHARACTERS = 200_000
RIVAL_BITS = 2.5
DOUBT = 2.0  # Fixes that an operator is credited with, and charged for, before anything was counted.
_LITERAL = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|(?<![\w.])\d[\d.]*")
_RAISES = re.compile(r"\braises\(\s*([\w.]+)|assertRaises\w*\(\s*([\w.]+)")


@dataclass(frozen=True)
class Reached:
    """The proposal that is the maintainers' edit, and how many of the same statement are cheaper."""

    operator: str
    cost: float
    rank: int
    rivals: tuple[
        tuple[str, float], ...
    ] = ()  # Operators and costs of all proposals that are not much dearer.


@dataclass(frozen=True)
class Asked:
    """One fix: what reaches it as a whole, and what reaches each separate change."""

    project: str
    fix: Fix
    diff: str
    whole: Reached | None
    parts: tuple[Reached | None, ...]

    @property
    def verdict(self) -> str:
        """`reached`, `in parts`, or `beyond`."""
        if self.whole:
            return "reached"
        return "in parts" if len(self.parts) > 1 and all(self.parts) else "beyond"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path, help="git directories")
    parser.add_argument("--since", default="2016-01-01")
    parser.add_argument("--limit", type=int, default=40, help="fixes of each repository, the latest first")
    parser.add_argument("--half", choices=HALVES, help="of the commits")
    parser.add_argument("--show", action="store_true", help="print the fixes that are beyond")
    parser.add_argument(
        "--prices", action="store_true", help="print which operators are too cheap or too dear"
    )
    arguments = parser.parse_args()
    found: list[Asked] = []
    for repository in arguments.repositories:
        chosen = (one for one in fixes(repository, arguments.since) if in_half(one, arguments.half))
        for fix in islice(chosen, arguments.limit):
            one = ask(repository, fix)
            if one is not None:
                found.append(one)
                tell(one, show=arguments.show)
    sum_up(found)
    if arguments.prices:
        tell_prices(found)


def ask(repository: Path, fix: Fix) -> Asked | None:
    """Look for `fix` among the proposals; None where it changes no code, or code that this Python cannot read."""
    old = git(repository, "show", f"{fix.commit}~1:{fix.source}")
    new = git(repository, "show", f"{fix.commit}:{fix.source}")
    try:
        same = program(old) == program(new)
        module = parse_module(fix.source, old)
    except SyntaxError:
        return None
    if same or not old or len(old) > MAX_SOURCE_CHARACTERS:
        return None
    asking = Asking(module, *context(git(repository, "show", fix.commit, "--", *fix.tests)))
    changes = separate_changes(old, new)
    whole = asking.reached(changes)
    parts = tuple(asking.reached([one]) for one in changes) if whole is None and len(changes) > 1 else ()
    diff = "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), n=3))
    return Asked(project_of(repository), fix, diff, whole, parts)


def context(patch: str) -> tuple[tuple[str, ...], str]:
    """Return the literals that the fix's tests brought, and the error that they would show, as far as they tell."""
    added = "\n".join(line[1:] for line in patch.splitlines() if re.match(r"\+(?!\+\+)", line))
    raised = _RAISES.search(added)
    name = (raised.group(1) or raised.group(2)).rpartition(".")[2] if raised else ""
    error = f"Failed: DID NOT RAISE <class '{name}'>" if name else "AssertionError"
    return tuple(dict.fromkeys(_LITERAL.findall(added)))[:60], error


def separate_changes(old: str, new: str) -> list[TextEdit]:
    """Return the changes from `old` to `new` that mean something by themselves, as edits of whole lines."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    edits = [
        TextEdit(starts[i1], starts[i2], "".join(after[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]
    try:
        meaning = [one for one in edits if program(apply_edits(old, [one])) != program(old)]
    except SyntaxError:
        return [TextEdit(edits[0].start, edits[-1].end, _between(old, edits))]
    return meaning or edits


def _between(old: str, edits: Sequence[TextEdit]) -> str:
    start, end = edits[0].start, edits[-1].end
    shifted = [TextEdit(one.start - start, one.end - start, one.text) for one in edits]
    return apply_edits(old[start:end], shifted)


class Asking:
    """All operators at the statements of one module."""

    def __init__(self, module: Module, literals: tuple[str, ...], error: str) -> None:
        self.module = module
        self.literals = literals
        self.error = error
        self.donors = DonorPool()
        self._proposals: dict[ast.stmt, list[Proposal]] = {}

    def reached(self, wanted: Sequence[TextEdit]) -> Reached | None:
        """Return the cheapest proposal that gives the same program as `wanted`."""
        goal = program(apply_edits(self.module.text, wanted))
        for statement in self.statements_near(wanted):
            for rank, proposal in enumerate(self.proposals(statement)):
                if self._looks_alike(proposal, wanted) and self._gives(proposal, goal):
                    rivals = [(one.operator, one.cost) for one in self.proposals(statement)]
                    near = tuple(one for one in rivals if one[1] < proposal.cost + RIVAL_BITS)
                    return Reached(proposal.operator, proposal.cost, rank, near)
        return None

    def statements_near(self, wanted: Sequence[TextEdit]) -> list[ast.stmt]:
        """Return the statements that the edits touch, what follows and precedes them, and what holds them."""
        index = self.module.lines
        found: dict[ast.stmt, None] = {}
        for edit in wanted:
            first, last = (index.line_of(offset) for offset in (edit.start, max(edit.start, edit.end - 1)))
            for statement in self.module.statements:
                header = range(statement.lineno, header_end_line(statement) + 1)
                if header.start <= last + 1 and first - 2 < header.stop:
                    found.setdefault(statement)
                    found.update(
                        (one, None) for one in self.module.ancestors(statement) if isinstance(one, ast.stmt)
                    )
        return list(found)

    def proposals(self, statement: ast.stmt) -> list[Proposal]:
        """Return what all operators propose for a statement, cheapest first."""
        if statement not in self._proposals:
            donors = self.donors.at(self.module, statement)
            site = Site(self.module, statement, donors, {}, self.literals, self.error)
            found = [
                Proposal(proposal.edits, proposal.note, proposal.cost, one.name)
                for one in all_operators()
                for proposal in one.propose(site)
            ]
            self._proposals[statement] = sorted(found, key=lambda one: one.cost)
        return self._proposals[statement]

    def _looks_alike(self, proposal: Proposal, wanted: Sequence[TextEdit]) -> bool:
        """Compare what both write, without spaces, quotes and parentheses: cheap, and rarely wrong."""
        start = min(one.start for one in (*proposal.edits, *wanted))
        end = max(one.end for one in (*proposal.edits, *wanted))
        texts = []
        for edits in (proposal.edits, wanted):
            try:
                shifted = [TextEdit(one.start - start, one.end - start, one.text) for one in edits]
                texts.append(_bare(apply_edits(self.module.text[start:end], shifted)))
            except OverlappingEdits:
                return False
        return texts[0] == texts[1]

    def _gives(self, proposal: Proposal, goal: str) -> bool:
        try:
            return program(apply_edits(self.module.text, proposal.edits)) == goal
        except SyntaxError:
            return False


def _bare(text: str) -> str:
    """Return what is left without comments, spaces, quotes, brackets and the messages of errors."""
    quiet = re.sub(r"(\braise\s+[\w.]+)\([^()]*\)", r"\1", text)
    return re.sub(r"#.*|[\s\"'(),]", "", quiet)


def program(text: str) -> str:
    """Return what a text means to Python, as text, without docstrings and what errors say, which no test could decide."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            node.exc = node.exc.func
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_string(one)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_string(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case _:
            return False


def tell(one: Asked, *, show: bool) -> None:
    """Print one fix."""
    reached = one.whole or next((part for part in one.parts if part), None)
    how = f"{reached.operator} {reached.cost:.1f} #{reached.rank}" if reached else ""
    print(
        f"{one.project:30} {one.fix.commit[:8]} {one.verdict:9} {how:34} {one.fix.subject[:60]}", flush=True
    )
    if show and one.verdict == "beyond":
        print(one.diff)


def sum_up(found: Sequence[Asked]) -> None:
    """Print the shares."""
    counts = Counter(one.verdict for one in found)
    print(f"{len(found)} fixes: {dict(counts)}")


def tell_prices(found: Sequence[Asked]) -> None:
    """Print by how many bits each operator is too cheap (above 0) or too dear, for what the fixes say.

    A proposal of cost c is expected to be the right one with a probability that is proportional to 2^-c among all proposals
    for its statement; what an operator was expected to reach is compared with what it did reach.
    """
    expected: defaultdict[str, float] = defaultdict(float)
    reached: Counter[str] = Counter()
    for one in (asked.whole for asked in found if asked.whole is not None):
        reached[one.operator] += 1
        total = sum(2.0**-cost for _, cost in one.rivals)
        for operator, cost in one.rivals:
            expected[operator] += 2.0**-cost / total
    bits = {name: log2((expected[name] + DOUBT) / (reached[name] + DOUBT)) for name in expected}
    for name, excess in sorted(bits.items(), key=lambda item: -abs(item[1])):
        print(f"{name:28} {excess:+5.2f} bits: {reached[name]} reached, {expected[name]:.1f} expected")


if __name__ == "__main__":
    main()
