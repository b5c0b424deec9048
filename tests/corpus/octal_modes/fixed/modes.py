"""Translates between the two spellings of file modes, 640 and rw-r-----."""

LETTERS = "rwx"


def triplet(bits):
    """'r-x' for 5."""
    return "".join(letter if bits & (4 >> index) else "-" for index, letter in enumerate(LETTERS))


def to_letters(mode):
    """'rw-r-----' for the text '640'; digits beyond 7 raise ValueError."""
    value = int(mode, base=8)
    return "".join(triplet(value >> shift & 7) for shift in (6, 3, 0))


def to_digits(letters):
    """'640' for 'rw-r-----'."""
    if len(letters) != 9:
        raise ValueError(f"{letters!r} does not have nine letters")
    digits = []
    for start in range(0, 9, 3):
        bits = 0
        for letter in letters[start : start + 3]:
            bits = bits * 2 + (letter != "-")
        digits.append(str(bits))
    return "".join(digits)
