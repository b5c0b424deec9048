"""The result of a run as one self-contained HTML page: what failed, why, what mends it, and how sure that is.

The page is made from the JSON result (`result.report_to_json`) and the texts of the source files, so that it can be
made again, later and elsewhere, from a stored result. It loads nothing and runs no script, which its content security
policy states for the browser to enforce. Reading order: `render_report`, then the sections in the order of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from tracemend.repair.explain.counting import counted
from tracemend.repair.explain.evidence import Alternative, Evidence, Suspect, evidence_from_json
from tracemend.repair.records import from_json

from .html import Child, Html, element, join, style_sheet

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
CONTEXT_LINES = 3  # Around each suspect line.
SHOWN_SUSPECT_FILES = 4
STATUSES = ("mended", "unmended", "flaky", "error")

Result = Mapping[str, Any]


def render_report(result: Result, sources: Mapping[str, str]) -> str:
    """Return the page for a result; `sources` maps project-relative paths to their text before any change."""
    project = str(result["project"]).rstrip("/").rpartition("/")[2] or "/"
    failures = list(result["failures"])
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"tracemend: {project}"),
        style_sheet(files(__package__).joinpath("report.css").read_text("utf-8")),
    )
    body = element(
        "body",
        _masthead(result, project, failures),
        element(
            "main",
            _notes(result),
            _overview(failures) if len(failures) > 1 else None,
            [_failure(failure, number, sources) for number, failure in enumerate(failures, 1)],
        ),
        element("footer", "Every statement on this page comes from running the code."),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _masthead(result: Result, project: str, failures: Sequence[Result]) -> Html:
    counts = {status: sum(one["status"] == status for one in failures) for status in STATUSES}
    pills = [_pill(status, f"{number} {status}") for status, number in counts.items() if number]
    candidates = sum(one["candidates"] for one in failures)
    facts = [
        f"{candidates:,} candidates tried",
        f"{result['seconds']:.1f} s",
        f"sandbox: {result['sandbox']['level']}",
    ]
    return element(
        "header",
        element("h1", element("span", "tracemend", class_="brand"), " ", project),
        element("p", pills or _pill("mended", "nothing fails"), class_="pills"),
        element("p", " · ".join(facts), class_="facts"),
    )


def _notes(result: Result) -> Child:
    notes = result.get("notes", ())
    return element("ul", [element("li", note) for note in notes], class_="notes") if notes else None


def _overview(failures: Sequence[Result]) -> Html:
    """One row for each failure; the bar compares how long the search took."""
    longest = max(one["seconds"] for one in failures) or 1.0
    rows = [_overview_row(failure, number, longest) for number, failure in enumerate(failures, 1)]
    heads = ("", "failure", "patch", "tried", "per second", "seconds", "")
    head = element("tr", [element("th", one) for one in heads])
    return element(
        "section", element("table", element("thead", head), element("tbody", rows)), class_="overview"
    )


def _overview_row(failure: Result, number: int, longest: float) -> Html:
    patches = failure["patches"]
    note = patches[0]["origin"]["note"] if patches else failure["reason"]
    share = 100 * failure["seconds"] / longest
    bar = element("span", style=f"width:{share:.0f}%", class_="bar") if failure["candidates"] else None
    figures = (f"{failure['candidates']:,}", f"{_rate(failure):,.0f}", f"{failure['seconds']:.1f}")
    return element(
        "tr",
        element("td", _pill(failure["status"], failure["status"])),
        element("td", element("a", _test_in_file(failure["test"]), href=f"#failure-{number}")),
        element("td", _inline(note)),
        [element("td", one if failure["candidates"] else "", class_="number") for one in figures],
        element("td", bar, class_="track"),
    )


def _failure(failure: Result, number: int, sources: Mapping[str, str]) -> Html:
    path, _, name = failure["test"].partition("::")
    patches = failure["patches"]
    evidences = [evidence_from_json(one["evidence"]) for one in patches]
    suspects = tuple(from_json(Suspect, one) for one in failure.get("suspects", ()))
    return element(
        "article",
        element(
            "h2",
            _pill(failure["status"], failure["status"]),
            " ",
            element("span", name or path),
            class_="title",
        ),
        element("p", path if name else None, _statistics(failure), class_="facts"),
        _same_cause(failure),
        element("p", _inline(failure["reason"]), class_="reason") if failure["reason"] else None,
        _best(patches[0], evidences[0]) if patches else None,
        _alternatives(patches, evidences) if len(patches) > 1 else None,
        _heat(suspects or (evidences[0].suspects if evidences else ()), sources),
        id=f"failure-{number}",
    )


def _statistics(failure: Result) -> str:
    tried = f"{failure['candidates']:,} candidates in {failure['seconds']:.1f} s ({_rate(failure):,.0f} per second)"
    return f" · {tried}" if failure["candidates"] else ""


def _same_cause(failure: Result) -> Child:
    others = [test for test in failure["tests"] if test != failure["test"]]
    if not others:
        return None
    noun = "test fails" if len(others) == 1 else "tests fail"
    summary = element("summary", f"{len(others)} more {noun} for the same cause")
    return element("details", summary, element("ul", [element("li", element("code", one)) for one in others]))


def _best(patch: Result, evidence: Evidence) -> Html:
    return element(
        "div",
        element(
            "div",
            element("h3", "The patch ", _confidence(patch)),
            _diff(patch["diff"]),
            _checks(evidence),
            _values(evidence),
            class_="proof",
        ),
        element("div", element("h3", "Why"), _prose(patch["explanation"]), class_="prose"),
        class_="columns",
    )


def _prose(explanation: str) -> list[Html]:
    return [element("p", _inline(paragraph)) for paragraph in explanation.split("\n") if paragraph.strip()]


def _checks(evidence: Evidence) -> Html:
    """What was run with the patch in place, one tick or cross each; a check that was not made has no line."""
    items = [_check(passed, text) for passed, text in _check_lines(evidence)]
    return element("ul", items, class_="checks")


def _check_lines(evidence: Evidence) -> Iterator[tuple[bool, str]]:
    scopes = {
        "target": "failing tests",
        "impacted": "tests that can see the change",
        "whole": "whole selection",
        "elsewhere": "tests that were not named",
    }
    for rerun in evidence.reruns:
        total = rerun.passed + rerun.failed
        fresh = ", in a fresh process" if rerun.fresh_process else ""
        yield rerun.green, f"{scopes[rerun.scope]}: {rerun.passed} of {total} pass{fresh}"
    if evidence.reverted_fails is not None:
        yield evidence.reverted_fails, "without the patch the failure is back"
    found = evidence.falsification
    if found is not None:
        crashes = counted(found.new_crashes, "newly crashes", "newly crash")
        changed = f"{found.changed_on_passing} changed, {crashes}"
        yield (
            not (found.changed_on_passing or found.new_crashes),
            f"{counted(found.inputs, 'further input', 'further inputs')}: {changed}",
        )
    if evidence.diagnostics is not None:
        added = evidence.diagnostics.added
        yield not added, f"linter: {'; '.join(added) if added else 'nothing new'}"
    for doubt in evidence.doubts:
        yield False, doubt


def _check(passed: bool, text: str) -> Html:
    mark = element("span", "✓" if passed else "✗", aria_label="good" if passed else "doubtful")
    return element("li", mark, " ", _inline(text), class_="good" if passed else "doubtful")


def _values(evidence: Evidence) -> Child:
    """The values at the failure, the first diverging one before and after on top."""
    rows: list[Html] = []
    divergence = evidence.divergence
    if divergence is not None:
        was_is = [element("del", divergence.before), " → ", element("ins", divergence.after)]
        place = f"{divergence.path}:{divergence.line}"
        rows.append(_value_row(divergence.name, was_is, f"first difference, {place}", class_="divergence"))
    failure = evidence.failure
    place = f"{failure.path}:{failure.line}" if failure.path else ""
    rows += [_value_row(one.name, one.value, place) for one in failure.values]
    if not rows:
        return None
    head = element("tr", [element("th", one) for one in ("name", "value", "where")])
    return element("table", element("thead", head), element("tbody", rows), class_="values")


def _value_row(name: str, value: Child, place: str, class_: str | None = None) -> Html:
    cells = [element("td", element("code", one)) for one in (name, value)]
    return element("tr", cells, element("td", place, class_="place"), class_=class_)


def _alternatives(patches: Sequence[Result], evidences: Sequence[Evidence]) -> Html:
    """All patches side by side, and the inputs that tell them apart."""
    cards = [
        element(
            "div",
            element("h4", f"Patch {patch['rank']} ", _confidence(patch)),
            element("p", _inline(evidence.note or patch["origin"]["note"])),
            _diff(patch["diff"]),
            element("ul", [_check(False, doubt) for doubt in evidence.doubts], class_="checks"),
            class_="card",
        )
        for patch, evidence in zip(patches, evidences, strict=True)
    ]
    return element(
        "div",
        element("h3", "Patches that pass the same tests"),
        _differences(evidences[0].alternatives),
        element("div", cards, class_="cards"),
    )


def _differences(alternatives: Sequence[Alternative]) -> Child:
    rows = [
        element(
            "tr",
            element("td", element("code", one.input)),
            element("td", element("code", one.here)),
            element("td", element("code", one.there), element("span", f" patch {one.rank}", class_="place")),
        )
        for one in alternatives
        if one.input
    ]
    if not rows:
        return None
    head = element("tr", [element("th", one) for one in ("for this input", "patch 1 gives", "another gives")])
    return element("table", element("thead", head), element("tbody", rows), class_="values")


def _diff(diff: str) -> Html:
    return element("pre", [_diff_line(line) for line in diff.rstrip("\n").split("\n")], class_="diff")


def _diff_line(line: str) -> Html:
    if line.startswith(("--- ", "+++ ")):
        return element("span", line, class_="file")
    kind = {"+": "added", "-": "removed", "@": "hunk"}.get(line[:1])
    return element("span", line.removesuffix("\r") or " ", class_=kind)


def _heat(suspects: Sequence[Suspect], sources: Mapping[str, str]) -> Child:
    """The suspect lines in their surroundings, the more suspect the warmer."""
    paths = [path for path in dict.fromkeys(one.path for one in suspects) if path in sources]
    if not paths:
        return None
    return element(
        "details",
        element("summary", f"Suspicion, {len(suspects)} of the lines that the failing tests execute"),
        [
            _heat_of_file(path, sources[path], {one.line: one for one in suspects if one.path == path})
            for path in paths[:SHOWN_SUSPECT_FILES]
        ],
        open=True,
    )


def _heat_of_file(path: str, text: str, suspects: Mapping[int, Suspect]) -> Html:
    lines = text.removesuffix("\n").split("\n")
    shown = sorted(
        {
            number
            for suspect in suspects
            for number in range(suspect - CONTEXT_LINES, suspect + CONTEXT_LINES + 1)
            if 1 <= number <= len(lines)
        }
    )
    rows: list[Html] = []
    for before, number in zip([0, *shown], shown, strict=False):
        if rows and number > before + 1:
            rows.append(element("span", "⋯", class_="gap"))
        rows.append(_heat_line(number, lines[number - 1], suspects.get(number)))
    return element("figure", element("figcaption", path), element("pre", rows, class_="heat"))


def _heat_line(number: int, text: str, suspect: Suspect | None) -> Html:
    score = min(max(suspect.score, 0.0), 1.0) if suspect else None
    return element(
        "span",
        element("i", f"{number:>5}"),
        element("b", f"{score:.2f}" if score is not None else ""),
        text.removesuffix("\r") or " ",
        style=f"--heat:{100 * score:.0f}%" if score is not None else None,
        title=suspect.why or None if suspect else None,
        class_="suspect" if suspect else None,
    )


def _confidence(patch: Result) -> Html:
    confidence = patch["confidence"]
    return _pill("mended" if confidence == "high" else "flaky", f"{confidence} confidence")


def _pill(kind: str, text: str) -> Html:
    return element("span", text, class_=f"pill {kind}")


def _inline(text: str) -> Html:
    """Return a sentence with its `quoted` pieces set as code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:  # An unpaired mark is just a character.
        pieces = [text]
    return join(element("code", piece) if at % 2 else piece for at, piece in enumerate(pieces))


def _test_in_file(test: str) -> str:
    """Return the name with its class: two of them may have a test of one name."""
    return test.partition("::")[2] or test


def _rate(failure: Result) -> float:
    return failure["candidates"] / failure["seconds"] if failure["seconds"] else 0.0
