"""Options that a function takes as `**options`."""

from __future__ import annotations

from operator_check import check_proposals


def test_a_recursive_call_hands_its_options_on() -> None:
    check_proposals(
        "pass-option",
        """
        def merge(obj, *sources, **options):
            combine = options.get("combine")
            setter = options["setter"]
            for source in sources:
                obj = merge(obj, source, setter=setter)  # <-
            return obj
        """,
        offers=["obj = merge(obj, source, combine=combine, setter=setter)"],
        at_most=1,
    )


def test_options_that_nothing_here_is_called_like_are_not_given() -> None:
    check_proposals(
        "pass-option",
        """
        class Page:
            def show(self, **options):
                return options.pop("title", None), options.get("width")

            def print(self, title):
                return self.show()  # <-
        """,
        offers=["return self.show(title=title)"],
        at_most=1,
    )


def test_a_call_that_hands_all_on_lacks_nothing() -> None:
    check_proposals(
        "pass-option",
        """
        def show(title=None, **options):
            return options.get("title") or show(title, **options)  # <-
        """,
        at_most=0,
    )
