from compass import Ship, point_of, turn_between


def test_points():
    assert [point_of(course) for course in (0, 44, 90, 225, 350)] == ["N", "NE", "E", "SW", "N"]


def test_turn():
    assert Ship(10).turn(35) == 45


def test_turn_through_north():
    assert Ship(350).turn(20) == 10


def test_turn_to_port():
    assert Ship(10).turn(-20) == 350


def test_short_way():
    assert turn_between(350, 10) == 20
    assert turn_between(10, 350) == -20
