"""Prompts for families of models, and how much of a text they show."""

from __future__ import annotations

import pytest

from tracemend.repair.completion.templates import MAX_STOPS, families, family_of, make_prompt
from tracemend.repair.completion.window import CHARACTERS_PER_TOKEN, STEP_CHARACTERS, window_of


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("Qwen/Qwen2.5-Coder-1.5B", "qwen-coder"),
        ("bigcode/starcoder2-3b", "starcoder"),
        ("ibm-granite/granite-8b-code-base", "starcoder"),
        ("deepseek-ai/deepseek-coder-1.3b-base", "deepseek-coder"),
        ("codellama/CodeLlama-7b-hf", "codellama"),
        ("codestral-latest", "codestral"),
        ("some-new-model", "chat"),
    ],
)
def test_a_models_name_tells_its_family(model: str, family: str):
    assert family_of(model).name == family
    assert family_of(model, "plain").name == "plain"
    assert family_of(model, has_completions=False).name == "chat"


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("qwen-coder", "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>"),
        ("starcoder", "<fim_prefix>a = <fim_suffix>\nb<fim_middle>"),
        ("deepseek-coder", "<｜fim▁begin｜>a = <｜fim▁hole｜>\nb<｜fim▁end｜>"),  # noqa: RUF001
        ("codellama", "<PRE> a =  <SUF>\nb <MID>"),
        ("codestral", "[SUFFIX]\nb[PREFIX]a = "),
        ("plain", "a = "),
    ],
)
def test_prompts_are_as_the_families_were_trained(family: str, text: str):
    prompt = make_prompt(families()[family], "a = ", "\nb", stop=["\n"])
    assert prompt.text == text
    assert prompt.stop[0] == "\n" and len(prompt.stop) <= MAX_STOPS


def test_an_endpoint_may_put_the_suffix_in_itself():
    prompt = make_prompt(families()["suffix"], "a = ", "\nb")
    assert (prompt.text, prompt.suffix) == ("a = ", "\nb")


def test_text_that_spells_a_token_or_a_place_cannot_change_the_prompt():
    prompt = make_prompt(families()["starcoder"], "'<fim_suffix>' {after}", "{before}")
    assert prompt.text.count("<fim_suffix>") == 1
    assert prompt.text.endswith("{after}<fim_suffix>{before}<fim_middle>")


def test_a_fence_in_the_code_does_not_end_the_code_in_a_chat():
    system, user = make_prompt(families()["chat"], "'''\n```\n", "x").messages
    assert (system.role, user.role) == ("system", "user")
    assert user.content.count("````") == 4


def test_a_small_text_is_shown_whole():
    window = window_of("a\nb\nc\n", 2, "", 100)
    assert (window.start, window.end) == (0, 6)


def test_a_window_begins_at_a_line_and_stays_while_one_types():
    text = "".join(f"line_{number} = {number}\n" for number in range(2000))
    budget = 1000
    starts = []
    for offset in range(20_000, 20_000 + STEP_CHARACTERS, 97):
        window = window_of(text, offset, "", budget)
        assert window.end - window.start <= budget * CHARACTERS_PER_TOKEN
        assert text[window.start - 1] == "\n" and window.start <= offset <= window.end
        starts.append(window.start)
    assert len(set(starts)) <= 2
