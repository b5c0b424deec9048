from ferries import connect, isolated, trips


def test_circle():
    network = connect([("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")])
    assert trips(network, "a") == {"a": 0, "b": 1, "c": 2, "d": 1}
    assert trips(network, "c") == {"c": 0, "b": 1, "d": 1, "a": 2}


def test_shortcut():
    network = connect([("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")])
    assert trips(network, "a")["d"] == 1
    assert trips(network, "b") == {"b": 0, "a": 1, "c": 1, "d": 2}


def test_doubled_line_and_loop():
    assert trips(connect([("a", "b"), ("a", "b")]), "a") == {"a": 0, "b": 1}
    assert trips(connect([("a", "a")]), "a") == {"a": 0}


def test_two_groups():
    network = connect([("a", "b"), ("x", "y"), ("y", "z")])
    assert isolated(network, "a") == ["x", "y", "z"]
    assert isolated(network, "z") == ["a", "b"]


def test_unknown_start():
    assert isolated(connect([("a", "b")]), "q") == ["a", "b"]
    assert trips(connect([("a", "b")]), "q") == {"q": 0}
