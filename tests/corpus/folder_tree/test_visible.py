from folders import find_path, total_size

TREE = {
    "readme": 3,
    "src": {"main": 10, "util": {"text": 4}},
    "docs": {"guide": 7},
}


def test_file_at_the_top():
    assert find_path(TREE, "readme") == ["readme"]


def test_file_below():
    assert find_path(TREE, "text") == ["src", "util", "text"]


def test_file_in_second_folder():
    assert find_path(TREE, "guide") == ["docs", "guide"]


def test_missing_file():
    assert find_path(TREE, "licence") is None


def test_size():
    assert total_size(TREE) == 24
