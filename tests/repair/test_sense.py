"""Edits that mean nothing cost more."""

import pytest
from operator_check import module_and_statement

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.repair.propose.sense import STRANGE_BITS, flags, strangeness
from tracemend.repair.propose.site import Observed, Proposal, Site

FUNCTION = """
def chosen(values, start, boolean=False, *, strict=True, loud: bool):
    return values[start]  # <-
"""
STRANGE = [
    "values[boolean]",
    "values[boolean:]",
    "boolean[start]",
    "start - boolean",
    "start + len",
    "start < strict",
    "start in boolean",
    "boolean == start",
    "isinstance != start",
    "isinstance(start, int, loud)",
    "len(values, key=start)",
    "boolean.strip()",
]
SENSIBLE = [
    "values[start:]",
    "boolean and values[start]",
    "values[start] if strict else None",
    "boolean == strict",
    "boolean == True",
    "start + 1 < len(values)",
    "type(start) == int",
    "isinstance(start, int | str)",
    "isinstance(*values)",
    "'%s' % boolean",
    "boolean | loud",
]


def site_with(observed=None):
    module, statement = module_and_statement(FUNCTION)
    return Site(module, statement, observed=observed or {})


def bits_of(text, observed=None):
    site = site_with(observed)
    start, end = site.module.span(site.statement.value)
    return strangeness(site, Proposal((TextEdit(start, end, text),), "", 1.0))


@pytest.mark.parametrize("text", STRANGE)
def test_what_is_hardly_ever_meant_costs_more(text):
    assert bits_of(text) == STRANGE_BITS


@pytest.mark.parametrize("text", SENSIBLE)
def test_what_may_be_meant_does_not(text):
    assert bits_of(text) == 0


def test_what_the_run_saw_counts_more_than_a_default():
    assert flags(site_with()) == {"boolean", "strict", "loud"}
    assert flags(site_with({"boolean": Observed(("int",)), "start": Observed(("bool",))})) == {
        "start",
        "strict",
        "loud",
    }


def test_what_stood_there_before_is_no_objection():
    module, statement = module_and_statement("def f(xs, flag=False):\n    return xs[flag]  # <-\n")
    start, end = module.span(statement.value)
    wrapped = Proposal((TextEdit(start, end, "list(xs[flag])"),), "", 1.0)
    assert strangeness(Site(module, statement), wrapped) == 0
