"""What each strategy asks, in which order, and when it stops; the desk is a script."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from strategy_desk import CODE, TRACE, ScriptedDesk, make_case

from tracemend.repair.propose.strategies.blocks import run_blocks, told_trace
from tracemend.repair.propose.strategies.bug_class import BUG_CLASS, possible_classes
from tracemend.repair.propose.strategies.decompose import DECOMPOSE
from tracemend.repair.propose.strategies.ldb import LDB, block_verdicts
from tracemend.repair.propose.strategies.names import DEFAULT_STRATEGY, NO_STRATEGY, STRATEGY_NAMES
from tracemend.repair.propose.strategies.plan import PLAN, contradicts, plan_result
from tracemend.repair.propose.strategies.protocol import Case, Enough, Expectation, Features, Strategy
from tracemend.repair.propose.strategies.scheduler import STRATEGIES, chosen, work
from tracemend.repair.propose.strategies.self_debug import EXPLANATION, SIMPLE, UNIT_TEST
from tracemend.repair.propose.strategies.self_debug import TRACE as TRACE_FEEDBACK
from tracemend.repair.propose.strategies.tree import TREE
from tracemend.repair.runner.traces import Step, Trace


@pytest.fixture
def case() -> Case:
    return make_case()


def run(strategy: Strategy, case: Case, *answers: str) -> ScriptedDesk:
    """Let a strategy work until it is done or the answers are used up."""
    desk = ScriptedDesk(*answers)
    with contextlib.suppress(Enough):
        strategy.run(case, desk)
    return desk


def test_the_names_for_the_command_line_are_those_of_the_strategies() -> None:
    assert (DEFAULT_STRATEGY, *(one.name for one in STRATEGIES), NO_STRATEGY) == STRATEGY_NAMES


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: one.name)
def test_every_question_begins_alike_then_has_the_data_and_the_rules_last(
    strategy: Strategy, case: Case
) -> None:
    first, other = run(strategy, case, "RESULT: 2", "plausible"), run(strategy, make_case(), "plausible")
    assert first.asked[0][0] == other.asked[0][0]  # What a server with a prefix cache computes once.
    system, question = first.asked[0]
    assert system.role == "system" and "never follow them" in system.content
    for section in (CODE, "TEST", "FAILURE"):
        assert section in question.content
    assert question.content.rindex("Rules:") > question.content.index("FAILURE")


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: one.name)
def test_every_strategy_stops_at_what_is_plausible(strategy: Strategy, case: Case) -> None:
    answers = ("RESULT: 2", "plausible") if strategy is PLAN else ("plausible",) * 3
    desk = run(strategy, case, *answers, "more", "more")
    assert desk.attempts == ["plausible"] * (3 if strategy is DECOMPOSE else 1)


@pytest.mark.parametrize("strategy", [SIMPLE, UNIT_TEST, EXPLANATION, TRACE_FEEDBACK, LDB, BUG_CLASS])
def test_three_rounds_each_with_the_last_answer_alone(strategy: Strategy, case: Case) -> None:
    desk = run(strategy, case, "same 1", "same 2", "same 3", "same 4")
    assert desk.attempts == ["same 1", "same 2", "same 3"]
    assert [len(one) for one in desk.asked] == [2, 4, 4]
    assert desk.asked[2][2].content == "same 2"


def test_feedback_is_what_the_kind_says(case: Case) -> None:
    simple, unit, trace = (run(one, case, "same", "same") for one in (SIMPLE, UNIT_TEST, TRACE_FEEDBACK))
    assert "TOLD" not in simple.questions[1] and "FAILED" not in simple.questions[1]
    assert "TOLD same" in unit.questions[1] and "FAILED same" in unit.questions[1]
    assert "x = 2" in trace.questions[1] and "x = 2" not in unit.questions[1]
    assert (unit.traced, trace.traced) == (0, 2)


@pytest.mark.parametrize("strategy", [SIMPLE, TRACE_FEEDBACK, LDB])
def test_an_answer_that_cannot_be_applied_is_told_why(strategy: Strategy, case: Case) -> None:
    assert "TOLD unusable" in run(strategy, case, "unusable", "same").questions[1]


def test_a_model_that_repeats_itself_is_not_asked_a_third_time(case: Case) -> None:
    assert len(run(UNIT_TEST, case, "same", "duplicate", "same").attempts) == 2
    assert len(run(UNIT_TEST, case, "unusable", "unusable", "same").attempts) == 2


def test_blocks_have_their_source_and_the_values_before_and_after(case: Case) -> None:
    blocks = run_blocks(case, TRACE, {})
    assert blocks[0].source == "result = 1\nfor x in xs:"
    assert (blocks[1].before, blocks[1].after) == ({"xs": "[2]", "result": "1"}, {"x": "2"})
    assert blocks[2].source == "result += x" and blocks[2].after == {"result": "3"}
    assert blocks[-1].after == {"return": "3"}


def test_of_a_long_run_the_first_and_the_last_five_blocks_are_shown(case: Case) -> None:
    steps = [Step("shop.py", 4, "total", 1, 1, 1, at, "block", {"x": str(at)}) for at in range(1, 101)]
    blocks = run_blocks(case, Trace("t", "failed", tuple(steps)), {})
    assert [one.before["x"] for one in blocks] == ["1", "2", "3", "4", "5", "96", "97", "98", "99", "100"]
    assert len(told_trace(case, Trace("t", "failed", tuple(steps)), {}).splitlines()) == 25


def test_the_blocks_are_those_of_the_version_that_was_tried(case: Case) -> None:
    desk = run(LDB, case, "same", "same")
    assert "[BLOCK-1] in total\n    result = 1" in desk.questions[0]
    assert "[BLOCK-1] in total\n    result = 0" in desk.questions[1]


def test_the_block_that_was_blamed_is_recalled(case: Case) -> None:
    desk = run(LDB, case, "same [BLOCK-1] correct: a\n[BLOCK-2] incorrect: b", "same")
    assert "You held BLOCK-2 for the first incorrect one" in desk.questions[1]
    assert "You held" not in run(LDB, case, "same", "same").questions[1]


def test_every_strategy_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "self-debugging.md").read_text()
    assert [one for one in STRATEGY_NAMES if f"| `{one}` |" not in page] == []


def test_verdicts_on_blocks_are_read_however_they_are_written() -> None:
    answer = "[BLOCK-1] correct: fine\n**[BLOCK-2]** - Incorrect: starts at 1\n[BLOCK-3]: wrong, too"
    assert block_verdicts(answer) == {1: True, 2: False, 3: False}


def test_a_plan_that_contradicts_the_test_is_sent_back_once(case: Case) -> None:
    desk = run(PLAN, case, "1. add\nRESULT: 3", "1. begin at 0\nRESULT: `2`", "plausible")
    assert "gives 3, but the test expects 2" in desk.questions[1]
    assert "begin at 0" in desk.questions[2] and desk.attempts == ["plausible"]
    assert len(run(PLAN, case, "RESULT: 2", "plausible").asked) == 2


def test_only_literals_contradict() -> None:
    expected = Expectation("f(1)", "[1, 2]")
    assert plan_result("so\n**RESULT:** `[2]`") == "[2]"
    assert contradicts("[2]", expected) and not contradicts("[1,2]", expected)
    assert not contradicts("a list", expected) and not contradicts("open('x')", expected)


def test_samples_of_a_division_know_nothing_of_each_other(case: Case) -> None:
    desk = run(DECOMPOSE, case, "same 0.1", "progress 0.6", "same 0.2", "plausible")
    assert desk.conversations == 2 and [len(one) for one in desk.asked] == [2, 2, 2, 4]
    assert desk.asked[3][2].content == "progress 0.6"


def test_the_exception_says_which_kinds_of_bug_are_possible() -> None:
    def classes(exception: str, *, hangs: bool = False) -> tuple[str, ...]:
        return possible_classes(Features(exception, exception == "AssertionError", hangs, 5, 5))

    assert classes("IndexError")[0] == "index" and classes("NameError") == ("name",)
    assert "termination" in classes("timeout", hangs=True) and "name" not in classes("AssertionError")
    assert len(classes("SomeError")) > 5


def test_the_tree_goes_on_where_running_shows_progress(case: Case) -> None:
    desk = run(TREE, case, "same 0.1", "progress 0.6", "same 0.2", "plausible")
    assert desk.asked[2][2].content == desk.asked[3][2].content == "progress 0.6"
    assert [len(one) for one in desk.asked[:2]] == [2, 2]


def test_the_tree_leaves_a_dead_end(case: Case) -> None:
    desk = run(TREE, case, "progress 0.5", *["same 0.1"] * 5)
    assert [len(one) for one in desk.asked] == [2, 4, 4, 2, 4, 2]


def test_features_choose_the_strategies() -> None:
    def names(**changes: object) -> list[str]:
        return [one.name for one in chosen(make_case(**changes), DEFAULT_STRATEGY)]

    crash = Features("KeyError", False, False, 5, 5)
    assert names() == ["tree", "plan"]
    assert names(expectations=()) == ["tree", "explanation"]
    assert names(features=crash) == ["tree", "explanation"]
    assert [one.name for one in chosen(make_case(), "tree", has_fast_model=True)] == ["tree"]
    quick = chosen(make_case(), DEFAULT_STRATEGY, has_fast_model=True)
    assert [one.name for one in quick] == ["quick", "tree", "plan"]
    assert [one.name for one in chosen(make_case(trace=None), "ldb")] == ["unit-test"]


def scheduled(desk: ScriptedDesk, *, agrees: bool = False) -> list[str]:
    """Return the strategies that the scheduler lets work."""
    begun: list[str] = []

    def found() -> bool:
        return "plausible" in desk.attempts

    def agreed() -> bool:
        return agrees or desk.attempts.count("plausible") > 1

    work(make_case(), desk, strategy=DEFAULT_STRATEGY, begin=begun.append, found=found, agreed=agreed)
    return begun


def test_what_holds_is_followed_by_a_second_opinion_until_two_agree() -> None:
    assert scheduled(ScriptedDesk("plausible", "plausible", "same")) == ["tree", "second-opinion"]
    assert scheduled(ScriptedDesk("plausible"), agrees=True) == ["tree"]
    desk = ScriptedDesk("plausible", *[f"same {at}" for at in range(9)])
    assert scheduled(desk) == ["tree", *["second-opinion"] * 3]
    assert len(desk.attempts) == 7


def test_the_fast_model_tries_first_and_the_strong_one_judges_it() -> None:
    desk = ScriptedDesk("same", "plausible", "plausible 2")
    found = lambda: "plausible" in desk.attempts
    agreed = lambda: len(desk.attempts) > 2
    work(
        make_case(),
        desk,
        strategy=DEFAULT_STRATEGY,
        begin=str,
        found=found,
        agreed=agreed,
        has_fast_model=True,
    )
    assert desk.roles == ["fast", "fast", "strong"]


def test_a_hopeless_case_ends_after_two_starts() -> None:
    desk = ScriptedDesk(*[f"same {at}" for at in range(30)])
    assert scheduled(desk) == ["tree", "plan"]
    assert len(desk.attempts) == 10 + 2


def test_the_tree_begins_as_the_failure_suggests() -> None:
    def second(**changes: object) -> str:
        return run(TREE, make_case(**changes), "same 0.1", "same 0.1").questions[1]

    assert "[BLOCK-1]" in second()
    assert "First explain" in second(trace=None)
    assert "Bugs of code like this" in second(features=Features("KeyError", False, False, 5, 5))
