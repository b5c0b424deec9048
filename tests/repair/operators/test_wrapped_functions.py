"""Wrappers that keep the name of what they wrap."""

from __future__ import annotations

from operator_check import check_proposals


def test_a_wrapper_is_decorated_and_the_module_imported() -> None:
    check_proposals(
        "signature-wraps",
        '''
        """Retries."""
        import time

        def retry(function, times=3):
            def again(*args):  # <-
                return function(*args)
            return again
        ''',
        offers=["import functools", "@functools.wraps(function)\ndef again(*args):"],
    )


def test_the_name_that_the_file_imports_is_used() -> None:
    check_proposals(
        "signature-wraps",
        """
        from functools import wraps

        def retry(function):
            async def again(*args):  # <-
                return await function(*args)
            return again
        """,
        offers=["@wraps(function)\nasync def again(*args):"],
        never=["import functools"],
    )


def test_a_function_that_is_not_returned_is_no_wrapper() -> None:
    check_proposals(
        "signature-wraps",
        """
        def each(function, items):
            def one(item):  # <-
                return function(item)
            return [one(item) for item in items]
        """,
        at_most=0,
    )
