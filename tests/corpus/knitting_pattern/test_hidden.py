from knitting import expand, runs, shorten


def test_single_run():
    assert runs("kkkk") == [("k", 4)]
    assert runs("k") == [("k", 1)]
    assert shorten("pp") == "p2"


def test_alternating():
    assert runs("kpkp") == [("k", 1), ("p", 1), ("k", 1), ("p", 1)]
    assert shorten("kpkp") == "k p k p"


def test_long_run():
    assert shorten("k" * 12 + "p") == "k12 p"
    assert shorten("p" + "k" * 12) == "p k12"


def test_there_and_back():
    for row in ("", "k", "kp", "kkpp", "pkkkkkkkkkkkp", "kppk"):
        assert expand(shorten(row)) == row
        assert sum(count for _, count in runs(row)) == len(row)


def test_other_sequences():
    assert runs([1, 1, 0]) == [(1, 2), (0, 1)]
    assert runs([]) == []
