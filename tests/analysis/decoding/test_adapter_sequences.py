"""Following the tokens of sequences as engines show them."""

from __future__ import annotations

import pytest

from tracemend.analysis.decoding.adapters.sequences import SequencePool, TokenFollower
from tracemend.analysis.decoding.machine import Guide
from tracemend.analysis.decoding.vocabulary import Vocabulary
from tracemend.analysis.monitors.tables import SymbolTable, TableType

TABLE = SymbolTable((TableType("str", frozenset({"upper", "lower"}), is_open=False),), {"text": 0})
TOKENS = (b"<end>", b"text", b".", b"up", b"per", b"()", b"\n", b" ")
END, TEXT, DOT, UP, PER, CALL, NEWLINE, SPACE = range(8)
LEGAL = {"upper", "lower"}


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(TOKENS, frozenset({END}))


@pytest.fixture
def start() -> Guide:
    return Guide(TABLE, before="def f(text):\n    return ")


def test_only_new_tokens_are_read(start: Guide, vocabulary: Vocabulary) -> None:
    follower = TokenFollower(start, vocabulary)
    ids = [TEXT]
    assert follower.at(ids).legal is None
    ids += [DOT]
    assert follower.at(ids).legal == LEGAL
    ids += [UP, PER, CALL]
    assert follower.at(ids).legal is None
    assert follower.length == 5


def test_tokens_that_were_taken_back_are_forgotten(start: Guide, vocabulary: Vocabulary) -> None:
    follower = TokenFollower(start, vocabulary)
    assert follower.at([TEXT, DOT, UP, PER, CALL]).legal is None
    assert follower.at([TEXT, DOT]).legal == LEGAL
    assert follower.at([TEXT, NEWLINE]).legal is None


def test_a_token_that_is_not_known_yet_is_not_judged(start: Guide, vocabulary: Vocabulary) -> None:
    follower = TokenFollower(start, vocabulary)
    assert follower.at([TEXT, -1]) is None
    assert follower.at([TEXT, DOT]).legal == LEGAL


def test_special_tokens_and_those_outside_the_vocabulary_write_nothing(
    start: Guide, vocabulary: Vocabulary
) -> None:
    assert TokenFollower(start, vocabulary).at([TEXT, END, 999, DOT]).legal == LEGAL


def test_rows_find_their_guides_by_their_tokens(start: Guide, vocabulary: Vocabulary) -> None:
    pool = SequencePool(start, vocabulary)
    pool.at([TEXT])
    one, other = pool.at([TEXT, DOT]), pool.at([TEXT, SPACE])
    assert (one.legal, other.legal) == (LEGAL, None)
    assert pool.at([TEXT, DOT, UP]).partial == b"up"
    assert pool.at([TEXT, DOT]).legal == LEGAL


def test_a_pool_that_is_full_reads_again_what_it_forgot(start: Guide, vocabulary: Vocabulary) -> None:
    pool = SequencePool(start, vocabulary, kept=1)
    for ids in ([TEXT], [SPACE], [TEXT, DOT], [SPACE, TEXT, DOT]):
        last = pool.at(ids)
    assert last.legal == LEGAL
