"""What else could stand where a model wrote, as far as the tests can tell."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import pytest

from tracemend.repair.patch import FileChange, Origin, Patch
from tracemend.repair.propose.strategies.pinning import green_versions

OLD = "def price(count):\n    return 3 * count\n\ndef other(count):\n    return count > 1\n"
NEW = OLD.replace("return 3 * count", "return 2 * count if count >= 10 else 3 * count")


@pytest.mark.parametrize(
    ("known", "noticed"),
    [
        ({1: 3, 10: 20}, False),  # Nothing is known of 9 or 11.
        ({1: 3, 9: 27, 10: 20, 11: 22}, True),
    ],
)
def test_a_bound_is_noticed_only_by_tests_on_both_sides(known: Mapping[int, int], noticed: bool) -> None:
    patch = Patch((FileChange("shop.py", OLD, NEW),), Origin("a", "b", "c", ()), 1.0)
    asked: list[str] = []

    def stays_green(sources: Mapping[str, str]) -> bool:
        asked.append(sources["shop.py"])
        names: dict[str, object] = {}
        exec(sources["shop.py"], names)  # noqa: S102 - it is the text above, or a version of it.
        with suppress(TypeError):
            return all(names["price"](count) == paid for count, paid in known.items())  # type: ignore[operator]
        return False

    notes = [note for _, note in green_versions(patch, stays_green)]
    assert ("writes 9 instead of 10" in notes) is not noticed
    assert "compares with `>` instead of `>=`" not in notes, "10 itself is known."
    assert asked and all("return count > 1" in text for text in asked), "What is not new is left alone."


def test_a_number_of_another_type_that_equals_it_is_no_other_version() -> None:
    """A test that compares results could not notice it, whatever it looks at."""
    patch = Patch((FileChange("shop.py", OLD, NEW),), Origin("a", "b", "c", ()), 1.0)
    notes = [note for _, note in green_versions(patch, lambda sources: True)]
    assert "writes 9 instead of 10" in notes
    assert not [note for note in notes if ".0 instead of" in note]
