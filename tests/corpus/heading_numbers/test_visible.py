from headings import contents, heading_level, number_headings


def test_levels():
    assert heading_level("# One") == 1
    assert heading_level("### Three") == 3
    assert heading_level("#hashtag") == 0
    assert heading_level("plain") == 0


def test_chapters():
    assert number_headings(["# Intro", "text", "# End"]) == ["# 1 Intro", "text", "# 2 End"]


def test_sections_of_one_chapter():
    lines = ["# Soups", "## Cold", "## Hot"]
    assert number_headings(lines) == ["# 1 Soups", "## 1.1 Cold", "## 1.2 Hot"]


def test_sections_of_the_next_chapter():
    lines = ["# Soups", "## Cold", "## Hot", "# Cakes", "## Fruit"]
    assert number_headings(lines)[3:] == ["# 2 Cakes", "## 2.1 Fruit"]


def test_code_is_left_alone():
    lines = ["# Setup", "```", "# a comment", "```", "# Use"]
    assert number_headings(lines) == ["# 1 Setup", "```", "# a comment", "```", "# 2 Use"]


def test_contents():
    assert contents(["# A", "words", "## B"]) == ["1 A", "  1.1 B"]
