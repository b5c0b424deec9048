from knitting import expand, runs, shorten


def test_empty_row():
    assert runs("") == []


def test_runs():
    assert runs("kkp") == [("k", 2), ("p", 1)]


def test_shorten():
    assert shorten("kkkppk") == "k3 p2 k"


def test_expand():
    assert expand("k3 p2 k") == "kkkppk"
