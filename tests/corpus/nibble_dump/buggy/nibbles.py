"""Hex dumps without the help of `bytes.hex`, for a course on bits."""

DIGITS = "0123456789abcdef"


def hex_byte(value):
    """Two hexadecimal digits of a byte."""
    if not 0 <= value <= 255:
        raise ValueError(f"{value} is no byte")
    return DIGITS[value >> 4] + DIGITS[value & 0x07]


def dump(data, width=4):
    """Lines of `width` bytes: offset, hex digits and the printable characters."""
    lines = []
    for offset in range(0, len(data), width):
        row = data[offset : offset + width]
        digits = " ".join(hex_byte(value) for value in row)
        text = "".join(chr(value) if 32 <= value < 127 else "." for value in row)
        lines.append(f"{offset:04x}  {digits:<{width * 3 - 1}}  {text}")
    return "\n".join(lines)
