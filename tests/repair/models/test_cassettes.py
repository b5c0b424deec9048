"""A conversation on tape is the same conversation, without an endpoint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openai_server import FAULTS, Asked, Behaviour, OpenAIServer, Say, refused_url

from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.errors import BadAnswer, ModelError, NotOnTape
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import Answer, Message, ModelSettings, Usage


def endpoint(base_url: str, tape: Path, *, records: bool) -> Endpoint:
    settings = ModelSettings(base_url, "scripted", cassette=tape, records_cassette=records)
    return Endpoint(settings, Meter(settings))


def converse(asked: Endpoint) -> list[object]:
    """Ask for the same twice, for a completion, for what fails, and what the endpoint can do."""
    seen: list[object] = []
    for text in ("one", "one", "fail"):
        try:
            answer = asked.chat([Message("user", text)], max_tokens=10, on_text=lambda piece: None)
            seen.append((answer.text, answer.finish, answer.usage))
        except ModelError as error:
            seen.append((type(error), str(error)))
    seen.append(asked.complete("x = ", max_tokens=10).text)
    seen.append(asked.capabilities(refresh=True))
    return seen


def script(asked: Asked) -> Behaviour:
    return FAULTS["401"] if asked.text == "fail" else Say(f"answer {asked.ordinal}", usage=(3, asked.ordinal))


def test_a_tape_replays_what_was_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    tape = tmp_path / "tapes" / "one.jsonl"
    with OpenAIServer(script) as server:
        recorded = converse(endpoint(server.base_url, tape, records=True))
    assert recorded[0] != recorded[1]
    assert converse(endpoint(refused_url(), tape, records=False)) == recorded
    requests = [json.loads(line)["request"] for line in tape.read_text().splitlines()]
    assert len(requests) == 5 and "127.0.0.1" not in json.dumps(requests)
    assert "sk-very-secret" not in tape.read_text()


def test_a_replay_is_metered_and_heard(tmp_path: Path) -> None:
    tape = tmp_path / "one.jsonl"
    with OpenAIServer(Say("hello", usage=(3, 2))) as server:
        endpoint(server.base_url, tape, records=True).complete("x", max_tokens=5)
    replayed, heard = endpoint("", tape, records=False), []
    replayed.complete("x", max_tokens=5, on_text=heard.append)
    assert heard == ["hello"] and replayed.meter.totals().usage.tokens == 5


def test_what_is_not_on_the_tape_is_a_clear_error(tmp_path: Path) -> None:
    tape = tmp_path / "one.jsonl"
    tape.write_text("")
    with pytest.raises(NotOnTape, match=r"no answer number 1 to this request: .*y ="):
        endpoint("", tape, records=False).complete("y =", max_tokens=5)


PLACE = {"v": 1, "hash": "", "ordinal": 0}
BAD_ENTRIES = (
    {"v": 99, "hash": "", "ordinal": 0},
    PLACE,
    {**PLACE, "hash": ["a", "list"]},
    {**PLACE, "answer": "text"},
    {**PLACE, "answer": {"text": "a", "finish": "stop", "model": "m", "usage": 3}},
    {**PLACE, "answer": {"text": 7, "finish": "stop", "model": "m", "usage": {}}},
    {**PLACE, "answer": {"text": "a", "finish": "stop", "model": "m", "usage": {"prompt_tokens": "x"}}},
    {**PLACE, "error": {"kind": 5, "message": []}},
)


@pytest.mark.parametrize("content", ["{", "[]", "3", None, *map(json.dumps, BAD_ENTRIES)])
def test_a_bad_tape_is_told(tmp_path: Path, content: str | None) -> None:
    tape = tmp_path / "bad.jsonl"
    if content is not None:
        tape.write_text(content)
    with pytest.raises(NotOnTape, match=r"line 1|cannot be read"):
        endpoint("", tape, records=False)


def test_an_error_of_no_kind_of_ours_is_a_bad_answer(tmp_path: Path) -> None:
    tape = tmp_path / "one.jsonl"
    with OpenAIServer(FAULTS["401"]) as server, pytest.raises(ModelError):
        endpoint(server.base_url, tape, records=True).complete("x", max_tokens=5)
    tape.write_text(tape.read_text().replace('"Unauthorized"', '"annotations"'))
    with pytest.raises(BadAnswer, match="refused"):
        endpoint("", tape, records=False).complete("x", max_tokens=5)


def test_what_the_endpoint_can_do_may_be_missing_its_shape(tmp_path: Path) -> None:
    tape = tmp_path / "one.jsonl"
    replayed = endpoint("", tape, records=True)
    assert replayed._cassette is not None
    replayed._cassette.record(
        {"path": "capabilities", "model": "scripted"}, Answer("[1]", "stop", Usage(), "m", 0.0)
    )
    with pytest.raises(NotOnTape, match="what the endpoint can do"):
        endpoint("", tape, records=False).capabilities()
