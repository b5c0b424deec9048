"""Stores several notes in one line of text, separated by '|'."""

SEPARATOR = "|"
ESCAPE = "\\"


def escape(note):
    r"""Write '|' as '\|' and '\' as '\\'."""
    return "".join(ESCAPE + sign if sign in ESCAPE else sign for sign in note)


def join(notes):
    return SEPARATOR.join(escape(note) for note in notes)


def split(line):
    """The opposite of join; there is always at least one note."""
    notes = [""]
    escaped = False
    for sign in line:
        if escaped:
            notes[-1] += sign
            escaped = False
        elif sign == SEPARATOR + ESCAPE:
            escaped = True
        elif sign == SEPARATOR:
            notes.append("")
        else:
            notes[-1] += sign
    return notes
