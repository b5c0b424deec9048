"""The language server client against a server that answers late, dies, stalls or talks nonsense."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tracemend.analysis.types.engines.client import MAX_UNSENT_MESSAGES, ServerProcess, read_message

PATIENCE_S = 120.0
FAKE_SERVER = Path(__file__).with_name("fake_server.py")


@pytest.fixture
def server(tmp_path):
    command = (sys.executable, str(FAKE_SERVER))
    running = ServerProcess(command, {}, environment={}, working_directory=tmp_path)
    assert running.wait_until_ready(PATIENCE_S)
    yield running
    running.kill()


def ask(server, method, params=None, timeout_s=PATIENCE_S):
    return server.wait_for(server.ask(method, params or {}), timeout_s)


def test_the_handshake_comes_first(server):
    assert ask(server, "heard") == ["initialize", "initialized", "heard"]


def test_a_late_answer_is_cancelled_and_dropped_and_the_next_is_right(server):
    assert ask(server, "late", timeout_s=0.05) is None
    assert ask(server, "echo", {"n": 1}) == {"n": 1}


def test_answers_go_to_who_asked(server):
    asked = [server.ask("echo", {"n": n}) for n in range(20)]
    assert [server.wait_for(one, PATIENCE_S) for one in reversed(asked)] == [
        {"n": n} for n in reversed(range(20))
    ]


def test_text_outside_ascii_survives(server):
    assert ask(server, "echo", {"text": "é😀\ud800"}) == {"text": "é😀?"}


def test_the_servers_own_questions_are_answered(server):
    assert ask(server, "ask") == [None, None]


def test_an_error_is_no_answer(server):
    assert ask(server, "fail") is None
    assert server.alive


@pytest.mark.parametrize("method", ["die", "garbage"])
def test_a_server_that_dies_or_talks_nonsense_lets_go_of_who_waits(server, method):
    waiting = server.ask("stall_behind", {})
    assert ask(server, method) is None
    assert server.wait_for(waiting, PATIENCE_S) is None
    assert not server.alive
    assert ask(server, "echo", {"n": 1}) is None


def test_a_server_that_stops_reading_blocks_nobody(server):
    server.notify("stall", {})
    for _ in range(MAX_UNSENT_MESSAGES + 8):
        server.notify("noise", {"text": "x" * 10_000})
    assert ask(server, "echo", {"n": 1}) is None


def test_the_end_leaves_no_process(server):
    server.end()
    assert not server.alive


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", None),
        (b"Content-Length: 2\r\nContent-Type: x\r\n\r\n{}", {}),
        (b"content-length: 9\r\n\r\n{}", None),
    ],
)
def test_messages_of_the_base_protocol(data, message):
    assert read_message(io.BytesIO(data)) == message


@pytest.mark.parametrize(
    "data", [b"X: 1\r\n\r\n", b"Content-Length: -1\r\n\r\n", b"Content-Length: 2\r\n\r\n[]"]
)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(ValueError, match=r"."):
        read_message(io.BytesIO(data))
