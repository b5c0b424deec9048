"""Tables that lack an entry: keywords, units, escapes, languages that a program enumerates.

What is missing from an enumeration stands nowhere in the program, but the failing test has to mention it. A word of the
test that is written as the entries are (all in capitals, all in lower case, of one length) is a candidate; that no other
line confirms it is for the judge to say.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tracemend.repair.propose.candidates import literal_value
from tracemend.repair.propose.rewriting import Rewrite, expression_operator, operand
from tracemend.repair.propose.site import Site, once_a_site

_FAMILY = "literal and default value"
FEWEST_ENTRIES = 3
MOST_ENTRIES = 400
MAX_WORDS = 6


@expression_operator("element-of-test", _FAMILY)
def add_a_word_of_the_test(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Add to a table of words one that the failing test writes in the same form: `("WORK", "TRAN", "READ")`."""
    match node:
        case ast.Tuple(elts=entries) | ast.List(elts=entries) | ast.Set(elts=entries):
            value = ""
        case ast.Dict(keys=keys, values=values) if None not in keys:
            entries = [one for one in keys if one is not None]
            value = Counter(operand(site, one) for one in values).most_common(1)[0][0] if values else ""
        case _:
            return
    if not FEWEST_ENTRIES <= len(entries) <= MOST_ENTRIES or not _are_words(entries):
        return
    quote = site.text(entries[-1])[-1]
    for rank, word in enumerate(_words_alike(site, [str(literal_value(site.text(one))) for one in entries])):
        entry = f"{quote}{word}{quote}"
        text = _with_entry(site, node, f"{entry}: {value}" if isinstance(node, ast.Dict) else entry)
        yield Rewrite(node, text, f"adds {entry} to the table", 2.2 + 0.2 * rank)


def _are_words(entries: Sequence[ast.expr]) -> bool:
    return all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in entries)


def _words_alike(site: Site, entries: Sequence[str]) -> Sequence[str]:
    """Return the words of the failing test that are written as `entries` are, and that are none of them."""
    form = _form_of(entries)
    return [one for one in _words_of_test(site) if one not in entries and form.fullmatch(one)][:MAX_WORDS]


@once_a_site
def _words_of_test(site: Site) -> Sequence[str]:
    """Return the texts that the failing test writes, whole ones first, then their words."""
    texts = [one for one in map(literal_value, site.test_literals) if isinstance(one, str)]
    words = [word for text in texts for word in re.findall(r"\w+", text)]
    return list(dict.fromkeys([*texts, *words]))


def _form_of(entries: Sequence[str]) -> re.Pattern[str]:
    """Return what all entries look like: their letters, and their length where it is the same or nearly."""
    kinds = (
        r"[A-Z]",
        r"[a-z]",
        r"[A-Z0-9]",
        r"[a-z0-9]",
        r"[A-Z_]",
        r"[a-z_]",
        r"[A-Za-z]",
        r"\w",
        r"\W",
        r"\S",
    )
    kind = next((one for one in kinds if all(re.fullmatch(f"{one}+", entry) for entry in entries)), r"[^\n]")
    lengths = [len(one) for one in entries]
    shortest, longest = min(lengths), max(lengths)
    # Words differ in length and may be longer or shorter than those that are there; codes do not.
    bounds = f"{{{shortest}}}" if shortest == longest else f"{{{max(1, shortest - 2)},{longest + 4}}}"
    return re.compile(kind + bounds)


def _with_entry(site: Site, node: ast.expr, entry: str) -> str:
    """Return the display with one entry more at its end, its layout kept."""
    text = site.text(node)
    bare = text.startswith(("'", '"')) or not text.endswith((")", "]", "}"))
    body, end = (text, "") if bare else (text[:-1], text[-1])
    inner = body.rstrip()
    comma = " " if inner.endswith(",") else ", "
    return f"{inner}{comma}{entry}{body[len(inner) :]}{end}"
