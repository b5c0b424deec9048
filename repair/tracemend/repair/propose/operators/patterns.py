"""Regular expressions: quantifiers, anchors, classes, escapes and groups, one token at a time.

The tokens are those of the `re` module's syntax. An edited pattern is offered only if `re` compiles it, so that the edits
themselves may be plain text.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache

from tracemend.repair.propose.operators.strings import string_constant, string_text
from tracemend.repair.propose.rewriting import Rewrite, expression_operator
from tracemend.repair.propose.site import Site

_FAMILY = "string, regex and format pieces"
_FUNCTIONS = frozenset(
    ["compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "subn", "split"]
)
MAX_PATTERN = 120

_TOKEN = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<group>\((?:\?(?:P<\w+>|<?[=!]|[:>]))?)"
    r"|(?P<close>\))|(?P<quantifier>(?:[*+?]|\{\d*,?\d*\})[?+]?)|(?P<anchor>[\^$])|(?P<any>\.)|(?P<other>.)",
    re.DOTALL,
)
_CLASSES = {
    "\\d": ("\\w", "\\D", "[0-9.]", "."),
    "\\w": ("\\d", "\\W", "[\\w-]", "[a-zA-Z]", "[\\w.]", "\\S"),
    "\\s": ("\\S", "\\s*", "\\s+", " "),
    "\\S": ("\\s", "\\w", "."),
    "\\D": ("\\d",),
    "\\W": ("\\w", "\\s"),
    "\\b": ("", "\\B"),
    "\\.": (".",),
    "\\Z": ("$", ""),
    "\\A": ("^", ""),
}
_QUANTIFIERS = {"*": ("+", "?", "", "*?"), "+": ("*", "?", "", "+?"), "?": ("*", "+", "")}
_IN_SETS = ("A-Z", "a-z", "0-9", "_", "-", ".", "\\s", "\\w", "\\d", "'", "+-")


@expression_operator("regular-expression", _FAMILY)
def regular_expression(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another token at one place of a pattern."""
    value = string_constant(node)
    if value is None or not isinstance(node, ast.Constant) or not _is_pattern(site, node, value):
        return
    for other, note, cost in other_patterns(value):
        yield Rewrite(node, string_text(site, node, other), note, cost)


@expression_operator("pattern-flags", _FAMILY)
def pattern_flags(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another flag, or two flags joined."""
    match node:
        case ast.Attribute(value=ast.Name(id="re"), attr=flag) if flag in _FLAGS:
            for rank, other in enumerate(one for one in _FLAGS if one[0] != flag[0] and len(one) > 1):
                yield Rewrite(
                    node, f"re.{other}", f"matches with `{other}` instead of `{flag}`", 1.8 + 0.2 * rank
                )
                yield Rewrite(
                    node, f"re.{flag} | re.{other}", f"matches with `{other}` too", 2.0 + 0.2 * rank
                )
        case _:
            pass


_FLAGS = ("IGNORECASE", "MULTILINE", "DOTALL", "VERBOSE", "ASCII", "I", "M", "S", "X", "A")


def other_patterns(pattern: str) -> Iterator[tuple[str, str, float]]:
    """Yield patterns one token away that compile, with a note and a cost."""
    for other, note, cost in _edits(pattern):
        if other != pattern and compiles(other):
            yield other, note, cost


@lru_cache(maxsize=4096)
def compiles(pattern: str) -> bool:
    """Say whether `re` takes the pattern without complaint."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            re.compile(pattern)
        except (re.error, Warning, OverflowError, RecursionError):
            return False
    return True


def _edits(pattern: str) -> Iterator[tuple[str, str, float]]:
    tokens = list(_TOKEN.finditer(pattern))
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        quantified = following is not None and following.lastgroup == "quantifier"
        for text, note, cost in _other_tokens(token, quantified):
            yield f"{pattern[: token.start()]}{text}{pattern[token.end() :]}", note, cost
    yield from _anchored(pattern)


def _other_tokens(token: re.Match[str], quantified: bool) -> Iterator[tuple[str, str, float]]:
    text = token.group()
    match token.lastgroup:
        case "quantifier":
            for other, cost in _other_quantifiers(text):
                yield (
                    other,
                    f"matches with `{other}` instead of `{text}`" if other else f"drops `{text}`",
                    cost,
                )
            return
        case "escape":
            for rank, other in enumerate(_CLASSES.get(text, ())):
                yield other, f"matches `{other}` instead of `{text}`", 1.4 + 0.2 * rank
        case "any":
            yield "\\.", "matches a dot itself, not any character", 1.2
            yield "[^\\n]", "matches any character of a line", 3.0
            yield "[\\s\\S]", "matches line ends too", 2.2
        case "set":
            yield from _other_sets(text)
        case "group":
            yield from _other_groups(text)
            return
        case "anchor":
            yield "", f"drops the anchor `{text}`", 1.6
            yield f"\\{text}", f"matches `{text}` itself", 2.4
            return
        case "other" if text in "|":
            yield "\\|", "matches `|` itself", 2.0
            return
        case _:
            pass
    if not quantified:
        for rank, quantifier in enumerate(("+", "*", "?")):
            yield f"{text}{quantifier}", f"matches `{text}{quantifier}`", 2.0 + 0.2 * rank


def _other_quantifiers(text: str) -> Iterator[tuple[str, float]]:
    base, lazy = (text[:-1], text[-1]) if len(text) > 1 and text[-1] in "?+" else (text, "")
    if lazy:
        yield base, 1.3
    else:
        yield f"{base}?", 1.5
    for rank, other in enumerate(_QUANTIFIERS.get(base, ())):
        yield f"{other}{lazy if other else ''}", 1.2 + 0.3 * rank
    if (counts := re.fullmatch(r"\{(\d*)(,?)(\d*)\}", base)) is None:
        return
    low, comma, high = counts.groups()
    for step in (1, -1):
        if low and int(low) + step >= 0:
            yield f"{{{int(low) + step}{comma}{high}}}{lazy}", 1.3
        if high and int(high) + step >= 0:
            yield f"{{{low}{comma}{int(high) + step}}}{lazy}", 1.3
    if not comma:
        yield f"{{{low},}}{lazy}", 1.8
        yield f"{{1,{low}}}{lazy}", 1.8
        yield f"{{0,{low}}}{lazy}", 2.2
    else:
        yield f"{{{low}}}{lazy}", 1.9
    yield f"+{lazy}", 2.0
    yield f"*{lazy}", 2.2


def _other_sets(text: str) -> Iterator[tuple[str, str, float]]:
    negated = text.startswith("[^")
    inner = text[2:-1] if negated else text[1:-1]
    caret = "^" if negated else ""
    yield f"[{'' if negated else '^'}{inner}]", "matches the other characters", 1.6
    for rank, more in enumerate(_IN_SETS):
        if more not in inner:
            yield f"[{caret}{inner}{more}]", f"takes `{more}` among the characters", 1.6 + 0.12 * rank
    pieces = re.findall(r"\\.|[^\\]-[^\\\]]|[^\\]", inner)
    for piece in pieces if len(pieces) > 1 else ():
        rest = inner.replace(piece, "", 1)
        yield f"[{caret}{rest}]", f"does not take `{piece}` among the characters", 1.9
    for low, high in re.findall(r"([^\\])-([^\\\]])", inner):
        for other in _other_ranges(low, high):
            changed = inner.replace(f"{low}-{high}", other, 1)
            yield f"[{caret}{changed}]", f"takes `{other}` instead of `{low}-{high}`", 1.8


def _other_ranges(low: str, high: str) -> Iterator[str]:
    usual = {("a", "z"): "A-Z", ("A", "Z"): "a-z", ("0", "9"): "1-9", ("1", "9"): "0-9", ("a", "f"): "a-z"}
    if (low, high) in usual:
        yield usual[low, high]
    for start, end in (
        (ord(low) + 1, ord(high)),
        (ord(low) - 1, ord(high)),
        (ord(low), ord(high) + 1),
        (ord(low), ord(high) - 1),
    ):
        if start <= end and chr(start).isalnum() and chr(end).isalnum():
            yield f"{chr(start)}-{chr(end)}"


def _other_groups(text: str) -> Iterator[tuple[str, str, float]]:
    if text == "(":
        yield "(?:", "groups without capturing", 1.6
        yield "\\(", "matches a parenthesis itself", 2.6
    elif text == "(?:":
        yield "(", "captures the group", 1.6
    for one, other in (("(?=", "(?!"), ("(?<=", "(?<!")):
        if text in (one, other):
            opposite = other if text == one else one
            yield opposite, f"looks around with `{opposite}`", 1.4
            yield "(?:", "takes what it only looked at", 2.2


def _anchored(pattern: str) -> Iterator[tuple[str, str, float]]:
    if not pattern.endswith(("$", "\\Z")):
        yield f"{pattern}$", "matches up to the end", 1.6
    if not pattern.startswith(("^", "\\A")):
        yield f"^{pattern}", "matches from the start", 1.7
        if not pattern.endswith("$"):
            yield f"^{pattern}$", "matches the whole", 1.9
    if pattern.endswith("$"):
        yield f"{pattern[:-1]}\\Z", "matches up to the very end", 2.2
    yield f"\\b{pattern}\\b", "matches whole words", 2.0
    if "|" in pattern:
        core = pattern.removeprefix("^").removesuffix("$")
        start, end = (
            pattern[: len(pattern) - len(pattern.removeprefix("^"))],
            "$" if pattern.endswith("$") else "",
        )
        if start or end:
            yield f"{start}(?:{core}){end}", "anchors all of the alternatives", 1.5


def _is_pattern(site: Site, node: ast.Constant, value: str) -> bool:
    """Say whether a string is a regular expression: given to `re`, or raw and written in its signs."""
    if len(value) > MAX_PATTERN or not value:
        return False
    match site.module.parents[node]:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re" | "regex"), attr=name), args=[first, *_]):
            return first is node and name in _FUNCTIONS
        case _:
            signs = re.search(r"\\[dwsbWSD.]|[\[\]()*+?^$|]", value)
            return site.text(node)[:1] in "rR" and signs is not None and compiles(value)
