"""String literals: separators, case and blanks, words for their opposites, sets of characters, a missing `f`.

What has a grammar of its own is elsewhere: format specifications and dates in `formats`, regular expressions in
`patterns`.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from tokenize import STRING, generate_tokens

from tracemend.repair.propose.candidates import free_names, inner_names, likeness, literal_value
from tracemend.repair.propose.rewriting import Rewrite, expression_operator, parsed, short
from tracemend.repair.propose.site import Site

_FAMILY = "string, regex and format pieces"
MAX_OTHERS = 6

_SEPARATORS = (
    "",
    " ",
    ",",
    ", ",
    "\n",
    "\t",
    "-",
    "_",
    ":",
    ": ",
    ";",
    "/",
    ".",
    "|",
    "=",
    "\\",
    "  ",
    "\n\n",
    "\r\n",
)
_BLANKS = {"\n": "a line end", " ": "a blank"}
_MIRRORS = (
    ("nfc", "nfd"),  # Forms of `unicodedata.normalize`.
    ("nfkc", "nfkd"),
    ("nfc", "nfkc"),
    ("nfd", "nfkd"),
    ("left", "right"),
    ("start", "end"),
    ("first", "last"),
    ("min", "max"),
    ("row", "column"),
    ("row", "col"),
    ("x", "y"),
    ("width", "height"),
    ("up", "down"),
    ("top", "bottom"),
    ("north", "south"),
    ("east", "west"),
    ("before", "after"),
    ("next", "prev"),
    ("asc", "desc"),
    ("lower", "upper"),
    ("true", "false"),
    ("yes", "no"),
    ("on", "off"),
    ("open", "close"),
    ("add", "remove"),
    ("even", "odd"),
    ("success", "failure"),
    ("key", "value"),
    ("name", "id"),
    ("rb", "r"),
    ("wb", "w"),
    ("w", "a"),
    ("r", "w"),
    ("r+", "w+"),
    ("utf-8", "latin-1"),
    ("utf-8", "ascii"),
    ("utf-8", "utf-8-sig"),
    ("utf-8", "utf-16"),
    ("strict", "ignore"),
    ("strict", "replace"),
    ("big", "little"),
)
_CHARACTER_SETS = (
    "aeiou",
    "aeiouAEIOU",
    "AEIOU",
    "aeiouy",
    string.digits,
    "0123456789.",
    string.hexdigits,
    "0123456789abcdef",
    "0123456789ABCDEF",
    string.ascii_lowercase,
    string.ascii_uppercase,
    string.ascii_letters,
    string.ascii_letters + string.digits,
    string.ascii_letters + string.digits + "_",
    string.ascii_lowercase + string.digits,
    string.ascii_uppercase + string.digits,
    "01",
    "01234567",
    "()[]{}",
    "([{",
    ")]}",
    "()[]{}<>",
    "+-*/",
    "+-*/%",
    "+-*/^",
    "+-",
    ".!?",
    ",.;:!?",
    " \t",
    " \t\n",
    " \t\r\n",
    "\"'",
)
_TOKEN = re.compile(
    r"(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>'''|\"\"\"|'|\")(?P<body>.*)(?P=quote)\Z", re.DOTALL
)


def string_text(site: Site, node: ast.Constant, value: str) -> str:
    """Write `value` in the quotes, and raw or not, as the literal `node` is written."""
    match = _TOKEN.match(site.text(node))
    prefix, quote = (match["prefix"], match["quote"]) if match else ("", '"')
    raw = f"{prefix}{quote}{value}{quote}"
    if "r" in prefix.lower() and isinstance(again := parsed(raw), ast.Constant) and again.value == value:
        return raw
    body = repr(f"{value}'\"")[1:-4].replace("\\'", "'")
    return f"{quote[0]}{body.replace(quote[0], chr(92) + quote[0])}{quote[0]}"


def string_constant(node: ast.expr) -> str | None:
    """Return the value of a string literal, None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@expression_operator("separator", _FAMILY)
def separator(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another separator; likeliest those that share a character."""
    value = string_constant(node)
    if value is None or not isinstance(node, ast.Constant) or value not in _SEPARATORS:
        return
    others = sorted((one for one in _SEPARATORS if one != value), key=lambda one: not (set(one) & set(value)))
    # A separator that the texts of the tests contain is met; then it is seldom the one that is wrong.
    met = 0.7 if any(value in one[1:-1] for one in site.test_literals if one[:1] in "'\"") else 0.0
    for rank, other in enumerate(others):
        text = string_text(site, node, other)
        # A separator that is split at and asks for more is met by fewer texts: stripping the parts is likelier.
        narrower = 0.6 if value in other and _is_split_at(site, node) else 0.0
        cost = 1.5 + 0.12 * rank + narrower + met
        yield Rewrite(node, text, f"writes {text} instead of {site.text(node)}", cost)


def _is_split_at(site: Site, node: ast.expr) -> bool:
    match site.module.parents[node]:
        case ast.Call(func=ast.Attribute(attr="split" | "rsplit" | "partition" | "rpartition")):
            return True
        case _:
            return False


@expression_operator("case-and-blanks", _FAMILY)
def case_and_blanks(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Other case, a blank, line end or mark more or less at the ends."""
    value = string_constant(node)
    if value is None or not value.strip() or not isinstance(node, ast.Constant) or len(value) > 200:
        return
    for other, note, cost in _other_writings(value):
        cost += 0.6 if value in other and _is_split_at(site, node) else 0.0
        yield Rewrite(node, string_text(site, node, other), f"{note}: {short(repr(other))}", cost)


@expression_operator("opposite-word", _FAMILY)
def opposite_word(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """The opposite of a word, or another option of the same kind: "left" for "right", "w" for "a"."""
    value = string_constant(node)
    if value is None or not isinstance(node, ast.Constant):
        return
    for pair in _MIRRORS:
        for one, other in (pair, pair[::-1]):
            if value.lower() == one:
                text = string_text(site, node, other.upper() if value.isupper() and len(value) > 1 else other)
                yield Rewrite(node, text, f"writes {text} instead of {site.text(node)}", 1.5)


@expression_operator("character-set", _FAMILY)
def character_set(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A set of characters with one missing or too many, where a well-known set is near."""
    value = string_constant(node)
    if value is None or len(value) < 2 or not isinstance(node, ast.Constant):
        return
    own = set(value)
    for known in _CHARACTER_SETS:
        missing = "".join(one for one in known if one not in own)
        if own < set(known) and len(missing) <= max(2, len(known) // 8):
            text = string_text(site, node, value + missing if value + missing != known else known)
            yield Rewrite(node, text, f"takes {missing!r} too", 1.6 + 0.2 * len(missing))
            yield Rewrite(
                node, string_text(site, node, known), f"takes {missing!r} too", 1.7 + 0.2 * len(missing)
            )
    if len(value) <= 8 and not value.isalpha() and " " not in value.strip():
        for index, character in enumerate(value):
            text = string_text(site, node, value[:index] + value[index + 1 :])
            yield Rewrite(node, text, f"leaves out the character {character!r}", 2.6)


@expression_operator("string-of-file", _FAMILY)
def string_of_file(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another string that the file writes, likest first."""
    value = string_constant(node)
    if value is None or len(value) > 60:
        return
    known = [(one, literal_value(one)) for one in site.donors.constants]
    others = [
        (text, other)
        for text, other in known
        if isinstance(other, str) and other != value and len(other) <= 60
    ]
    others.sort(key=lambda one: -likeness(one[1], value))
    for rank, (text, other) in enumerate(others[:MAX_OTHERS]):
        cost = 1.9 + 0.2 * rank - (0.3 if likeness(other, value) > 0.6 else 0.0)
        yield Rewrite(node, text, f"writes {short(text)} instead of {short(site.text(node))}", cost)


@expression_operator("missing-f-prefix", _FAMILY)
def missing_f_prefix(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A plain string with names of this scope in braces."""
    value = string_constant(node)
    if value is None or "{" not in value or site.text(node)[:1] not in "'\"":
        return
    if isinstance(site.module.parents[node], ast.Attribute):
        return
    visible = {one.name for one in site.names} | set(inner_names(site, node))
    fields = re.findall(r"\{([^{}:!]+)(?:![rsa])?(?::[^{}]*)?\}", value)
    if fields and all(free_names(one) and free_names(one) <= visible | {"len"} for one in fields):
        yield Rewrite(node, _with_prefixes(site.text(node)), "fills in the names in braces", 1.0)


def _with_prefixes(text: str) -> str:
    """Make an f-string of each literal with braces among those that stand side by side in `text`."""
    lines = f"({text})".splitlines(keepends=True)  # In brackets the lines may be indented as they are.
    tokens = [one for one in generate_tokens(iter([*lines, ""]).__next__) if one.type == STRING]
    for token in reversed(tokens):
        (row, column), line = token.start, lines[token.start[0] - 1]
        if "{" in token.string:
            lines[row - 1] = f"{line[:column]}f{line[column:]}"
    return "".join(lines)[1:-1]


@expression_operator("escaped-quote", _FAMILY)
def escaped_quote(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """A quote inside of quoted text doubled, or written with a backslash."""
    parent = site.module.parents[node]
    if not isinstance(node, ast.Name) or not isinstance(parent, ast.BinOp | ast.FormattedValue):
        return
    whole = parent if isinstance(parent, ast.BinOp) else site.module.parents[parent]
    quotes = [
        one.value
        for one in ast.walk(whole)
        if isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and one.value.strip()[:1] in ("'", '"')
    ]
    for quote in dict.fromkeys(one.strip()[:1] for one in quotes if one.strip()):
        for rank, other in enumerate((quote * 2, f"\\{quote}")):
            text = f"{node.id}.replace({quote!r}, {other!r})"
            yield Rewrite(node, text, f"writes {quote} inside as {other}", 1.8 + 0.2 * rank)


@expression_operator("string-kind", _FAMILY)
def string_kind(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Bytes for text, raw for escaped."""
    text = site.text(node)
    match node:
        case ast.Constant(value=str(value)) if text[:1] in "'\"":
            cost = 1.5 if site.error_here and "bytes" in site.error else 3.2
            if value.isascii() and len(value) <= 40:
                yield Rewrite(node, f"b{text}", "writes bytes, not text", cost)
            if "\\" in text:
                yield Rewrite(node, f"r{text}", "takes the backslashes as they stand", 1.8)
        case ast.Constant(value=bytes()) if text[:1] in "bB":
            yield Rewrite(node, text[1:], "writes text, not bytes", 2.0)
        case ast.Constant(value=str()) if text[:1] in "rR":
            yield Rewrite(node, text[1:], "takes backslashes as escapes", 2.8)
        case _:
            pass


def _other_writings(value: str) -> Iterator[tuple[str, str, float]]:
    """Yield other ways to write a text, with a note and a cost."""
    if any(one.isalpha() for one in value):
        for other in dict.fromkeys(
            (value.lower(), value.upper(), value.capitalize(), value.title(), value.swapcase())
        ):
            yield other, "writes in another case", 2.0
    for blank, name in _BLANKS.items():
        if value.endswith(blank):
            yield value[: -len(blank)], f"writes without {name} at the end", 1.7
        else:
            yield value + blank, f"writes with {name} at the end", 1.9
        if value.startswith(blank):
            yield value[len(blank) :], f"writes without {name} at the start", 1.8
        else:
            yield blank + value, f"writes with {name} at the start", 2.3
    for mark in ".:!?,;":
        if value.endswith(mark):
            yield value[:-1], f"writes without {mark!r} at the end", 2.2
    if not value[-1].isspace() and " " in value:
        yield f"{value}.", "writes with a full stop at the end", 2.8
        yield f"{value}:", "writes with a colon at the end", 2.8
    for old, new in (
        ("  ", " "),
        ("_", "-"),
        ("-", "_"),
        (" ", "_"),
        (" ", "-"),
        ("_", " "),
        (" ", ""),
        ("/", "\\"),
    ):
        if old in value:
            yield value.replace(old, new), f"writes {new!r} for {old!r}", 2.4
    if value.isidentifier() and len(value) > 2:
        yield (value[:-1] if value.endswith("s") else f"{value}s"), "writes the other number", 2.6
