import pytest

from boundedcache import BoundedCache


def filled(capacity, *keys):
    cache = BoundedCache(capacity)
    for key in keys:
        cache.put(key, key.upper())
    return cache


def test_values_come_back():
    cache = filled(3, "a", "b")
    assert cache.get("a") == "A"
    assert cache.get("z", "nothing") == "nothing"


def test_oldest_entry_makes_room():
    cache = filled(2, "a", "b", "c")
    assert cache.keys() == ["b", "c"]
    assert cache.evictions == 1


def test_replacing_a_value_keeps_the_others():
    cache = filled(2, "a", "b")
    cache.put("b", "new")
    assert cache.get("a") == "A"
    assert cache.get("b") == "new"


def test_compute_only_once():
    calls = []
    cache = BoundedCache(2)
    for _ in range(3):
        cache.get_or_compute("k", calls.append)
    assert calls == ["k"]


def test_capacity_must_be_positive():
    with pytest.raises(ValueError):
        BoundedCache(0)
