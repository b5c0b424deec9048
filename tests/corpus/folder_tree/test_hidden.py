from folders import find_path, total_size


def test_file_after_a_folder():
    assert find_path({"a": {"x": 1}, "b": 2}, "b") == ["b"]
    assert find_path({"a": {}, "b": 2}, "b") == ["b"]


def test_first_match_wins():
    assert find_path({"a": {"x": 1}, "x": 2}, "x") == ["a", "x"]
    assert find_path({"x": 2, "a": {"x": 1}}, "x") == ["x"]


def test_deep_dead_ends():
    tree = {"a": {"b": {"c": {}}, "d": {"e": 1}}, "f": {"g": {"h": 2}}}
    assert find_path(tree, "e") == ["a", "d", "e"]
    assert find_path(tree, "h") == ["f", "g", "h"]
    assert find_path(tree, "z") is None


def test_empty():
    assert find_path({}, "x") is None
    assert total_size({"a": {}}) == 0


def test_folders_are_not_files():
    assert find_path({"a": {"b": 1}}, "a") is None
