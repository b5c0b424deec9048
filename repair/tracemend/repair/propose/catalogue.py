"""The catalogue of operators as a Markdown page, made from the operators themselves.

`python -m tracemend.repair.propose.catalogue > docs/operators.md` writes it; a test compares.
"""

from __future__ import annotations

import sys
from itertools import groupby

from tracemend.repair.propose.operators import all_operators
from tracemend.repair.propose.site import Operator

_HEAD = """\
# Operators

The embedded engine mends with these edit templates. An operator looks at one statement with the names in scope, what
the failing run showed of them, and the code that is there already, and proposes edits with a price; the search tries
the likeliest edit of the most suspicious statement first. When single edits fail, pairs of them are tried.

Where they bring nothing for a while, **conditions** are looked for the other way round (`propose/decisions.py`). At each
suspicious statement one run of each test writes down what hundreds of conditions would have said there: comparisons of all
that is in scope, alone and two joined. Those that change something in every failing test and nothing in passing ones are
put in charge: of the test that stands there, of an early exit in front of the statement (`continue`, `break`, `return`,
`raise`), of one more `elif`, or of the statement itself. Such a patch mends all tests of its group and is always of low
confidence, because among hundreds of conditions some fit by chance.

To add one, write a generator in a file of `repair/tracemend/repair/propose/operators/` and a case for it in
`tests/repair/operators/`; nothing else needs to know. This page is made from their docstrings: run
`python -m tracemend.repair.propose.catalogue > docs/operators.md`.
"""


def catalogue() -> str:
    """Return the page."""
    operators = sorted(all_operators(), key=lambda one: (one.family, one.name))
    parts = [_HEAD]
    for family, members in groupby(operators, key=lambda one: one.family):
        rows = [f"| `{one.name}` | {_summary(one)} |" for one in members]
        parts.append(
            "\n".join(
                [f"## {family[0].upper()}{family[1:]}", "", "| operator | edits |", "|---|---|", *rows, ""]
            )
        )
    return "\n".join(parts)


def _summary(operator: Operator) -> str:
    """Return the first paragraph of the operator's docstring on one line."""
    paragraph = (operator.propose.__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(catalogue())
