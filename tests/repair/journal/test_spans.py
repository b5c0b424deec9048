"""The place and text of an edit, as the journal holds them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracemend.repair.journal.spans import replaced_span

texts = st.text(alphabet="ab\n", max_size=30)


@given(texts, texts)
def test_a_span_makes_the_new_text_of_the_old_one(old: str, new: str) -> None:
    start, end, text = replaced_span(old, new)
    assert old[:start] + text + old[end:] == new


def test_a_span_is_as_short_as_can_be() -> None:
    assert replaced_span("if a < b:\n", "if a <= b:\n") == (6, 6, "=")
    assert replaced_span("same", "same") == (4, 4, "")
    assert replaced_span("aaa", "aaaa") == (3, 3, "a")
