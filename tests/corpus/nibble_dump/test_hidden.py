import pytest
from nibbles import dump, hex_byte


def test_every_byte():
    assert [hex_byte(value) for value in range(256)] == [f"{value:02x}" for value in range(256)]


def test_single_bits():
    assert hex_byte(8) == "08"
    assert hex_byte(15) == "0f"
    assert hex_byte(136) == "88"
    assert hex_byte(0x7F) == "7f"


def test_bounds():
    for value in (-1, 256):
        with pytest.raises(ValueError):
            hex_byte(value)


def test_dump_with_high_values():
    assert dump(b"xyz{|") == "0000  78 79 7a 7b  xyz{\n0004  7c           |"
    assert dump(b"\x8f", width=1) == "0000  8f  ."
    assert dump(b"") == ""
