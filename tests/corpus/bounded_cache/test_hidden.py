from boundedcache import BoundedCache


def test_replacing_never_evicts():
    cache = BoundedCache(3)
    for number in range(3):
        cache.put(number, 0)
    for number in (2, 1, 0, 0, 2):
        cache.put(number, number + 1)
    assert cache.evictions == 0
    assert cache.keys() == [0, 1, 2]
    assert [cache.get(number) for number in range(3)] == [1, 2, 3]


def test_replacing_the_oldest_keeps_its_place():
    cache = BoundedCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.put("a", 3)
    assert cache.keys() == ["a", "b"]
    cache.put("c", 4)
    assert cache.keys() == ["b", "c"]
    assert cache.evictions == 1


def test_single_place():
    cache = BoundedCache(1)
    cache.put("a", 1)
    cache.put("a", 2)
    assert (len(cache), cache.evictions) == (1, 0)
    cache.put("b", 3)
    assert "a" not in cache and cache.get("b") == 3
    assert cache.evictions == 1


def test_never_more_than_the_capacity():
    cache = BoundedCache(4)
    for number in range(20):
        cache.put(number % 7, number)
        assert len(cache) <= 4
    assert len(cache) == 4


def test_computed_values_count_as_well():
    cache = BoundedCache(2)
    assert [cache.get_or_compute(n, lambda n: n * n) for n in (2, 3, 2, 4)] == [4, 9, 4, 16]
    assert cache.keys() == [3, 4]
