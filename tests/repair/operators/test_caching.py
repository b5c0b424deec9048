"""Keys that leave out arguments, entries that are not touched."""

from __future__ import annotations

from operator_check import check_proposals


def test_keywords_belong_to_the_key_in_all_functions_of_a_decorator() -> None:
    check_proposals(
        "cache-key",
        """
        def once(function):
            done = {}

            def call(*values, **options):
                if values not in done:
                    done[values] = function(*values, **options)  # <-
                return done[values]

            def drop(*values, **options):
                done.pop(values)

            call.drop = drop
            return call
        """,
        offers=[
            "if (values, frozenset(options.items())) not in done:",
            "return done[(values, frozenset(options.items()))]",
            "done.pop((values, tuple(sorted(options.items()))))",
        ],
        at_most=2,
    )
    check_proposals("cache-key", "def call(*args):\n    key = args  # <-\n    return key", at_most=0)


def test_an_entry_that_is_used_goes_to_the_end() -> None:
    check_proposals(
        "cache-touch",
        """
        from collections import OrderedDict

        class Pages:
            def __init__(self):
                self.pages = OrderedDict()

            def read(self, number):
                return self.pages[number]  # <-

            def drop_oldest(self):
                self.pages.popitem(last=False)
        """,
        offers=["self.pages.move_to_end(number)\nreturn self.pages[number]"],
    )
    check_proposals(
        "cache-touch",
        """
        def read(pages, number):
            found = pages[number]  # <-
            while len(pages) > 9:
                pages.pop(next(iter(pages)))
            return found
        """,
        offers=["pages[number] = pages.pop(number)\nfound = pages[number]"],
    )
    check_proposals("cache-touch", "def read(pages, number):\n    return pages[number]  # <-", at_most=0)
