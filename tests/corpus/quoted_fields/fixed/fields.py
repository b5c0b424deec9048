"""Splits one line of a semicolon-separated file, in the dialect of our bank."""


def split_fields(line):
    """Fields of a line.

    A field may be wrapped in double quotes and may then contain semicolons; a doubled
    quote inside of it stands for a single one.
    """
    fields = []
    field = ""
    quoted = False
    position = 0
    while position < len(line):
        character = line[position]
        if quoted and line[position : position + 2] == '""':
            field += '"'
            position += 1
        elif character == '"':
            quoted = not quoted
        elif character == ";" and not quoted:
            fields.append(field)
            field = ""
        else:
            field += character
        position += 1
    fields.append(field)
    return fields


def read_records(text):
    """One dictionary for each line after the header."""
    header, *rows = [split_fields(line) for line in text.splitlines() if line]
    return [dict(zip(header, row)) for row in rows]
