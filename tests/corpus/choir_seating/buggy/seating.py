"""Seating plans of a choir: a list of rows, each a list of names."""


def transpose(plan):
    """Turn columns into rows; all rows have the same length."""
    if not plan:
        return []
    rows = len(plan)
    columns = len(plan[0])
    return [[plan[row][column] for row in range(rows)] for column in range(rows)]


def quarter_turn(plan):
    """Turn the plan clockwise, so that the first column becomes the first row."""
    return [row[::-1] for row in transpose(plan)]


def find(plan, name):
    """(row, seat) of a singer, both counted from 1, or None."""
    for row_number, row in enumerate(plan, start=1):
        if name in row:
            return row_number, row.index(name) + 1
    return None
