"""A model's completion, from the prompt to the check, with an endpoint that says what a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from completion_check import placed

from tracemend.repair.completion.inline import Completion, Cursor, InlineCompleter
from tracemend.repair.completion.options import InlineOptions
from tracemend.repair.models.capabilities import Capabilities
from tracemend.repair.models.protocol import Answer, Usage

SHOP = """
#- shop.py
class Shop:
    till: int
    def total(self, rate: float) -> float:
        return rate
    def close(self) -> None: ...
#- main.py
import json
from shop import Shop

def run(shop: Shop) -> float:
    shop.close()
    amount = $0
    return amount
"""


@dataclass
class ScriptedEndpoint:
    """Answers every question with one text, and keeps what it was asked."""

    text: str
    can: Capabilities = field(default_factory=lambda: Capabilities("qwen-coder", chat=True, completions=True))
    asked: list[dict[str, Any]] = field(default_factory=list)

    def capabilities(self, **_options: Any) -> Capabilities:
        return self.can

    def complete(self, prompt: str, **fields: Any) -> Answer:
        self.asked.append({"prompt": prompt, **fields})
        if "on_text" in fields:
            fields["on_text"](self.text)
        return Answer(self.text, "stop", Usage(100, 5), self.can.model, 0.1)

    def chat(self, messages: Any, **fields: Any) -> Answer:
        self.asked.append({"messages": messages, **fields})
        if "on_text" in fields:
            fields["on_text"](self.text)
        return Answer(self.text, "stop", Usage(100, 5), self.can.model, 0.1)


def completed(
    endpoint: ScriptedEndpoint, snippet: str = SHOP, options: InlineOptions | None = None
) -> Completion:
    reviewer, path, text, offset = placed(snippet)
    return InlineCompleter(endpoint, reviewer, options).complete(Cursor(path, text, offset))


def test_a_sound_completion_is_passed_on():
    found = completed(ScriptedEndpoint("shop.total(1.0)"))
    assert (found.text, found.verdict, found.model) == ("shop.total(1.0)", "checked", "qwen-coder")


def test_the_prompt_tells_what_can_be_reached_and_nothing_of_the_standard_library():
    endpoint = ScriptedEndpoint("1")
    completed(endpoint)
    prompt = endpoint.asked[0]["prompt"]
    assert prompt.startswith(
        "<|fim_prefix|># Defined elsewhere in this project:\n# In shop:\n# class Shop:\n"
    )
    assert "#     def total(self, rate: float) -> float\n" in prompt and "# In json" not in prompt
    assert prompt.endswith("    amount = <|fim_suffix|>\n    return amount\n<|fim_middle|>")


def test_the_prompt_keeps_to_its_budget():
    endpoint = ScriptedEndpoint("1")
    completed(endpoint, SHOP.replace("import json", "import json\n" + "x = 1\n" * 3000), InlineOptions(200))
    assert len(endpoint.asked[0]["prompt"]) <= 200 * 3 + 60


def test_an_invented_name_is_cut_away_with_all_that_follows():
    found = completed(ScriptedEndpoint("shop.total(1.0)\n    other = shop.totals()\n    print(other)"))
    assert (found.text, found.verdict) == ("shop.total(1.0)", "cut")
    assert "totals" in found.why


def test_an_invented_name_on_the_first_line_leaves_nothing():
    found = completed(ScriptedEndpoint("shop.totals()"))
    assert (found.text, found.verdict) == ("", "dropped")


def test_a_name_that_can_end_in_one_way_is_written_without_the_model():
    endpoint = ScriptedEndpoint("(1.0)")
    found = completed(endpoint, SHOP.replace("amount = $0", "amount = shop.to$0"))
    assert (found.text, found.verdict) == ("tal(1.0)", "checked")
    assert "    amount = shop.total<|fim_suffix|>" in endpoint.asked[0]["prompt"]
    found = completed(ScriptedEndpoint(""), SHOP.replace("amount = $0", "amount = shop.to$0"))
    assert (found.text, found.verdict) == ("tal", "checked")


def test_a_name_that_can_end_in_several_ways_is_left_to_the_model():
    found = completed(ScriptedEndpoint("otal(1.0)"), SHOP.replace("amount = $0", "amount = shop.t$0"))
    assert (found.text, found.verdict) == ("otal(1.0)", "checked")


class InTurn(ScriptedEndpoint):
    """Writes the lines of its text one after the other, one for each question."""

    def complete(self, prompt: str, **fields: Any) -> Answer:
        self.text, _, rest = self.text.partition("||")
        answer = super().complete(prompt, **fields)
        self.text = rest
        return answer


def test_a_name_that_is_not_the_model_s_own_is_told():
    endpoint = InTurn("shop.totals(1.0)||total(1.0)\n    shop.closed()\n    shop.closed()")
    found = completed(endpoint)
    assert (found.text, found.verdict) == ("shop.total(1.0)\n    shop.close()\n    shop.close()", "checked")
    assert found.why == "'close' stands for 'closed', which does not exist"
    assert len(endpoint.asked) == 2


def test_behind_a_dot_the_first_request_has_a_grammar_where_the_endpoint_takes_one():
    can = Capabilities("starcoder2", completions=True, streaming=True, regex=True)
    endpoint = ScriptedEndpoint("total(1.0)", can)
    assert completed(endpoint, SHOP.replace("amount = $0", "amount = shop.$0")).text == "total(1.0)"
    assert endpoint.asked[0]["extra"]["structured_outputs"]["regex"].startswith("(close|till|total|")
    endpoint = ScriptedEndpoint("shop.total(1.0)", can)
    completed(endpoint)
    assert endpoint.asked[0]["extra"] == {}


SERVERS = {
    "llama.cpp": ({"grammar": True, "lazy_grammar": True}, "grammar_triggers", "grammar_triggers"),
    "llama-cpp-python": ({"grammar": True}, "", "grammar"),
    "vLLM": ({"regex": True, "dispatch": True}, "structural_tag", "grammar"),
    "older vLLM": ({"regex": True}, "", ""),
}


@pytest.mark.parametrize(("can", "waiting", "opening"), SERVERS.values(), ids=SERVERS.keys())
def test_elsewhere_the_grammar_waits_for_a_receiver_or_begins_with_one(
    can: dict[str, bool], waiting: str, opening: str
):
    """A grammar that does not wait must not be sent where an answer may begin with anything."""
    found = Capabilities("starcoder2", completions=True, streaming=True, **can)
    for at, expected in (("amount$0", waiting), ("amount = $0", opening)):
        endpoint = ScriptedEndpoint("", found)
        completed(endpoint, SHOP.replace("amount = $0", at))
        sent = endpoint.asked[0]["extra"]
        fields = {**sent, **sent.get("structured_outputs", {})}
        assert (expected in fields) if expected else not fields


def test_lines_that_do_not_parse_are_cut_away():
    found = completed(ScriptedEndpoint("1\n    for in x"))
    assert (found.text, found.verdict) == ("1", "cut")


def test_in_broken_code_nothing_is_claimed():
    found = completed(ScriptedEndpoint("shop.total(1.0)"), SHOP + "\ndef broken(:\n")
    assert (found.text, found.verdict) == ("shop.total(1.0)", "unchecked")


def test_a_model_that_only_talks_is_asked_in_words():
    can = Capabilities("some-model", chat=True)
    found = completed(ScriptedEndpoint("```python\n    amount = shop.total(1.0)\n```", can))
    assert (found.text, found.family) == ("shop.total(1.0)", "chat")


def test_the_plug_in_gets_the_symbols_of_the_hole():
    can = Capabilities("starcoder2", completions=True, plugin=True)
    endpoint = ScriptedEndpoint("1", can)
    completed(endpoint)
    fields = endpoint.asked[0]["extra"]["vllm_xargs"]
    assert all(isinstance(value, str | int) for value in fields.values()) and len(fields) >= 3


def test_nothing_is_asked_in_the_middle_of_a_line():
    endpoint = ScriptedEndpoint("1")
    assert completed(endpoint, SHOP.replace("$0", "$0 + 1")).text == ""
    assert endpoint.asked == []


def test_a_huge_file_is_completed_from_its_window():
    endpoint = ScriptedEndpoint("shop.total(1.0)")
    huge = SHOP.replace("import json", "import json\n" + "x = 1  # padding\n" * 30_000)
    assert completed(endpoint, huge).verdict == "unchecked"
    assert len(endpoint.asked[0]["prompt"]) < 10_000
