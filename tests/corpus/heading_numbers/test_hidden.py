from headings import contents, number_headings


def numbers(*levels):
    """Only the numbers that headings of these levels get."""
    lines = number_headings(["#" * level + " x" for level in levels])
    return [line.split()[1] for line in lines]


def test_flat():
    assert numbers() == []
    assert numbers(1, 1, 1) == ["1", "2", "3"]
    assert numbers(1, 2, 2, 2) == ["1", "1.1", "1.2", "1.3"]


def test_reset_of_one_level():
    assert numbers(1, 2, 1, 2, 2) == ["1", "1.1", "2", "2.1", "2.2"]
    assert numbers(1, 2, 3, 2, 3) == ["1", "1.1", "1.1.1", "1.2", "1.2.1"]


def test_reset_of_all_deeper_levels():
    assert numbers(1, 2, 3, 3, 1, 2, 3) == ["1", "1.1", "1.1.1", "1.1.2", "2", "2.1", "2.1.1"]
    assert numbers(1, 2, 3, 4, 1, 2, 3, 4)[-1] == "2.1.1.1"
    assert numbers(1, 6, 1, 6) == ["1", "1.0.0.0.0.1", "2", "2.0.0.0.0.1"]


def test_siblings_go_on():
    assert numbers(1, 2, 3, 2, 2, 1) == ["1", "1.1", "1.1.1", "1.2", "1.3", "2"]


def test_each_text_counts_for_itself():
    assert numbers(1, 2) == numbers(1, 2) == ["1", "1.1"]


def test_contents_of_two_chapters():
    lines = ["# A", "## B", "### C", "text", "# D", "## E"]
    assert contents(lines) == ["1 A", "  1.1 B", "    1.1.1 C", "2 D", "  2.1 E"]
