import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracemend.analysis.syntax.positions import LineIndex

TEXTS = st.text(alphabet=st.sampled_from("ab\n\r\té€😀\x0c"), max_size=40)


@given(TEXTS, st.data(), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_offsets_survive_a_round_trip(text, data, encoding):
    lines = LineIndex(text)
    offset = data.draw(st.integers(0, len(text)))
    line, column = lines.to_position(offset, encoding)
    restored = lines.from_position(line, column, encoding)
    # Inside a line end the position is clamped to the end of the line's text, as LSP asks.
    assert restored == offset or text[restored:offset].strip("\r\n") == ""


@pytest.mark.parametrize("encoding, column", [("utf-8", 7), ("utf-16", 4), ("utf-32", 3)])
def test_columns_count_the_units_of_the_encoding(encoding, column):
    lines = LineIndex("x\né😀bc")  # 2 + 4 + 1 bytes before the c.
    assert lines.to_position(5, encoding) == (1, column)


def test_form_feeds_do_not_end_lines():
    assert len(LineIndex("a\x0cb\x1cc\n")) == 2


def test_a_column_inside_a_surrogate_pair_stays_before_the_character():
    assert LineIndex("😀b").from_position(0, 1, "utf-16") == 0


def test_lines_end_as_pythons_tokenizer_ends_them():
    lines = LineIndex("a\r\nb\rc\nd")
    assert [lines.line_text(number) for number in range(1, 5)] == ["a", "b", "c", "d"]
