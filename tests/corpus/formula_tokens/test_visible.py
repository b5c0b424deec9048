from formula import names, tokens


def test_function_call():
    assert tokens("SUM(A1,B2)") == ["SUM", "(", "A1", ",", "B2", ")"]


def test_comparison():
    assert tokens("(A1<=10)") == ["(", "A1", "<=", "10", ")"]


def test_formula_ending_with_word():
    assert tokens("A1 + 2.5") == ["A1", "+", "2.5"]


def test_names():
    assert names("(A1*A1-TAX.RATE)") == ["A1", "TAX.RATE"]


def test_blank():
    assert tokens("  ") == []
