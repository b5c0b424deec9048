from vectors import Vector, path_end


def test_zero():
    zero = Vector(0, 0)
    for vector in (Vector(1, 2), Vector(-3, 0), Vector(0, 5)):
        assert vector + zero == vector
        assert zero + vector == vector
        assert vector - zero == vector
        assert zero - vector == vector * -1
        assert vector - vector == zero


def test_add_and_subtract():
    assert Vector(1, 2) + Vector(10, 20) == Vector(11, 22)
    assert Vector(1, 2) - Vector(10, 20) == Vector(-9, -18)
    assert Vector(5, 5) + Vector(0, 1) == Vector(5, 6)
    assert Vector(5, 5) - Vector(1, 0) == Vector(4, 5)


def test_order_of_difference():
    one, other = Vector(7, 1), Vector(2, 9)
    assert one - other == (other - one) * -1
    assert (one - other) + other == one


def test_walk():
    steps = [Vector(0, 3), Vector(4, 0), Vector(0, -3)]
    assert path_end(Vector(1, 1), steps) == Vector(5, 1)
    assert path_end(Vector(1, 1), []) == Vector(1, 1)
