"""Small matrices as lists of rows."""


def shape(matrix):
    """Number of rows and of columns."""
    return len(matrix), len(matrix[0])


def transpose(matrix):
    return [list(column) for column in zip(*matrix)]


def identity(size):
    return [[int(row == column) for column in range(size)] for row in range(size)]


def multiply(left, right):
    """The product of two matrices: a row for each one of `left` and a column for each one of `right`."""
    if len(left[0]) != len(right):
        raise ValueError(f"cannot multiply {shape(left)} by {shape(right)}")
    product = [[0] * len(left[0]) for _ in left]
    for row in range(len(left)):
        for column in range(len(left[0])):
            for inner in range(len(right)):
                product[row][column] += left[row][inner] * right[inner][column]
    return product


def power(matrix, exponent):
    """A square matrix multiplied with itself, by repeated squaring."""
    result = identity(len(matrix))
    while exponent > 0:
        if exponent % 2 == 1:
            result = multiply(result, matrix)
        matrix = multiply(matrix, matrix)
        exponent //= 2
    return result


def walks(connections, start, end, steps):
    """How many ways lead from one place to another in so many steps."""
    return power(connections, steps)[start][end]


def apply(matrix, vector):
    """The matrix times a vector, which is a plain list."""
    return [row[0] for row in multiply(matrix, [[value] for value in vector])]
