"""What a failing comparison says about the kind of mistake, and what real fixes say about prices."""

import pytest

from tracemend.repair.propose.operators import all_operators
from tracemend.repair.search import symptoms
from tracemend.repair.search.calibration import CORRECTIONS
from tracemend.repair.search.symptoms import discount, symptoms_of


@pytest.mark.parametrize(
    "error, found",
    [
        ("AssertionError: assert 3 == 4\n +  where 3 = count([1, 2])", ("off by one",)),
        ("AssertionError: 3 != 4", ("off by one",)),
        ("AssertionError: assert True is False", ("opposite",)),
        ("AssertionError: assert [2, 1] == [1, 2]", ("other order",)),
        ("AssertionError: assert [1, 1, 2] == [1, 2]", ("repeated", "cut")),
        ("AssertionError: assert ['a'] == ['a', 'b']", ("cut",)),
        ("AssertionError: assert None == [1]", ("nothing",)),
        ("AssertionError: assert 'A b' == 'ab'", ("other case or blanks",)),
        ("AssertionError: assert '7' == 7", ("other kind",)),
        ("AssertionError: assert -2 == 2", ("other sign",)),
        ("AssertionError: assert 2.5 == 2", ("rounded", "other kind")),
        ("AssertionError: assert {'a': 1, 'b': 2} == {'a': 1, 'b': 3}", ("off by one",)),
        ("AssertionError: assert [(1, 5), (2, 6)] == [(1, 5), (2, 7)]", ("off by one",)),
        ("AssertionError: assert [1, 2, 3] == [4, 5, 6]", ()),
        ("AssertionError: assert <object> == 3", ()),
        ("ValueError: 3 is not == of use", ()),
        ("", ()),
    ],
)
def test_symptoms(error, found):
    assert symptoms_of(error) == found


def test_the_strongest_symptom_counts_once():
    assert discount(("off by one", "other sign"), "integer") == discount(("other sign",), "integer")
    assert discount((), "integer") == discount(("opposite",), "integer") == 0.0


def test_every_operator_that_a_symptom_names_exists():
    known = {one.name for one in all_operators()}
    assert {name for bits in symptoms._BITS.values() for name in bits} | CORRECTIONS.keys() <= known


def test_a_correction_is_smaller_than_what_separates_likely_edits_from_long_shots():
    assert max(map(abs, CORRECTIONS.values())) < 1.0
