import pytest

from netblocks import Block, find_block, to_number, to_text


def test_numbers_and_texts():
    assert to_number("10.0.1.2") == 10 * 2**24 + 258
    assert to_text(to_number("192.168.4.255")) == "192.168.4.255"


def test_bad_address():
    with pytest.raises(ValueError):
        to_number("10.0.0.256")


def test_block():
    block = Block.parse("192.168.5.17/22")
    assert str(block) == "192.168.4.0/22"
    assert block.last == "192.168.7.255"


def test_size():
    assert Block.parse("10.0.0.0/24").size == 256
    assert Block.parse("10.0.0.1/32").size == 1


def test_contains():
    block = Block.parse("10.1.0.0/16")
    assert "10.1.200.3" in block
    assert "10.2.0.1" not in block


def test_smallest_block():
    home, office = Block.parse("10.0.0.0/8"), Block.parse("10.1.0.0/16")
    assert find_block("10.1.2.3", [home, office]) == office
    assert find_block("11.0.0.1", [home, office]) is None
