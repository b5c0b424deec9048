"""The HTML page: it holds what the result holds, and nothing in the result can become markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sample_report import SHOP, sample_report

from tracemend.repair.explain.html import element
from tracemend.repair.explain.report import render_report
from tracemend.repair.explain.result import report_to_json

VOID = {"meta", "br", "hr"}
HOSTILE = "<script>alert('`1`')</script>\"&'--></style>"


class Page(HTMLParser):
    """Reads a page strictly: every element is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == [], f"elements left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> while {self.open[-3:]} are open"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


@pytest.fixture
def result(tmp_path: Path) -> dict[str, Any]:
    """The JSON of the sample report, as a script would read it."""
    value = json.loads(json.dumps(report_to_json(sample_report(tmp_path))))
    assert isinstance(value, dict)
    return value


CONTRACT = {
    "result": {"version", "project", "sandbox", "failures", "seconds"},
    "failure": {"test", "status", "tests", "patches", "reason", "seconds", "candidates"},
    "patch": {"rank", "confidence", "diff", "files", "origin", "verdict", "explanation", "evidence"},
}


def test_json_result_keeps_its_contract(result: dict[str, Any]) -> None:
    failure = result["failures"][0]
    for name, part in (("result", result), ("failure", failure), ("patch", failure["patches"][0])):
        assert part.keys() >= CONTRACT[name], name
    assert result["version"] == 1


@pytest.mark.parametrize(
    "said",
    [
        "2 mended",
        "4,962 candidates tried",
        "sandbox: full",
        "-    for price, amount in lines[1:]:",
        "+    for price, amount in lines:",
        "Things first go wrong in subtotal at shop.py:3",
        "[(4, 2), (6, 2)]",
        "12 → 20",
        "64 further inputs: 0 changed, 0 newly crash",
        "it drops a case",
        "shipping(49)",
        "No trustworthy fix: 4,210 candidates",
        "1 more test fails for the same cause",
        "0.82",
        "Plug-in xdist was kept out.",
    ],
)
def test_page_says(result: dict[str, Any], said: str) -> None:
    assert said in Page(render_report(result, {"shop.py": SHOP})).text


def test_page_is_self_contained(result: dict[str, Any]) -> None:
    page = Page(render_report(result, {"shop.py": SHOP}))
    assert not page.names & {"script", "link", "img", "iframe", "object", "form"}
    assert all(link.startswith("#failure-") for link in page.links)


def _texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each free text in a result."""
    if isinstance(value, str):
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from _texts(item, (*path, key))


CHOSEN = {"status", "confidence", "scope", "level", "filesystem", "network", "processes", "hint_levels"}


def test_nothing_in_a_result_becomes_markup(result: dict[str, Any]) -> None:
    for path in list(_texts(result)):
        if CHOSEN.intersection(path):
            continue
        holder: Any = result
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = HOSTILE
    page = Page(render_report(result, {HOSTILE: f"{HOSTILE}\n" * 20}))
    assert "script" not in page.names
    assert "alert('1')" in page.text or "alert('`1`')" in page.text


def test_result_without_failures_and_sources(result: dict[str, Any]) -> None:
    assert "nothing fails" in Page(render_report({**result, "failures": []}, {})).text
    assert "Suspicion" not in Page(render_report(result, {})).text


def test_suspect_beyond_the_end_of_its_file_is_passed_over(result: dict[str, Any]) -> None:
    assert Page(render_report(result, {"shop.py": "x = 1\r\n"}))


def test_element_escapes_text_and_attributes() -> None:
    made = element("p", "<", [element("b", "&")], None, class_='"', title=None, open=True)
    assert made == '<p class="&quot;" open>&lt;<b>&amp;</b></p>'


def test_tests_of_one_name_are_told_apart(result: dict[str, Any]) -> None:
    """Two classes may each have a `test_add`, and an id of a parameter may hold what parts the name of a class."""
    first, second = result["failures"][:2]
    first["test"], second["test"] = "test_a.py::One::test_add[a::b]", "test_a.py::Two::test_add[a::b]"
    overview = render_report(result, {}).partition("</table>")[0]
    assert (">One::test_add[a::b]<" in overview, ">Two::test_add[a::b]<" in overview) == (True, True)
