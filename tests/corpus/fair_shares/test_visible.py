from shares import balances, settle


def test_nothing_paid():
    assert balances(["ann", "bo"], []) == {"ann": 0, "bo": 0}


def test_one_pays_for_two():
    assert balances(["ann", "bo"], [("ann", 1000, ["ann", "bo"])]) == {"ann": 500, "bo": -500}


def test_pays_for_others_only():
    assert balances(["ann", "bo", "cy"], [("cy", 900, ["ann", "bo"])]) == {"ann": -450, "bo": -450, "cy": 900}


def test_settle():
    assert settle({"ann": 500, "bo": -500}) == [("bo", "ann", 500)]


def test_nothing_to_settle():
    assert settle({"ann": 0}) == []
