"""The desk: what becomes of an answer, and that no limit is ever exceeded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from model_scene import TESTS, ModelScene, answer, poly
from scripted_model import ScriptedModel

from tracemend.repair.consulting import templates_share
from tracemend.repair.events import Consulting, Note
from tracemend.repair.models.errors import BudgetSpent, Cancelled, Refused, Unauthorized
from tracemend.repair.models.guard import GuardedAnswer, GuardLimits
from tracemend.repair.models.protocol import Message, ModelRole, Usage
from tracemend.repair.propose.strategies.candidates import model_candidate
from tracemend.repair.propose.strategies.checking import StaticCheck
from tracemend.repair.propose.strategies.desk import MOST_GUARD_RETRIES
from tracemend.repair.propose.strategies.guidance import Guidance
from tracemend.repair.propose.strategies.protocol import Enough

ASK = [Message("user", "Correct it.")]


@pytest.mark.parametrize(
    ("said", "effect", "told"),
    [
        (answer(1, 0, 0), "plausible", "passes"),
        (answer(0, 0, 0), "unusable", "changes nothing"),
        (answer(9, 0, 0), "changed", "in another way"),
        (answer(1, 2, 3, "  # broken"), "regressed", "test_keeps fails, which passed before"),
        ("No idea.", "unusable", "no definition"),
    ],
)
def test_an_answer_is_read_run_and_told(tmp_path: Path, said: str, effect: str, told: str) -> None:
    tried = ModelScene(tmp_path, ScriptedModel([])).desk.attempt(said)
    assert tried.effect == effect and told in tried.told


def test_the_value_of_a_red_answer_is_the_share_of_tests_that_turn_green(tmp_path: Path) -> None:
    desk = ModelScene(tmp_path, ScriptedModel([])).desk
    values = [desk.attempt(answer(0, *rest)).value for rest in ((0, 1), (2, 0), (2, 3))]
    assert values == [0.25, pytest.approx(0.4), pytest.approx(0.6)]


def test_a_patch_names_who_wrote_it_and_changes_lines_alone(tmp_path: Path) -> None:
    scene = ModelScene(tmp_path, ScriptedModel([answer(1, 2, 3)], name="qwen"))
    scene.work("simple")
    (found,) = scene.search.outcome.plausible
    origin = found.candidate.patch.origin
    assert (origin.author, origin.operator, origin.lines) == ("simple (qwen)", "simple", (("m.py", 11),))
    assert origin.note == "rewrites `poly`" and found.mended == TESTS
    assert found.candidate.patch.sources == {"m.py": poly(1, 2, 3)}


def test_what_was_tried_is_not_run_again_and_counts_as_said_once_more(tmp_path: Path) -> None:
    scene = ModelScene(tmp_path, ScriptedModel([]))
    assert scene.desk.attempt(answer(9, 9, 9)).effect == "changed"
    runs = scene.runner.runs
    assert scene.desk.attempt(answer(9, 9, 9)).effect == "duplicate"
    assert scene.desk.attempt(answer(1, 2, 3)).plausible
    before = scene.runner.runs
    scene.desk.begin()
    assert scene.desk.attempt(answer(1, 2, 3)).plausible
    assert scene.runner.runs == before > runs
    assert scene.search.outcome.plausible[0].echoes == {2}


def test_what_no_test_asks_for_is_taken_away_and_both_are_judged(tmp_path: Path) -> None:
    scene = ModelScene(tmp_path, ScriptedModel([]))
    tidied = answer(1, 2, 3).replace("a + b * x + c * x * x", "a - b * x - c * x * x")
    assert scene.desk.attempt(tidied).plausible
    whole, needed = (one.candidate for one in scene.search.outcome.plausible)
    assert "a - b * x" in whole.patch.sources["m.py"] and needed.patch.sources == {"m.py": poly(1, 2, 3)}
    assert needed.author == whole.author and needed.conversation == whole.conversation == 1
    scene.desk.begin()
    assert scene.desk.attempt(tidied).plausible
    assert [one.echoes for one in scene.search.outcome.plausible] == [{2}, {2}]
    assert scene.desk.attempt(answer(1, 2, 3)).plausible
    assert len(scene.search.outcome.plausible) == 2


def test_what_is_certainly_wrong_is_not_run(tmp_path: Path) -> None:
    scene = ModelScene(tmp_path, ScriptedModel([]))
    scene.violations[poly(1, 2, 3)] = ("`int` has no attribute `x`",)
    runs = scene.runner.runs
    tried = scene.desk.attempt(answer(1, 2, 3))
    assert tried.effect == "violation" and "has no attribute `x`" in tried.told
    assert scene.runner.runs == runs


def test_what_is_tailored_to_the_test_is_refused_and_told(tmp_path: Path) -> None:
    scene = ModelScene(tmp_path, ScriptedModel([]), refuses=lambda candidate: True)
    assert "written for the values of this test" in scene.desk.attempt(answer(1, 2, 3)).told
    assert scene.search.outcome.refused == 1


def test_tokens_of_a_failure_are_never_exceeded_by_a_single_question(tmp_path: Path) -> None:
    model = ScriptedModel([answer(9, at, 0) for at in range(50)])
    scene = ModelScene(tmp_path, model, tokens_per_failure=9000)
    scene.work("tree")
    assert 0 < len(model.asked) < 12
    spent = scene.advisors.usage.tokens
    assert spent <= 9000 and scene.advisors.requests == len(model.asked)
    scene = ModelScene(tmp_path, model, tokens_per_failure=100)
    with pytest.raises(Enough):
        scene.desk.ask(ASK)
    assert scene.advisors.requests == 0


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (poly(0, 0, 0, "\n    a = 1"), "adds to `poly`"),
        (poly(0, 0, 0).replace("    a, b, c = 0, 0, 0\n", ""), "takes away from `poly`"),
        (poly(1, 0, 0, "\n    b = 1"), "rewrites `poly`"),
    ],
)
def test_a_note_says_what_is_done_to_the_function(tmp_path: Path, text: str, note: str) -> None:
    shown = ModelScene(tmp_path, ScriptedModel([])).case.shown
    made = model_candidate(shown, {"m.py": text}, strategy="simple", model="m", conversation=1)
    assert made.patch.origin.note == note


@pytest.mark.parametrize(
    "error", [Refused("It is down."), Unauthorized("No key."), BudgetSpent("All is spent.")]
)
def test_a_broken_endpoint_is_said_once_and_not_asked_again(tmp_path: Path, error: Exception) -> None:
    model = ScriptedModel([error])
    scene = ModelScene(tmp_path, model)
    assert scene.work("auto") == 0
    assert scene.work("auto") == 0
    assert len(model.asked) == 1
    (note,) = [one for one in scene.events if isinstance(one, Note)]
    assert note.text == f"{error} Going on without a model."
    assert scene.notes == [f"No model was asked: {error}"]


def test_templates_get_the_time_of_a_model_that_cannot_be_asked(tmp_path: Path) -> None:
    advisors = ModelScene(tmp_path, ScriptedModel([])).advisors
    before = templates_share(advisors)
    advisors.problem = "It is down."
    assert before < templates_share(advisors) == templates_share(None)


def test_cancelling_asks_nothing_more(tmp_path: Path) -> None:
    model = ScriptedModel(lambda messages: scene.cancel.set() or answer(9, 0, 0))  # type: ignore[func-returns-value]
    scene = ModelScene(tmp_path, model)
    scene.work("unit-test")
    assert len(model.asked) == 1
    assert not [one for one in scene.events if isinstance(one, Note)]


def test_requests_and_tokens_are_told_while_it_works(tmp_path: Path) -> None:
    scene = ModelScene(tmp_path, ScriptedModel([answer(9, 0, 0), answer(1, 2, 3)]))
    scene.work("unit-test")
    told = [one for one in scene.events if isinstance(one, Consulting)]
    assert [one.requests for one in told] == [0, 1, 1, 2]
    assert told[-1].tokens == scene.advisors.usage.tokens > 0
    assert scene.advisors.bill == f"2 requests, {told[-1].tokens} tokens"


def test_each_attempt_is_on_record(tmp_path: Path) -> None:
    scene = ModelScene(tmp_path, ScriptedModel([answer(9, 0, 0), answer(1, 2, 3)]))
    scene.work("unit-test")
    attempts = [fields for kind, fields in scene.records if fields.get("what") == "attempt"]
    assert [(one["strategy"], one["conversation"], one["effect"]) for one in attempts] == [
        ("unit-test", 2, "changed"),
        ("unit-test", 2, "plausible"),
    ]


def test_an_engine_with_our_plug_in_is_told_what_to_mask(tmp_path: Path) -> None:
    model = ScriptedModel([answer(1, 2, 3)])
    ModelScene(tmp_path, model, guidance=lambda *asked: Guidance(masks=True)).work("simple")
    ModelScene(tmp_path, model).work("simple")
    assert model.extras == [{"masks": "def poly"}, None]


def test_an_endpoint_that_is_known_to_allow_for_it_is_asked_under_a_guide(tmp_path: Path) -> None:
    """Every request that this takes is told, and kept to the tokens of the failure."""
    asked: list[GuardLimits] = []

    def guarded(guide: object, messages: object, *, limits: GuardLimits, **options: object) -> GuardedAnswer:
        asked.append(limits)
        return GuardedAnswer(
            answer(9, len(asked), 0), "stop", Usage(10, 10), "m", 0.1, requests=1 + limits.retries
        )

    guided = Guidance(guarded=guarded)
    options = {"guidance": lambda *asked: guided, "tokens_per_failure": 20_000}
    scene = ModelScene(tmp_path, ScriptedModel([]), **options)
    scene.guide = object
    scene.work("simple")
    assert [one.retries for one in asked] == [MOST_GUARD_RETRIES, 2, 0] and scene.advisors.requests == 8
    scene = ModelScene(tmp_path, ScriptedModel([answer(1, 2, 3)]), guidance=lambda *asked: guided)
    scene.work("simple")
    assert len(asked) == 3, "Expected that without a guide the endpoint is asked as ever."


def test_what_was_found_out_about_guidance_is_told_once(tmp_path: Path) -> None:
    """And a question waits for it no longer than for a part of the time that is left."""
    waits: list[float] = []

    def guidance(role: ModelRole, cancel: object, within_s: float) -> Guidance:
        waits.append(within_s)
        return Guidance(told="It was found out." if len(waits) == 1 else "")

    scene = ModelScene(tmp_path, ScriptedModel([answer(9, 0, 0), answer(1, 2, 3)]), guidance=guidance)
    scene.work("unit-test")
    assert [one.text for one in scene.events if isinstance(one, Note)] == scene.notes == ["It was found out."]
    assert len(waits) == 2 and all(0 < one <= 15.0 for one in waits), "The scene gives a failure a minute."
    assert ("note", {"what": "guidance", "told": "It was found out."}) in scene.records


def test_a_question_that_is_called_off_while_that_is_found_out_is_not_asked(tmp_path: Path) -> None:
    def guidance(*asked: object) -> Guidance:
        raise Cancelled("Cancelled while the endpoint was tried out.")

    model = ScriptedModel([answer(1, 2, 3)])
    scene = ModelScene(tmp_path, model, guidance=guidance)
    scene.work("simple")
    assert not model.asked and not scene.advisors.problem


def test_the_static_check_knows_what_an_answer_adds(tmp_path: Path) -> None:
    check = StaticCheck(tmp_path, Path(sys.executable), {})
    old = "import os\n\ndef f():\n    return os.sepp\n"
    new = old + "\ndef g():\n    return os.linesepp\n"
    (tmp_path / "m.py").write_text(old)
    (told,) = check.violations("m.py", old, new)
    assert "linesepp" in told
    fields = check.mask_fields("m.py", old, old.index("def f"))
    assert set(fields) == {"vllm_xargs"}
    guide = check.guide("m.py", old, old.index("def f"))
    assert guide is not None
    wrong = guide().feed(b"```python\ndef f():\n    return os.linesepp\n```\n")
    assert wrong is not None and wrong.name == "linesepp"
    check.close()
