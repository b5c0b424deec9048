from ferries import connect, isolated, trips


def test_connect():
    assert connect([("a", "b"), ("b", "c")]) == {"a": ["b"], "b": ["a", "c"], "c": ["b"]}


def test_no_ferries():
    assert trips({}, "a") == {"a": 0}


def test_trips():
    assert trips(connect([("a", "b"), ("b", "c")]), "a") == {"a": 0, "b": 1, "c": 2}


def test_isolated():
    assert isolated({"a": [], "b": []}, "a") == ["b"]
