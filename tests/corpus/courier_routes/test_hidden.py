from city import City
from routes import describe, fastest


def city_of(text):
    """A city with roads such as `ab3`: three minutes between a and b."""
    city = City()
    for road in text.split():
        city.add_road(road[0], road[1], int(road[2:]))
    return city


def test_way_improves_twice():
    city = city_of("ad20 ab1 bd10 bc1 cd1")
    assert fastest(city, "a", "d") == (3, ["a", "b", "c", "d"])
    assert fastest(city, "d", "a") == (3, ["d", "c", "b", "a"])


def test_direct_road_stays_best():
    city = city_of("ac5 ab3 bc3")
    assert fastest(city, "a", "c") == (5, ["a", "c"])


def test_equally_fast_ways_keep_the_first():
    city = city_of("ac5 ab2 bc3")
    assert fastest(city, "a", "c") == (5, ["a", "c"])


def test_improvement_in_the_middle():
    city = city_of("ab9 ac2 cb3 be1 ef1")
    assert fastest(city, "a", "f") == (7, ["a", "c", "b", "e", "f"])
    assert fastest(city, "a", "b") == (5, ["a", "c", "b"])


def test_minutes_add_up_along_the_path():
    city = city_of("ab7 ac3 cb1 bd2 cd8 de1 ae20 be9")
    for start in "abcde":
        for end in "abcde":
            minutes, path = fastest(city, start, end)
            steps = [city.neighbours(one)[other] for one, other in zip(path, path[1:])]
            assert sum(steps) == minutes
            assert (path[0], path[-1]) == (start, end)


def test_unknown_places():
    assert fastest(city_of("ab1"), "a", "x") is None
    assert fastest(city_of("ab1"), "x", "a") is None


def test_description_of_a_detour():
    assert describe(city_of("ac9 ab1 bc1"), "a", "c") == "a - b - c (2 min)"


def test_road_is_replaced():
    city = city_of("ab9 ab2")
    assert fastest(city, "b", "a") == (2, ["b", "a"])
