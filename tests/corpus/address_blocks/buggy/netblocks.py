"""Blocks of IPv4 addresses such as 192.168.4.0/22."""

from __future__ import annotations

from dataclasses import dataclass

BITS = 32
ALL_ONES = (1 << BITS) - 1


def to_number(text: str) -> int:
    """The 32-bit number of an address such as 10.0.0.1."""
    octets = [int(part) for part in text.split(".")]
    if len(octets) != 4 or not all(0 <= octet <= 255 for octet in octets):
        raise ValueError(f"{text} is not an address")
    number = 0
    for octet in octets:
        number = number << 8 | octet
    return number


def to_text(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def mask_of(prefix: int) -> int:
    """The mask with so many leading ones, as a 32-bit number."""
    if not 0 <= prefix <= BITS:
        raise ValueError(f"a prefix of {prefix} bits")
    return ALL_ONES << (BITS - prefix)


@dataclass(frozen=True)
class Block:
    network: int
    prefix: int

    @classmethod
    def parse(cls, text: str) -> Block:
        """Read `address/prefix`; the address may be any one of the block."""
        address, _, prefix = text.partition("/")
        return cls(to_number(address) & mask_of(int(prefix)), int(prefix))

    @property
    def size(self) -> int:
        """The number of addresses, the first and the last one included."""
        return ALL_ONES - mask_of(self.prefix) + 1

    @property
    def last(self) -> str:
        return to_text(self.network | ~mask_of(self.prefix))

    def __contains__(self, address: str) -> bool:
        return to_number(address) & mask_of(self.prefix) == self.network

    def __str__(self) -> str:
        return f"{to_text(self.network)}/{self.prefix}"


def find_block(address: str, blocks: list[Block]) -> Block | None:
    """The smallest block with an address."""
    matching = [block for block in blocks if address in block]
    return min(matching, key=lambda block: block.size, default=None)
