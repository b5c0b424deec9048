"""The protocol with the project's interpreter: any split of the stream gives the same frames; nonsense is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracemend.repair.runner import decoding
from tracemend.repair.runner.payload import channel

VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)
MESSAGES = st.lists(st.dictionaries(st.text(), VALUES, max_size=3), max_size=4)


@given(MESSAGES, st.lists(st.integers(1, 20)))
def test_frames_survive_any_split(messages: list[channel.Message], cuts: list[int]) -> None:
    stream = b"".join(channel.frame(channel.CHILD, channel.encode(one)) for one in messages)
    frames = channel.Frames()
    received = []
    for cut in [*cuts, len(stream)]:
        part, stream = stream[:cut], stream[cut:]
        received += frames.feed(part)
    assert [(tag, channel.decode(body)) for tag, body in received] == [
        (channel.CHILD, one) for one in messages
    ]


@given(st.binary(min_size=5, max_size=40))
def test_any_bytes_are_frames_or_malformed(data: bytes) -> None:
    try:
        for _, body in channel.Frames().feed(data):
            channel.decode(body)
    except channel.Malformed:
        pass


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"\xff", b"1" * 5000, b"[" * 100_000, b'"text"'])
def test_what_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(channel.Malformed):
        channel.decode(body)


def test_an_endless_frame_is_refused_before_it_is_read() -> None:
    with pytest.raises(channel.Malformed):
        list(channel.Frames().feed(b"\xff\xff\xff\xff\x00"))


def test_what_came_before_a_malformed_frame_counts() -> None:
    """Which test was running when it wrote nonsense is told by the frame before."""
    frames = channel.Frames().feed(channel.frame(channel.CHILD, b"{}") + b"\xff" * 9)
    assert next(frames) == (channel.CHILD, b"{}")
    with pytest.raises(channel.Malformed):
        next(frames)


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "green"},
        {"outcome": ["passed"]},
        {"seconds": "1"},
        {"seconds": float("inf")},
        {"seconds": True},
        {"test": 1},
        {"failure": []},
        {"failure": {"exception": 1}},
        {"failure": {"exception": "E", "message": "m", "text": "", "frames": [1]}},
    ],
)
def test_a_result_is_checked_field_by_field(fields: dict[str, object]) -> None:
    good = {"test": "t", "outcome": "passed", "seconds": 1, "cpu_s": 0.5, "failure": None}
    assert decoding.test_result(good).green
    with pytest.raises(channel.Malformed):
        decoding.test_result({**good, **fields})
