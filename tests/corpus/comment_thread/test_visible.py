from thread import Comment, authors, flatten, longest


def sample():
    root = Comment("ida", "Which glue?")
    first = root.reply("jon", "Wood glue")
    first.reply("ida", "Thanks")
    root.reply("kim", "Epoxy, for anything that gets wet")
    return root


def test_single_comment():
    assert flatten(Comment("ida", "hi")) == [Comment("ida", "hi")]


def test_reading_order():
    assert [entry.author for entry in flatten(sample())] == ["ida", "jon", "ida", "kim"]


def test_authors():
    assert authors(sample()) == ["ida", "jon", "kim"]


def test_longest():
    assert longest(Comment("ida", "hi")).text == "hi"
