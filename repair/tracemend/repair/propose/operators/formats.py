"""Format specifications of f-strings and `str.format`, `%` formats and date formats."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracemend.repair.propose.operators.strings import string_constant, string_text
from tracemend.repair.propose.rewriting import Rewrite, expression_operator
from tracemend.repair.propose.site import Site

_FAMILY = "string, regex and format pieces"


@dataclass(frozen=True, slots=True)
class Field:
    """One `{expression!conversion:specification}` of an f-string or of a template of `str.format`."""

    start: int  # Of "{" in the text.
    end: int  # Behind "}".
    expression: str
    conversion: str  # "", "!r", "!s" or "!a".
    specification: str  # Without the colon.

    def text(
        self,
        *,
        expression: str | None = None,
        conversion: str | None = None,
        specification: str | None = None,
    ) -> str:
        """Write the field with the parts that are given instead of its own."""
        middle = self.conversion if conversion is None else conversion
        after = self.specification if specification is None else specification
        return f"{{{self.expression if expression is None else expression}{middle}{':' + after if after else ''}}}"


def fields_of(text: str) -> list[Field]:
    """Return the outermost replacement fields of `text`; doubled braces are text."""
    found: list[Field] = []
    index = 0
    while index < len(text):
        if text[index : index + 2] in ("{{", "}}"):
            index += 2
        elif text[index] == "{":
            end = _closing(text, index)
            if end < 0:
                return found
            found.append(_field(text, index, end))
            index = end
        else:
            index += 1
    return found


@expression_operator("format-field", _FAMILY)
def format_field(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another specification or conversion of a replacement field, or two fields swapped."""
    text = site.text(node)
    template = isinstance(node, ast.JoinedStr) or (
        isinstance(site.module.parents[node], ast.Attribute) and string_constant(node) is not None
    )
    if not template or len(text) > 400:
        return
    fields = fields_of(text)
    for field in fields:
        for new, note, cost in _other_fields(field):
            yield Rewrite(node, f"{text[: field.start]}{new}{text[field.end :]}", note, cost)
    for first, second in itertools.pairwise(fields):
        swapped = f"{first.text(expression=second.expression)}{text[first.end : second.start]}{second.text(expression=first.expression)}"
        note = f"swaps `{first.expression}` and `{second.expression}`"
        yield Rewrite(node, f"{text[: first.start]}{swapped}{text[second.end :]}", note, 1.6)
    yield from _other_pieces(node, text, fields)


@expression_operator("percent-format", _FAMILY)
def percent_format(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another conversion of a `%` format."""
    value = string_constant(node)
    parent = site.module.parents[node]
    if value is None or not isinstance(node, ast.Constant) or not isinstance(parent, ast.BinOp):
        return
    for match in re.finditer(
        r"%(?P<key>\(\w+\))?(?P<flags>[-#0 +]*)(?P<width>\d*)(?P<dot>\.\d+)?(?P<kind>[a-zA-Z])", value
    ):
        for new, cost in _other_percents(match):
            other = f"{value[: match.start()]}{new}{value[match.end() :]}"
            yield Rewrite(
                node, string_text(site, node, other), f"formats with `{new}`, not `{match.group()}`", cost
            )


_DATE_CODES = {
    "m": "Mbd",
    "M": "mSI",
    "d": "jDmw",
    "D": "d",
    "H": "IhM",
    "I": "H",
    "y": "Y",
    "Y": "yG",
    "b": "Bm",
    "B": "bm",
    "a": "Aw",
    "A": "a",
    "S": "fMs",
    "f": "S",
    "j": "d",
    "p": "P",
    "w": "uda",
    "u": "w",
    "U": "WV",
    "W": "UV",
    "Z": "z",
    "z": "Z",
}


@expression_operator("date-format", _FAMILY)
def date_format(site: Site, node: ast.expr) -> Iterator[Rewrite]:
    """Another code of a date format: `%m` is the month, `%M` the minute."""
    value = string_constant(node)
    if value is None or not isinstance(node, ast.Constant) or not re.search(r"%[YmdHMSyjbBaAIp]", value):
        return
    matches = list(re.finditer(r"%([a-zA-Z])", value))
    for match in matches:
        for rank, other in enumerate(_DATE_CODES.get(match[1], "")):
            text = f"{value[: match.start()]}%{other}{value[match.end() :]}"
            note = f"formats the date with `%{other}`, not `%{match[1]}`"
            yield Rewrite(node, string_text(site, node, text), note, 1.2 + 0.3 * rank)
    for first, second in itertools.pairwise(matches):
        between = value[first.end() : second.start()]
        text = f"{value[: first.start()]}{second.group()}{between}{first.group()}{value[second.end() :]}"
        note = f"swaps `{first.group()}` and `{second.group()}`"
        yield Rewrite(node, string_text(site, node, text), note, 1.5)
    for old, new in (("-", "/"), ("/", "-"), (" ", "T"), ("T", " "), (":", "-"), (".", "-"), ("-", ".")):
        if f"{old}%" in value:
            text = value.replace(f"{old}%", f"{new}%")
            yield Rewrite(node, string_text(site, node, text), f"separates with {new!r}, not {old!r}", 2.2)


_ALIGNMENTS = "<>^="
_TYPES = {
    "f": "deg%s",
    "d": "fsnx",
    "s": "d",
    "x": "Xdbo",
    "X": "xd",
    "b": "xod",
    "o": "xb",
    "e": "fgE",
    "g": "fe",
    "%": "f",
    "n": "d",
}
_SPECIFICATION = re.compile(
    r"(?P<fill>.(?=[<>=^]))?(?P<align>[<>=^])?(?P<sign>[-+ ])?(?P<alt>z?\#?)(?P<zero>0)?(?P<width>\d+|\{\w+\})?"
    r"(?P<group>[,_])?(?P<precision>\.(?:\d+|\{\w+\}))?(?P<kind>[bcdeEfFgGnosxX%])?\Z"
)


def other_specifications(specification: str) -> Iterator[tuple[str, float]]:
    """Yield specifications near to this one in the format mini-language of the Python library reference."""
    match = _SPECIFICATION.match(specification)
    if match is None:
        return
    parts = {name: value or "" for name, value in match.groupdict().items()}
    for name, values, cost in (
        ("width", _neighbours(parts["width"], ("", "1", "2", "3")), 1.5),
        ("precision", [f".{one}" for one in _neighbours(parts["precision"][1:], ("0", "1", "2", "3"))], 1.3),
        ("align", [one for one in _ALIGNMENTS if parts["width"] and one != parts["align"]], 1.4),
        (
            "kind",
            list(_TYPES.get(parts["kind"], "fd" if parts["precision"] or not parts["kind"] else "")),
            1.7,
        ),
        ("group", ["," if not parts["group"] else "", "_"], 1.7),
        ("zero", ["" if parts["zero"] else "0"], 1.6),
        ("sign", ["" if parts["sign"] else "+"], 2.0),
        ("precision", [""] if parts["precision"] else [], 2.0),
        ("fill", ["0", " ", "-", "*"] if parts["align"] else [], 2.2),
    ):
        for rank, value in enumerate(values):
            yield "".join({**parts, name: value}.values()), cost + 0.15 * rank


def _neighbours(number: str, usual: tuple[str, ...]) -> list[str]:
    if not number.isdigit():
        return []
    value = int(number)
    near = [str(one) for one in (value + 1, value - 1, value + 2, value * 2) if one >= 0]
    return [one for one in dict.fromkeys([*near, *usual]) if one != number]


def _other_fields(field: Field) -> Iterator[tuple[str, str, float]]:
    for conversion, cost in (("!r", 1.8), ("", 1.6), ("!s", 2.8)):
        if conversion != field.conversion:
            note = (
                f"writes `{field.expression}` with `{conversion}`"
                if conversion
                else f"drops `{field.conversion}`"
            )
            yield field.text(conversion=conversion), note, cost
    if not field.specification:
        for rank, specification in enumerate(
            (".2f", "02d", ",", ".1f", "02", ".0f", ">2", "d", ".1%", "x", "g")
        ):
            note = f"formats `{field.expression}` as `{specification}`"
            yield field.text(specification=specification), note, 2.1 + 0.1 * rank
        return
    yield field.text(specification=""), f"writes `{field.expression}` without `{field.specification}`", 1.8
    for specification, cost in other_specifications(field.specification):
        note = f"formats as `{specification}`, not `{field.specification}`"
        yield field.text(specification=specification), note, cost


def _other_pieces(node: ast.expr, text: str, fields: list[Field]) -> Iterator[Rewrite]:
    """Yield a blank more or less, or a colon or comma, beside each field."""
    for field in fields:
        before, after = text[: field.start], text[field.end :]
        middle = text[field.start : field.end]
        if before.endswith(" "):
            yield Rewrite(node, f"{before[:-1]}{middle}{after}", f"drops the blank before {middle}", 2.0)
        else:
            yield Rewrite(node, f"{before} {middle}{after}", f"puts a blank before {middle}", 2.1)
        if after.startswith(" "):
            yield Rewrite(node, f"{before}{middle}{after[1:]}", f"drops the blank after {middle}", 2.0)
        else:
            yield Rewrite(node, f"{before}{middle} {after}", f"puts a blank after {middle}", 2.3)
        if re.match(r"[^\w\s{}'\"\\]", after):
            yield Rewrite(node, f"{before}{middle}{after[1:]}", f"drops {after[0]!r} after {middle}", 2.2)
        for mark in ",:%":
            if not after.startswith(mark):
                yield Rewrite(node, f"{before}{middle}{mark}{after}", f"puts {mark!r} after {middle}", 2.7)


def _closing(text: str, start: int) -> int:
    """Return the offset behind the brace that closes the one at `start`; -1 where there is none."""
    depth, quote = 0, ""
    for index in range(start, len(text)):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"" and depth:
            quote = character
        elif character in "{[(":
            depth += 1
        elif character in "}])":
            depth -= 1
            if depth == 0:
                return index + 1
    return -1


def _field(text: str, start: int, end: int) -> Field:
    """Split the field between `start` and `end` at the conversion and colon that are outside all brackets."""
    inner, depth, quote = text[start + 1 : end - 1], 0, ""
    for index, character in enumerate(inner):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif depth == 0 and (
            character == ":" or (character == "!" and inner[index + 1 : index + 2] in "rsa")
        ):
            conversion = inner[index : index + 2] if character == "!" else ""
            rest = inner[index + len(conversion) :]
            return Field(start, end, inner[:index], conversion, rest[1:])
    return Field(start, end, inner, "", "")


def _other_percents(match: re.Match[str]) -> Iterator[tuple[str, float]]:
    key, flags, width = match["key"] or "", match["flags"], match["width"]
    dot, kind = match["dot"] or "", match["kind"]
    for rank, other in enumerate(
        {"d": "sfrix", "s": "rd", "f": "dsge", "r": "s", "x": "Xd", "i": "ds"}.get(kind, "")
    ):
        yield f"%{key}{flags}{width}{dot if other in 'fges' else ''}{other}", 1.5 + 0.2 * rank
    for other in _neighbours(width, ("",)):
        yield f"%{key}{flags}{other}{dot}{kind}", 1.7
    for other in _neighbours(dot[1:], ("0", "1", "2")):
        yield f"%{key}{flags}{width}.{other}{kind}", 1.5
    if kind == "f" and not dot:
        yield f"%{key}{flags}{width}.2f", 1.5
        yield f"%{key}{flags}{width}.1f", 1.8
    for flag in "0-+":
        yield f"%{key}{flags.replace(flag, '') if flag in flags else flag + flags}{width}{dot}{kind}", 1.9
    if not width and kind == "d":
        yield f"%{key}02d", 1.7
