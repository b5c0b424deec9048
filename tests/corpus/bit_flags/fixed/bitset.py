"""A set of small whole numbers, kept as bits in a bytearray."""


class BitSet:
    def __init__(self, numbers=()):
        self._bytes = bytearray()
        for number in numbers:
            self.add(number)

    def add(self, number):
        if number < 0:
            raise ValueError(f"{number} is negative")
        index, bit = divmod(number, 8)
        if index >= len(self._bytes):
            self._bytes.extend(bytes(index + 1 - len(self._bytes)))
        self._bytes[index] |= 1 << bit

    def discard(self, number):
        if number in self:
            self._bytes[number // 8] &= ~(1 << number % 8)

    def __contains__(self, number):
        index, bit = divmod(number, 8)
        return 0 <= index < len(self._bytes) and bool(self._bytes[index] >> bit & 1)

    def __iter__(self):
        return (number for number in range(8 * len(self._bytes)) if number in self)

    def __len__(self):
        return sum(bin(byte).count("1") for byte in self._bytes)
