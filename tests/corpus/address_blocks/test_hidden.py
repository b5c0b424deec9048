import pytest

from netblocks import Block, find_block, mask_of, to_text


def test_masks_are_numbers_of_32_bits():
    assert mask_of(0) == 0
    assert mask_of(1) == 0x80000000
    assert mask_of(8) == 0xFF000000
    assert mask_of(22) == 0xFFFFFC00
    assert mask_of(31) == 0xFFFFFFFE
    assert mask_of(32) == 0xFFFFFFFF


def test_mask_as_text():
    assert to_text(mask_of(26)) == "255.255.255.192"


def test_sizes():
    assert [Block.parse(f"10.0.0.0/{prefix}").size for prefix in (30, 29, 16, 8)] == [4, 8, 65536, 2**24]
    assert Block.parse("0.0.0.0/0").size == 2**32


def test_smallest_block_in_any_order():
    blocks = [Block.parse(f"10.0.0.0/{prefix}") for prefix in (24, 8, 30, 16)]
    assert find_block("10.0.0.2", blocks) == blocks[2]
    assert find_block("10.0.0.9", blocks) == blocks[0]
    assert find_block("10.9.0.9", blocks) == blocks[1]


def test_everything():
    world = Block.parse("1.2.3.4/0")
    assert str(world) == "0.0.0.0/0"
    assert "255.255.255.255" in world
    assert world.last == "255.255.255.255"


def test_high_addresses():
    block = Block.parse("224.0.0.9/4")
    assert str(block) == "224.0.0.0/4"
    assert "239.255.255.255" in block and "240.0.0.0" not in block
    assert block.last == "239.255.255.255"


def test_bad_prefix():
    for prefix in ("33", "-1"):
        with pytest.raises(ValueError):
            Block.parse(f"10.0.0.0/{prefix}")
