from settings import layered, merge


def test_flat_merge():
    assert merge({"a": 1, "b": 2}, {"b": 3}) == {"a": 1, "b": 3}


def test_nested_merge():
    assert merge({"ui": {"font": "mono", "size": 9}}, {"ui": {"size": 11}}) == {"ui": {"font": "mono", "size": 11}}


def test_defaults_are_unchanged():
    defaults = {"ui": {"size": 9}}
    merge(defaults, {"ui": {"size": 11}})
    assert defaults == {"ui": {"size": 9}}


def test_layers():
    assert layered({"a": 1}, {"a": 2}, {"b": 3}) == {"a": 2, "b": 3}
