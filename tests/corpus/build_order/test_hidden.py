import pytest
from build import Cycle, can_build, order


def test_cycle_names_the_tasks():
    with pytest.raises(Cycle) as caught:
        order({"a": ["b"], "b": ["a"], "c": [], "d": ["a"]})
    assert str(caught.value) == "a, b, d"


def test_cannot_build():
    assert can_build({"a": ["a"]}) is False
    assert can_build({"a": ["b"], "b": ["c"], "c": ["a"]}) is False
    assert can_build({"x": [], "a": ["b"], "b": ["a", "x"]}) is False


def test_can_build():
    assert can_build({}) is True
    assert can_build({"a": ["b", "c"], "b": ["c"]}) is True


def test_orders():
    assert order({"d": ["b", "c"], "b": ["a"], "c": ["a"]}) == ["a", "b", "c", "d"]
    assert order({"a": ["z"]}) == ["z", "a"]
    assert order({"a": []}) == ["a"]


def test_input_is_kept():
    needs = {"a": ["b"], "b": []}
    order(needs)
    assert needs == {"a": ["b"], "b": []}
