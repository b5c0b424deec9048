import pytest
from build import Cycle, can_build, order


def test_no_tasks():
    assert order({}) == []


def test_order():
    assert order({"link": ["compile"], "compile": ["fetch"], "docs": []}) == ["docs", "fetch", "compile", "link"]


def test_cycle():
    with pytest.raises(Cycle):
        order({"a": ["b"], "b": ["a"]})


def test_can_build():
    assert can_build({"a": ["b"]})


def test_alphabetical():
    assert order({"b": [], "a": [], "c": ["a"]}) == ["a", "b", "c"]
