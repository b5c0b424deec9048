from settings import layered, merge


def test_deep_defaults_are_unchanged():
    defaults = {"a": {"b": {"c": 1}}}
    assert merge(defaults, {"a": {"b": {"d": 2}}}) == {"a": {"b": {"c": 1, "d": 2}}}
    assert defaults == {"a": {"b": {"c": 1}}}


def test_layers_are_unchanged():
    layers = [{"ui": {"size": 9}}, {"ui": {"size": 11}}, {"ui": {"font": "serif"}}]
    assert layered(*layers) == {"ui": {"size": 11, "font": "serif"}}
    assert layers == [{"ui": {"size": 9}}, {"ui": {"size": 11}}, {"ui": {"font": "serif"}}]


def test_result_is_independent():
    defaults = {"ui": {"size": 9}}
    result = merge(defaults, {})
    result["ui"]["size"] = 1
    assert defaults["ui"]["size"] == 9
    assert merge(defaults, {}) == {"ui": {"size": 9}}


def test_section_replaces_value_and_vice_versa():
    assert merge({"a": 1}, {"a": {"b": 2}}) == {"a": {"b": 2}}
    assert merge({"a": {"b": 2}}, {"a": 1}) == {"a": 1}


def test_lists_are_replaced():
    assert merge({"a": [1]}, {"a": [2]}) == {"a": [2]}


def test_empty():
    assert layered() == {}
    assert layered({}, {"a": {}}) == {"a": {}}
