from formula import names, tokens


def test_single_word():
    assert tokens("A1") == ["A1"]
    assert tokens("7") == ["7"]
    assert names("PRICE") == ["PRICE"]


def test_no_empty_tokens():
    assert tokens("") == []
    assert tokens("A1 ") == ["A1"]
    assert tokens("()") == ["(", ")"]
    assert tokens("1+") == ["1", "+"]


def test_words_are_separated_by_blanks():
    assert tokens("a b  c") == ["a", "b", "c"]


def test_pairs():
    assert tokens("a<>b") == ["a", "<>", "b"]
    assert tokens("a<b>c") == ["a", "<", "b", ">", "c"]
    assert tokens("a>==b") == ["a", ">=", "=", "b"]
    assert tokens("a<=") == ["a", "<="]


def test_last_name():
    assert names("2*A1+B_2") == ["A1", "B_2"]
    assert names("2*3") == []
