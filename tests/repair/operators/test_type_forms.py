"""Parameters that come in another form, and values that lack a method."""

from __future__ import annotations

import pytest
from operator_check import check_proposals, proposals

from tracemend.repair.propose.site import Observed

_TEXT = """
def parsed(text):
    return text.split(".")  # <-
"""


def test_bytes_are_decoded() -> None:
    check_proposals(
        "guard-form", _TEXT, offers=["if isinstance(text, bytes):\n    text = text.decode()\nreturn text"]
    )


def test_what_the_run_showed_is_likelier() -> None:
    seen = {"text": Observed(("bytes",))}
    assert proposals("guard-form", _TEXT, observed=seen)[0][2] + 1 < proposals("guard-form", _TEXT)[0][2]


@pytest.mark.parametrize("annotation", ["Version", "Version | None", "Union[str, Version]"])
def test_text_becomes_an_object_of_the_declared_class(annotation: str) -> None:
    check_proposals(
        "guard-form",
        f"""
        class Version:
            pass

        def filename(version: {annotation}):
            return version.release  # <-
        """,
        offers=["if isinstance(version, str):\n    version = Version(version)"],
        never=["decode"],
    )


def test_numbers_are_not_decoded() -> None:
    check_proposals(
        "guard-form",
        """
        def doubled(count: int):
            return 2 * count  # <-
        """,
        never=["decode"],
    )


def test_a_method_that_some_values_lack_is_asked_for() -> None:
    snippet = """
    def fill(target, key):
        target.setdefault(key, None)  # <-
    """
    check_proposals("guard-capable", snippet, offers=['if hasattr(target, "setdefault"):'])
    error = "AttributeError: 'list' object has no attribute 'setdefault'"
    assert proposals("guard-capable", snippet, error=error)[0][2] < 1


def test_methods_of_the_object_itself_are_there() -> None:
    check_proposals(
        "guard-capable",
        """
        def close(self):
            self.flush()  # <-
        """,
        at_most=0,
    )
