from tilecache import TileCache


def filled(keys, capacity=3):
    cache = TileCache(str.upper, capacity)
    for key in keys:
        cache.get(key)
    return cache


def test_order_follows_use():
    assert filled("abcb").cached() == ["a", "c", "b"]
    assert filled("abca").cached() == ["b", "c", "a"]
    assert filled("abcc").cached() == ["a", "b", "c"]
    assert filled("abcabca").cached() == ["b", "c", "a"]


def test_loads():
    assert filled("abcadadad").loads == 4
    assert filled("abab", capacity=1).loads == 4
    assert filled("abab", capacity=2).loads == 2
    assert filled("abcabc", capacity=2).loads == 6


def test_value_after_reuse():
    cache = filled("aba")
    assert cache.get("a") == "A"
    assert cache.get("b") == "B"
    assert cache.loads == 2


def test_forgotten_tile_is_loaded_again():
    cache = filled("ab")
    cache.forget("a")
    assert cache.get("a") == "A"
    assert cache.loads == 3
    assert cache.cached() == ["b", "a"]
