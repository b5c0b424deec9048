"""A decorator that remembers the results of a function."""

import functools


def memo(function):
    """Call the function once for each combination of arguments.

    The order of keyword arguments does not matter. `calls` counts real calls, and
    `forget` throws one result away.
    """
    results = {}

    @functools.wraps(function)
    def remembering(*args, **kwargs):
        key = args
        if key not in results:
            remembering.calls += 1
            results[key] = function(*args, **kwargs)
        return results[key]

    def forget(*args, **kwargs):
        results.pop(args, None)

    remembering.calls = 0
    remembering.forget = forget
    return remembering


@memo
def price(net, tax=19, discount=0):
    """Gross price in cents, rounded down."""
    return net * (100 + tax) * (100 - discount) // 10_000
