"""Secrets and personal traces are masked; what people write is not."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest
from cpu_limit import cpu_limit
from hypothesis import given
from hypothesis import strategies as st

from tracemend.repair.journal.scrubbing import scrub, scrub_values

# Put together at run time, so that no scanner takes this file for a leak.
SECRETS = {
    "aws": "AKIA" + "Q3EXAMPLEKEY7WXY",
    "github": "ghp_" + "a1B2" * 9,
    "openai": "sk-" + "proj-A1b2C3d4E5f6G7h8",
    "google": "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "c2lnbmF0dXJlMTIz",
    "random": "q9X2" + "vLk7TzR4mNp8WcY3bHs6",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("place", ["{}", "token {} was refused", "x = f('{}')\n", "https://host/?k={}"])
def test_a_secret_is_masked_wherever_it_stands(secret: str, place: str) -> None:
    scrubbed = scrub(place.format(secret))
    assert secret not in scrubbed
    assert len(scrubbed) == len(place.format(secret))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password = 'hunter22'", "password = '<secret>'"),
        ('{"api_key": "abcdefghijkl"}', '{"api_key": "<secret>****"}'),
        ("DB_PASSWORD=correcthorse python", "DB_PASSWORD=<secret>**** python"),
        ("Authorization: Bearer abcdefgh.1", "Authorization: Bearer <key>*****"),
        ("postgres://anna:topsecret@db/x", "postgres://<key>*********@db/x"),
    ],
)
def test_what_is_called_a_secret_is_masked_in_its_place(text: str, masked: str) -> None:
    assert scrub(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "token = self.tokens.next_token()",
        "def test_password_is_asked_for_twice(passwords): ...",
        "key = sorted(keys, key=lambda one: one.key)",
        "from tracemend.repair.runner.payload.reports import collection_error",
        "class HTTPServerRequestHandlerFactoryForVersion2: pass",
        "assert page_of(TITLES, 1, size=2) == ['Ulysses', 'Emma']",
        "tests/repair/operators/test_arithmetic_and_comparison.py::test_it[True-None-2]",
    ],
)
def test_code_and_messages_stay(text: str) -> None:
    assert scrub(text) == text


def test_nothing_in_our_own_sources_looks_like_a_secret() -> None:
    room = Path(__file__).parents[3] / "server"
    texts = {path.name: path.read_text("utf-8") for path in room.rglob("*.py")}
    assert {name for name, text in texts.items() if scrub(text) != text} == set()


def test_personal_traces_are_masked_only_when_asked_for() -> None:
    text = "anna@example.org wrote /home/anna/shop.py and C:\\Users\\anna\\x"
    assert scrub(text) == text
    assert scrub(text, personal=True) == "<mail>********** wrote /home/****/shop.py and C:\\Users\\****\\x"


@given(st.text(max_size=300))
def test_length_stays_and_a_second_time_changes_nothing(text: str) -> None:
    once = scrub(text, personal=True)
    assert len(once) == len(text)
    assert scrub(once, personal=True) == once


def test_random_tokens_are_found() -> None:
    source = random.Random(4)
    tokens = ["".join(source.choices(string.ascii_letters + string.digits, k=40)) for _ in range(200)]
    assert sum(scrub(token) == token for token in tokens) <= 2


def test_values_are_scrubbed_and_keys_are_not() -> None:
    secret = SECRETS["aws"]
    assert scrub_values({secret: [secret, 3, None]}) == {secret: ["<key>" + "*" * 15, 3, None]}


@pytest.mark.parametrize(
    "text", ["TOKEN" * 40_000, "x@" + "a." * 100_000, "a." * 100_000, "password  " * 20_000]
)
def test_no_text_takes_time_with_the_square_of_its_length(text: str) -> None:
    with cpu_limit(5.0):
        assert len(scrub(text, personal=True)) == len(text)
