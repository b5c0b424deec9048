from tilecache import TileCache


def filled(keys, capacity=3):
    cache = TileCache(str.upper, capacity)
    for key in keys:
        cache.get(key)
    return cache


def test_load_once():
    cache = filled("aaa")
    assert cache.loads == 1
    assert cache.get("a") == "A"


def test_oldest_is_dropped():
    assert filled("abcd").cached() == ["b", "c", "d"]


def test_used_tile_stays():
    assert filled("abcad").cached() == ["c", "a", "d"]


def test_forget():
    cache = filled("abc")
    cache.forget("b")
    cache.forget("z")
    assert cache.cached() == ["a", "c"]
