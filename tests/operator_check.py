"""The one helper of operator tests: it alone knows the API of operators.

A case is a snippet in which `# <-` at the end of a line marks the statement under repair:

    check_proposals("comparator", '''
        def last(xs, n):
            if n < len(xs):  # <-
                return xs[n]
    ''', offers=["if n <= len(xs):"], never=["if n < xs:"])

`offers` and `never` are lines (or runs of lines joined by newlines, dedented) that must, or must not, stand in the
text after some proposal where the text before had none. Every proposal must parse and must change the syntax tree.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping, Sequence

from tracemend.analysis.syntax.edits import apply_edits
from tracemend.analysis.syntax.module import Module, parse_module
from tracemend.repair.propose.donors import collect_donors
from tracemend.repair.propose.operators import all_operators
from tracemend.repair.propose.site import Observed, Site


def proposals(
    name: str,
    snippet: str,
    *,
    observed: Mapping[str, Observed] | None = None,
    test_literals: Sequence[str] = (),
    error: str = "",
) -> list[tuple[str, str, float]]:
    """Return (text after, note, cost) of each proposal of operator `name` for the marked statement."""
    module, statement = module_and_statement(snippet)
    text = module.text
    site = Site(
        module,
        statement,
        collect_donors(module, statement),
        observed or {},
        tuple(test_literals),
        error,
        bool(error),
    )
    (one,) = [operator for operator in all_operators() if operator.name == name]
    found = []
    for proposal in one.propose(site):
        after = apply_edits(text, proposal.edits)
        try:
            tree = ast.parse(after)
        except SyntaxError as problem:
            raise AssertionError(f"{name} wrote broken code ({problem}):\n{after}") from problem
        assert ast.dump(tree) != ast.dump(module.tree), f"{name} changed nothing: {proposal}"
        found.append((after, proposal.note, proposal.cost))
    return found


def check_proposals(
    name: str,
    snippet: str,
    *,
    offers: Sequence[str] = (),
    never: Sequence[str] = (),
    at_most: int | None = None,
    observed: Mapping[str, Observed] | None = None,
    test_literals: Sequence[str] = (),
    error: str = "",
) -> None:
    """Assert what operator `name` offers, and does not offer, for the marked statement of `snippet`."""
    found = proposals(name, snippet, observed=observed, test_literals=test_literals, error=error)
    texts = [_bare(after) for after, _, _ in found]
    for wanted in offers:
        assert any(_bare(wanted) in text for text in texts), (
            f"{name} does not offer {wanted!r}; it offers:\n"
            + "\n".join(f"{cost:5.1f}  {note}" for _, note, cost in found)
        )
    for unwanted in never:
        assert not any(_bare(unwanted) in text for text in texts), f"{name} offers {unwanted!r}"
    if at_most is not None:
        assert len(found) <= at_most, f"{name} makes {len(found)} proposals, more than {at_most}"


def module_and_statement(snippet: str) -> tuple[Module, ast.stmt]:
    """Return `snippet` as a module, and the statement that is marked in it."""
    text = textwrap.dedent(snippet).lstrip("\n")
    marked = [number for number, line in enumerate(text.split("\n"), 1) if line.rstrip().endswith("# <-")]
    assert len(marked) == 1, f"expected one '# <-', found {len(marked)}"
    text = "\n".join(line.rstrip().removesuffix("# <-").rstrip() for line in text.split("\n"))
    module = parse_module("snippet.py", text)
    return module, module.statements_at(marked[0])[-1]


def _bare(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().split("\n"))
