"""Determinants by elimination, in exact fractions, and what follows from them."""

from fractions import Fraction


def determinant(matrix):
    """The determinant of a square matrix, given as a list of rows."""
    rows = [[Fraction(value) for value in row] for row in matrix]
    if any(len(row) != len(rows) for row in rows):
        raise ValueError("the matrix is not square")
    result = Fraction(1)
    for column in range(len(rows)):
        pivot = find_pivot(rows, column)
        if pivot is None:
            return Fraction(0)
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            result = -result
        result *= rows[column][column]
        eliminate_below(rows, column)
    return result


def find_pivot(rows, column):
    """The first row from the diagonal on that is not zero in this column, or None."""
    for index in range(column, len(rows)):
        if rows[index][column] != 0:
            return index
    return None


def eliminate_below(rows, column):
    """Make all values under the diagonal zero by adding multiples of the diagonal's row."""
    top = rows[column]
    for row in rows[column + 1 :]:
        factor = row[column] / top[column]
        for index in range(column, len(row)):
            row[index] -= factor * top[index]


def triangle_area(a, b, c):
    """Area of a triangle with three corners (x, y), whichever way round they are given."""
    return abs(determinant([[x, y, 1] for x, y in (a, b, c)])) / 2


def turns_left(a, b, c):
    """Whether a walk from a over b to c bends to the left at b."""
    return determinant([[x, y, 1] for x, y in (a, b, c)]) > 0
