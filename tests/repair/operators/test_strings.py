"""Strings and the small languages inside them."""

from __future__ import annotations

import pytest
from operator_check import check_proposals

from tracemend.repair.propose.operators.formats import fields_of
from tracemend.repair.propose.operators.patterns import compiles, other_patterns


def test_separators_case_and_blanks() -> None:
    check_proposals(
        "separator",
        'x = ",".join(a)  # <-',
        offers=['x = ", ".join(a)', 'x = "".join(a)', r'x = "\n".join(a)'],
    )
    check_proposals(
        "case-and-blanks", "x = 'Total '  # <-", offers=["x = 'total '", "x = 'Total'", r"x = 'Total \n'"]
    )
    check_proposals("case-and-blanks", "x = ''  # <-", at_most=0)


def test_quotes_and_backslashes_survive() -> None:
    check_proposals("case-and-blanks", """x = "it's"  # <-""", offers=['''x = "it's\\n"''', '''x = "IT'S"'''])
    check_proposals("case-and-blanks", r"""x = 'a\\b"'  # <-""", offers=[r"""x = 'A\\B"'"""])


def test_words_characters_and_other_strings() -> None:
    check_proposals(
        "opposite-word", 'x = open(a, "w")  # <-', offers=['x = open(a, "a")', 'x = open(a, "r")']
    )
    check_proposals("character-set", 'x = a in "aeio"  # <-', offers=['x = a in "aeiou"'])
    check_proposals("character-set", 'x = a in ".!?"  # <-', offers=['x = a in ".!"'])
    check_proposals("string-of-file", "y = 'name'\nx = 'nam'  # <-", offers=["x = 'name'"])


def test_prefixes() -> None:
    check_proposals(
        "missing-f-prefix", "def f(a):\n    return 'is {a!r}'  # <-\n", offers=["return f'is {a!r}'"]
    )
    check_proposals(
        "missing-f-prefix",
        "def f(a):\n    return g(  # <-\n        'is {a} '\n            'or '\n        '{a}'\n    )\n",
        offers=["return g(\n(f'is {a} '\n'or '\nf'{a}')\n)"],
    )
    check_proposals("missing-f-prefix", "def f(a):\n    return 'is {b}'  # <-\n", at_most=0)
    check_proposals("missing-f-prefix", "def f(a):\n    return '{a}'.format(a=a)  # <-\n", at_most=0)
    check_proposals("string-kind", r"x = '\\d'  # <-", offers=[r"x = b'\\d'", r"x = r'\\d'"])


def test_format_fields() -> None:
    check_proposals(
        "format-field",
        'x = f"{a:>5} {b:.2f}"  # <-',
        offers=[
            f'x = f"{one}"'
            for one in ("{a:<5} {b:.2f}", "{a:>6} {b:.2f}", "{a:>5} {b:.1f}", "{b:>5} {a:.2f}")
        ],
    )
    check_proposals(
        "format-field", 'x = f"{a}"  # <-', offers=['x = f"{a!r}"', 'x = f"{a:.2f}"', 'x = f"{a:02d}"']
    )
    check_proposals("format-field", 'x = "{:3}".format(a)  # <-', offers=['x = "{:4}".format(a)'])
    check_proposals("format-field", 'x = "{:3}"  # <-', at_most=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a}", [("a", "", "")]),
        ("{{a}} {b!r:>3}", [("b", "!r", ">3")]),
        ("{d['k:v']:{w}.2f}", [("d['k:v']", "", "{w}.2f")]),
        ("{a != b}", [("a != b", "", "")]),
        ("{a", []),
    ],
)
def test_fields_are_split(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = [(one.expression, one.conversion, one.specification) for one in fields_of(text)]
    assert found == expected


def test_percent_and_date_formats() -> None:
    check_proposals(
        "percent-format", "x = '%d: %.1f' % a  # <-", offers=["x = '%s: %.1f' % a", "x = '%d: %.2f' % a"]
    )
    check_proposals("date-format", "x = a.strftime('%Y-%M-%d')  # <-", offers=["x = a.strftime('%Y-%m-%d')"])
    check_proposals("date-format", "x = a.strftime('%m/%d')  # <-", offers=["x = a.strftime('%d/%m')"])
    check_proposals("date-format", "x = 'plain'  # <-", at_most=0)


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        (r"a.b", r"a\.b"),
        (r"<.*>", r"<.*?>"),
        (r"\d*", r"\d+"),
        (r"[a-z]", r"[a-zA-Z]"),
        (r"^a", r"a"),
        (r"\w+", r"\w+$"),
        (r"(a|b)", r"(?:a|b)"),
        (r"\d{3}", r"\d{4}"),
        (r"\s", r"\S"),
        (r"[^a]", r"[a]"),
        (r"^a|b$", r"^(?:a|b)$"),
        (r"(?=a)", r"(?!a)"),
    ],
)
def test_patterns(pattern: str, meant: str) -> None:
    found = [other for other, _, _ in other_patterns(pattern)]
    assert meant in found
    assert pattern not in found
    assert all(compiles(other) for other in found)


def test_patterns_stay_raw_and_other_strings_are_no_patterns() -> None:
    check_proposals(
        "regular-expression", r"x = re.match(r'\d+', a)  # <-", offers=[r"x = re.match(r'\d*', a)"]
    )
    check_proposals("regular-expression", r"x = f('a.b')  # <-", at_most=0)
    check_proposals(
        "pattern-flags", "x = re.M  # <-", offers=["x = re.M | re.IGNORECASE"], never=["re.MULTILINE"]
    )


def test_quotes_inside_of_quotes() -> None:
    check_proposals(
        "escaped-quote",
        """x = '"' + text + '"'  # <-""",
        offers=["""x = '"' + text.replace('"', '""') + '"'"""],
    )
    check_proposals("escaped-quote", "x = 'a' + text  # <-", at_most=0)
