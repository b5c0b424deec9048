"""Calculates in postfix notation, where the operator comes last: `7 2 -` is 5."""

import operator

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
}


class PostfixError(ValueError):
    """The text is no formula in postfix notation."""


def calculate(text, **variables):
    """The value of a formula; names in it stand for the variables given."""
    stack = []
    for token in text.split():
        if token in OPERATORS:
            if len(stack) < 2:
                raise PostfixError(f"too few values for {token}")
            right = stack.pop()
            left = stack.pop()
            stack.append(OPERATORS[token](left, right))
        else:
            stack.append(value_of(token, variables))
    if len(stack) != 1:
        raise PostfixError(f"{len(stack)} values are left over")
    return stack[0]


def value_of(token, variables):
    if token in variables:
        return variables[token]
    try:
        return float(token)
    except ValueError:
        raise PostfixError(f"{token} is neither a number nor a variable") from None


def table(text, name, values):
    """The values of a formula for several values of one variable."""
    return [calculate(text, **{name: value}) for value in values]
