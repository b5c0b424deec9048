from shares import balances, settle


def test_odd_cents():
    assert balances("abc", [("a", 100, "abc")]) == {"a": 66, "b": -33, "c": -33}
    assert balances("abc", [("a", 101, "cba")]) == {"a": 68, "b": -34, "c": -34}
    assert balances("ab", [("a", 1, "ba")]) == {"a": 1, "b": -1}


def test_sum_is_zero():
    payments = [("a", 1001, "abc"), ("b", 77, "bc"), ("c", 5, "a"), ("a", 13, "abc")]
    result = balances("abc", payments)
    assert sum(result.values()) == 0
    assert result == {"a": 1014 - 334 - 5 - 5, "b": 77 - 334 - 39 - 4, "c": 5 - 333 - 38 - 4}


def test_mutual_payments_cancel():
    assert balances("ab", [("a", 10, "ab"), ("b", 10, "ab")]) == {"a": 0, "b": 0}
    assert balances("ab", [("a", 10, "a")]) == {"a": 0, "b": 0}


def test_settling_with_transfers():
    result = balances("abc", [("a", 900, "abc"), ("b", 300, "abc")])
    assert result == {"a": 500, "b": -100, "c": -400}
    assert settle(result) == [("c", "a", 400), ("b", "a", 100)]


def test_settle_brings_zero():
    balance = {"a": 5, "b": -3, "c": -3, "d": 1}
    for debtor, creditor, cents in settle(balance):
        balance[debtor] += cents
        balance[creditor] -= cents
    assert set(balance.values()) == {0}
