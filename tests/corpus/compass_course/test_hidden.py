from compass import Ship, point_of, turn_between


def test_exactly_north():
    assert Ship(350).turn(10) == 0
    assert Ship(90).turn(-90) == 0
    assert Ship(0).turn(360) == 0
    assert Ship(0).turn(-360) == 0


def test_several_rounds():
    assert Ship(0).turn(725) == 5
    assert Ship(5).turn(-730) == 355


def test_many_turns():
    ship = Ship()
    for _ in range(100):
        course = ship.turn(77)
        assert 0 <= course < 360
    assert ship.course == 7700 % 360


def test_turn_to():
    ship = Ship(350)
    assert ship.turn_to(20) == 30
    assert ship.course == 20
    assert ship.turn_to(300) == -80
    assert ship.course == 300
    assert ship.turn_to(120) == 180
    assert ship.course == 120
    assert ship.turn_to(120) == 0


def test_points_at_the_borders():
    assert [point_of(course) for course in (22, 23, 337, 338)] == ["N", "NE", "NW", "N"]
    assert turn_between(0, 181) == -179
