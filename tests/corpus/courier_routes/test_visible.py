from city import City
from routes import describe, fastest


def small_city():
    city = City()
    city.add_road("depot", "park", 4)
    city.add_road("park", "zoo", 3)
    city.add_road("depot", "zoo", 10)
    city.add_road("island", "beach", 1)
    return city


def test_neighbours():
    assert small_city().neighbours("park") == {"depot": 4, "zoo": 3}


def test_single_road():
    assert fastest(small_city(), "depot", "park") == (4, ["depot", "park"])


def test_detour_is_faster():
    assert fastest(small_city(), "depot", "zoo") == (7, ["depot", "park", "zoo"])


def test_already_there():
    assert fastest(small_city(), "zoo", "zoo") == (0, ["zoo"])


def test_no_way():
    assert describe(small_city(), "zoo", "beach") == "no way from zoo to beach"


def test_description():
    assert describe(small_city(), "park", "zoo") == "park - zoo (3 min)"
