import pytest

from nestedlists import ListSyntaxError, parse, render


@pytest.mark.parametrize("text", ["[] []", "[a] b", "[1], [2]", "[],", "[[]]]", "[a] ]"])
def test_something_follows(text):
    with pytest.raises(ListSyntaxError):
        parse(text)


@pytest.mark.parametrize("text", ["", "  ", "a", "]", "[", "[a b]", "[,]", "[a,]", "[,a]", "[a,,b]", "[[a]"])
def test_other_mistakes(text):
    with pytest.raises(ListSyntaxError):
        parse(text)


def test_empty_lists():
    assert parse("[]") == []
    assert parse("[ ]  ") == []
    assert parse("[[], []]") == [[], []]


def test_lists_inside_are_followed_by_more():
    assert parse("[[1], 2, [3], 4]") == [[1], 2, [3], 4]
    assert parse("[[[x]], y]") == [[["x"]], "y"]


def test_words_and_numbers():
    assert parse("[007, -1, 1.5, a-b]") == [7, "-1", "1.5", "a-b"]
    assert parse("[1]\n") == [1]


def test_message_names_the_culprit():
    with pytest.raises(ListSyntaxError, match="tail"):
        parse("[1] tail")


def test_round_trip():
    for text in ("[]", "[1]", "[a, [b, 2], [[]]]"):
        assert render(parse(text)) == text
