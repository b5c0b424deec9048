"""A model's sentences beside the evidence: what is on record stays, what is not goes."""

from dataclasses import replace

import pytest

from tracemend.repair.explain.evidence import Change, Divergence, Evidence, FailurePoint, NamedValue, Suspect
from tracemend.repair.explain.prose import checked_prose
from tracemend.repair.explain.text import explain

EVIDENCE = Evidence(
    failure=FailurePoint(
        "test_rle.py::test_runs",
        "AssertionError",
        "assert [('a', 1)] == [('a', 3)]",
        'assert encode("aaa") == [("a", 3)]',
        "test_rle.py",
        4,
        values=(NamedValue("limit", "10"),),
    ),
    note="rewrites `encode`",
    changes=(Change("rle.py", 7, "runs.append((character, 1))", "runs[-1] = (character, count + 1)"),),
    suspects=(Suspect("rle.py", 7, 1.0, "runs.append((character, 1))", "encode"),),
    divergence=Divergence("rle.py", 6, "runs", "[('a', 1), ('a', 1)]", "[('a', 2)]", function="encode"),
)

KEPT = [
    "The function `encode` appends a new pair each time.",
    "`runs` is `[('a', 1), ('a', 1)]` where it should be one pair.",
    "On line 7, `runs.append((character, 1))` never looks at the last pair.",
    "On line 7, `runs.append( (character,1) )` is wrong.",
    "The count in `limit = 10` does not matter.",
    "The AssertionError comes from `test_runs`.",
]
DROPPED = [
    "The function `decode` is wrong.",  # No such name on record.
    "`runs` is `[('b', 9)]` there.",  # Another value.
    "`limit` is `[('a', 2)]`.",  # A value that something else had.
    "The bug is on line 12 of `encode`.",
    "It happens 42 times in `encode`.",
    "It raises a KeyErrorLike in `encode`.",
    "The loop is simply wrong.",  # Nothing that could be checked.
    "See https://evil.example/encode for `encode`.",
    "Run `encode`; rm -rf / afterwards.",
    "`encode` " + "and so on " * 40,
    "",
]


@pytest.mark.parametrize("sentence", KEPT)
def test_claims_on_record_are_kept(sentence):
    assert checked_prose(sentence, EVIDENCE) == (sentence,)


@pytest.mark.parametrize("sentence", DROPPED)
def test_a_claim_that_is_not_on_record_drops_its_sentence(sentence):
    assert checked_prose(sentence, EVIDENCE) == ()


def test_sentences_are_judged_one_by_one():
    text = f"**Cause:** {KEPT[0]} {DROPPED[0]}\n\n- {KEPT[2]}"
    assert checked_prose(text, EVIDENCE) == (f"Cause: {KEPT[0]}", f"- {KEPT[2]}")


def test_the_explanation_says_whose_words_these_are():
    told = explain(replace(EVIDENCE, remarks=checked_prose(f"{KEPT[0]} {DROPPED[1]}", EVIDENCE)))
    assert f"In the words of the model that wrote the patch: {KEPT[0]} The patch rewrites" in told
    assert "[('b', 9)]" not in told
