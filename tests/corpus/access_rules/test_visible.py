import pytest
from policy import Policy
from rules import parse_rule

POLICY = Policy(
    """
    allow * read
    allow editor *
    deny editor delete
    """
)


def test_allowed():
    assert POLICY.permits("guest", "read")


def test_forbidden_by_default():
    assert not POLICY.permits("guest", "write")


def test_denial_is_stronger():
    assert not POLICY.permits("editor", "delete")


def test_actions():
    assert POLICY.actions("guest", ["read", "write"]) == ["read"]


def test_bad_rule():
    with pytest.raises(ValueError):
        parse_rule("maybe guest read")
