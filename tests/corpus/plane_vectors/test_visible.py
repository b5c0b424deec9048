from vectors import Vector, parallel, path_end


def test_add():
    assert Vector(1, 2) + Vector(3, 5) == Vector(4, 7)


def test_subtract():
    assert Vector(4, 7) - Vector(3, 5) == Vector(1, 2)


def test_scale_and_turn():
    assert (Vector(1, 2) * 3).turned_left() == Vector(-6, 3)


def test_walk():
    assert path_end(Vector(0, 0), [Vector(1, 1), Vector(2, 2)]) == Vector(3, 3)


def test_parallel():
    assert parallel(Vector(1, 2), Vector(-2, -4))
    assert not parallel(Vector(1, 2), Vector(2, 1))
