import pytest
from nibbles import dump, hex_byte


def test_small_values():
    assert [hex_byte(value) for value in (0, 5, 18)] == ["00", "05", "12"]


def test_large_values():
    assert hex_byte(255) == "ff"


def test_not_a_byte():
    with pytest.raises(ValueError):
        hex_byte(256)


def test_dump():
    assert dump(b"ab\x01") == "0000  61 62 01     ab."
