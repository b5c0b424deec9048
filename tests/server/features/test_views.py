"""Outlines, moved lines, values by line, edits, hints and the page of an explanation."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scene import Scene, patch_of, step, trace_of

from tracemend.analysis.syntax.edits import apply_edits
from tracemend.analysis.syntax.positions import LineIndex
from tracemend.repair.explain.evidence import Divergence
from tracemend.repair.patch import FileChange
from tracemend.repair.runner.traces import FailureFrame
from tracemend.server.views.explanation import explanation_of
from tracemend.server.views.hints import hint
from tracemend.server.views.line_map import line_map
from tracemend.server.views.outline import outline_of
from tracemend.server.views.patch_edits import OutOfDate, edits_for, same_content
from tracemend.server.views.values import line_values
from tracemend.server.views.wording import failure_message, history_text

TEST = "test_shop.py::test_total"

OUTLINE = '''
class Cart:
    """A def in_docs(): is none."""
    # def in_comment(): pass
    @property
    async def total(self):
        text = 'def in_text(): "'

        def inner():
            return 1

        return inner

    class Item: pass

def first(x=")"): pass
'''


def test_an_outline_has_what_is_code_alone() -> None:
    found = {one.qualname: one.line for one in outline_of(OUTLINE).definitions}
    assert found == {"Cart": 2, "Cart.total": 6, "Cart.total.inner": 9, "Cart.Item": 14, "first": 16}


@pytest.mark.parametrize(
    ("line", "function"),
    [(1, None), (3, None), (6, "Cart.total"), (8, "Cart.total"), (10, "Cart.total.inner"), (12, "Cart.total"),
     (14, None), (16, "first")],
)  # fmt: skip
def test_the_function_around_a_line(line: int, function: str | None) -> None:
    found = outline_of(OUTLINE).function_at(LineIndex(OUTLINE), line)
    assert (found.qualname if found else None) == function


def test_an_outline_agrees_with_the_parser() -> None:
    for path in sorted(Path(ast.__file__).parent.glob("[a-d]*.py"))[:25]:
        text = path.read_text("utf-8")
        expected = [
            (node.lineno, node.name)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        ]
        assert [(one.line, one.name) for one in outline_of(text).definitions] == sorted(expected), path


@pytest.mark.parametrize(
    ("new", "moved"),
    [
        ("a\nb\nc", [1, 2, 3]),
        ("x\na\nb\nc", [2, 3, 4]),
        ("a\nx\nb\nc", [1, 3, 4]),
        ("a\nB\nc", [1, None, 3]),
        ("a\r\nb\r\nc", [1, 2, 3]),
        ("c", [None, None, 1]),
        ("", [None, None, None]),
    ],
)
def test_lines_are_found_again(new: str, moved: list[int | None]) -> None:
    lines = line_map("a\nb\nc", new)
    assert [lines.new_line(line) for line in (1, 2, 3)] == moved


CODE = """\
@decorated
def total(xs, rate):
    result = 0
    for x in xs:
        x = x * rate
        result += x
    seen = sorted(xs)
    seen.reverse()
    if result:
        return result
"""


def test_a_change_stands_at_the_line_that_made_it() -> None:
    """The tracer tells a change at the head of the next block, and a call at the first decorator."""
    steps = [
        step("a.py", 1, "call", xs="[3]", rate="2"),
        step("a.py", 3),
        step("a.py", 4, result="0"),
        step("a.py", 5, x="3"),
        step("a.py", 4, visit=2, x="6", result="6"),
        step("a.py", 7),
        step("a.py", 10, seen="[3]"),
        step("a.py", 10, "return", return_="6"),
    ]
    (found,) = line_values(trace_of("t", *steps), {"a.py": CODE}).values()
    shown = {(one.line, history.name): history.texts for one in found for history in one.histories}
    assert shown == {
        (2, "xs"): ("[3]",),
        (2, "rate"): ("2",),
        (3, "result"): ("0",),
        (4, "x"): ("3",),
        (5, "x"): ("6",),
        (6, "result"): ("6",),
        (7, "seen"): ("[3]",),
        (10, "returns"): ("6",),
    }


def test_a_change_that_no_line_of_the_block_can_have_made_is_left_out() -> None:
    steps = [step("a.py", 3), step("a.py", 9, x="3")]
    assert line_values(trace_of("t", *steps), {"a.py": CODE}) == {"a.py": ()}


LINES = st.lists(st.sampled_from(["a", "b", "    c", ""]), max_size=7)
ENDS = st.sampled_from(["\n", "\r\n"])


@given(LINES, LINES, ENDS, ENDS)
def test_edits_of_the_proven_text_make_the_proven_result(
    old: list[str], new: list[str], end: str, other_end: str
) -> None:
    """The editor may have unified the line ends; its own are kept."""
    change = FileChange("a.py", end.join(old), end.join(new))
    held = other_end.join(old)
    made = apply_edits(held, edits_for(change, held))
    assert made.replace("\r\n", "\n") == "\n".join(new)
    assert "\r\n" not in made or other_end == "\r\n"


@given(LINES, LINES, st.lists(st.sampled_from(["x", "y"]), max_size=3))
def test_lines_above_and_below_do_not_matter(old: list[str], new: list[str], more: list[str]) -> None:
    base = ["START", "#", *old, "#", "END"]
    change = FileChange("a.py", "\n".join(base), "\n".join(["START", "#", *new, "#", "END"]))
    held = "\n".join([*more, *base, *more])
    assert apply_edits(held, edits_for(change, held)) == "\n".join([*more, change.new, *more])


@pytest.mark.parametrize("held", ["a\nB\nc\nd", "a\nx\nb\nc\nd", "a\nb\nC\nd", "a\nd"])
def test_edits_beside_the_place_refuse_it(held: str) -> None:
    with pytest.raises(OutOfDate, match=r"a\.py has changed around line 2"):
        edits_for(FileChange("a.py", "a\nb\nc\nd", "a\nBB\nc\nd"), held)


def test_line_ends_do_not_make_another_content() -> None:
    assert same_content("a\r\nb\n", "a\nb\r\n") and not same_content("a\nb\n", "a\nb")


def hinted_scene(folder: Path) -> Scene:
    scene = Scene(folder, """
        #- shop.py
        def total(xs):
            result = 1
            return result + sum(xs)
        #- test_shop.py
        def test_total():
            xs = [1]
            assert total(xs) == 1
    """)  # fmt: skip
    scene.fails(TEST, "AssertionError", "assert 2 == 1", at="assert total")
    scene.suspects(TEST, ("shop.py", "result = 1", 1.0))
    steps = [step("shop.py", 2, frame=2), step("shop.py", 3, "return", frame=2, result="1", return_="2")]
    frame = FailureFrame("test_shop.py", 3, "test_total", {"xs": "[1]"})
    scene.knows(TEST, trace=trace_of(TEST, *steps, error="AssertionError: assert 2 == 1", failure=(frame,)))
    return scene


def test_before_a_proof_hints_are_called_suspicions(tmp_path: Path) -> None:
    scene = hinted_scene(tmp_path)
    before = scene.states[TEST]
    assert hint(before, "where") == (
        "Nothing is proven yet; most suspected is the module level of shop.py, near line 2."
    )
    assert hint(before, "what") == (
        "Nothing is proven yet; most suspected is shop.py:2 (`result = 1`). In the failing run: result = 1. "
        "Is that what you expect?"
    )
    assert hint(before, "how").startswith("No change has been proven to mend it yet")


def test_the_hints_of_a_proven_repair_are_about_its_place(tmp_path: Path) -> None:
    scene = hinted_scene(tmp_path)
    patch = patch_of(scene, TEST, "shop.py", "result = 1", "result = 0", note="starts at `0`")
    evidence = replace(patch.evidence, divergence=Divergence("shop.py", 3, "result", "1", "0"))
    state = scene.knows(TEST, phase="found", patches=(replace(patch, evidence=evidence),))
    assert "At line 3, `result` is `1`; is that what you expect?" in hint(state, "what")
    assert hint(state, "how") == "What mends it starts at `0`."


def test_a_hint_that_would_take_nobody_further_is_not_given(tmp_path: Path) -> None:
    scene = hinted_scene(tmp_path)
    patch = patch_of(scene, TEST, "shop.py", "result = 1", "result = 0", note="starts at `0`")
    evidence = replace(patch.evidence, hint_levels=("what",))
    state = scene.knows(TEST, phase="found", patches=(replace(patch, evidence=evidence),))
    assert hint(state, "where").endswith("ask for the hint *what*.")
    assert hint(state, "what").startswith("Look at shop.py:2")
    assert "would not bring you closer" in hint(state, "how") and "starts at" not in hint(state, "how")


def test_where_and_what_are_true_and_do_not_give_the_answer_away(tmp_path: Path) -> None:
    """The change stands in a function that is not among the suspects that were kept."""
    scene = hinted_scene(tmp_path)
    patch = patch_of(
        scene, TEST, "shop.py", "result + sum(xs)", "sum(xs) or fallback", note="uses `fallback`"
    )
    state = scene.knows(TEST, phase="found", patches=(patch,))
    assert hint(state, "where").startswith("Look at `total` in shop.py")
    assert hint(state, "what").startswith("Look at shop.py:3 (`return result + sum(xs)`)")
    assert all("fallback" not in hint(state, level) for level in ("where", "what"))


def test_an_explanation_has_all_that_is_known(tmp_path: Path) -> None:
    scene = hinted_scene(tmp_path)
    patch = patch_of(scene, TEST, "shop.py", "result = 1", "result = 0")
    page = explanation_of(scene.knows(TEST, phase="found", patches=(patch,)))
    for part in [
        f"# {TEST}\n",
        "It is raised at test_shop.py:3 by `assert total(xs) == 1`, where `xs` = `[1]`.",
        "| shop.py:2 | `result = 1` | 1.00 | executed by failing tests |",
        "### 1. writes `result = 0`",
        "*Confidence: high; mends test_total, 5 tests pass, fails without it.*",
        "-    result = 1\n+    result = 0",
        "## The run, block by block",
    ]:
        assert part in page


def test_an_explanation_is_silent_about_what_is_not_known(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "#- test_shop.py\ndef test_total(): assert 0\n")
    scene.fails(TEST, "AssertionError", "assert 0", at="assert 0")
    page = explanation_of(scene.states[TEST])
    assert "Suspects" not in page and "block by block" not in page and "No search was made yet." in page


def test_messages_are_bounded(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "#- test_shop.py\ndef test_total(): assert 0\n")
    result = scene.fails(TEST, "AssertionError", "x" * 5000 + "\n" + "y" * 5000, at="assert 0")
    assert len(failure_message(result, 3, {"a": "z" * 5000, "b": "1"})) <= 600


def test_a_history_counts_what_repeats(tmp_path: Path) -> None:
    (found,) = line_values(
        trace_of("t", *[step("a.py", 1, "call", xs=text) for text in ["[]"] * 3 + ["[1]"]]), {"a.py": CODE}
    ).values()
    assert history_text(found[0].histories[0]) == "[] (x3), [1]"
