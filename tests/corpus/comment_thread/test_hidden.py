from thread import Comment, authors, flatten, longest


def test_deep_chain():
    root = comment = Comment("a", "0")
    for depth in range(1, 6):
        comment = comment.reply("a", str(depth))
    assert [entry.text for entry in flatten(root)] == ["0", "1", "2", "3", "4", "5"]
    assert authors(root) == ["a"]


def test_wide():
    root = Comment("a", "x")
    for name in "bcd":
        root.reply(name, name)
    assert [entry.author for entry in flatten(root)] == ["a", "b", "c", "d"]
    assert len(flatten(root)) == 4


def test_siblings_come_after_the_whole_branch():
    root = Comment("r", "")
    left = root.reply("l", "")
    root.reply("m", "")
    left.reply("ll", "").reply("lll", "")
    left.reply("lr", "")
    assert [entry.author for entry in flatten(root)] == ["r", "l", "ll", "lll", "lr", "m"]


def test_tree_is_unchanged():
    root = Comment("r", "")
    root.reply("s", "").reply("t", "")
    flatten(root)
    assert len(root.replies) == 1
    assert flatten(root) == flatten(root)


def test_longest_is_deep():
    root = Comment("r", "a")
    root.reply("s", "bb").reply("t", "ccc")
    assert longest(root).author == "t"
    assert longest(root.replies[0]).author == "t"
