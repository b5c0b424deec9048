"""Splits spreadsheet formulas into tokens: words, signs, and two-character comparisons."""

PAIRS = {"<=", ">=", "<>"}


def tokens(text):
    """All tokens in order; blanks separate tokens and are dropped.

    A word is a run of letters, digits, dots and underscores. Everything else is a
    sign of its own, except for the comparisons of two characters.
    """
    result = []
    word = ""
    position = 0
    while position < len(text):
        character = text[position]
        if character.isalnum() or character in "._":
            word += character
            position += 1
            continue
        if word:
            result.append(word)
            word = ""
        if text[position : position + 2] in PAIRS:
            result.append(text[position : position + 2])
            position += 2
            continue
        if not character.isspace():
            result.append(character)
        position += 1
    if word:
        result.append(word)
    return result


def names(text):
    """The cell names of a formula, such as A1 or TAX.RATE, each once."""
    return list(dict.fromkeys(token for token in tokens(text) if token[0].isalpha()))
