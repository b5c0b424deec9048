from router import Router
from routes import Route, segments


def test_segments():
    assert segments("/") == []
    assert segments("/a/b/") == ["a", "b"]


def test_path_is_longer():
    route = Route("/users/<name>", "show")
    assert route.match("/users/ada/edit") is None
    assert route.match("/users/ada/edit/now") is None


def test_path_is_shorter():
    route = Route("/users/<name>", "show")
    assert route.match("/users") is None
    assert route.match("/") is None


def test_empty_pattern_is_the_front_page_only():
    front = Route("/", "front")
    assert front.match("/") == {}
    assert front.match("") == {}
    assert front.match("/users") is None


def test_two_variables():
    route = Route("/u/<name>/p/<int:n>", "show")
    assert route.match("/u/7/p/7") == {"name": "7", "n": 7}
    assert route.match("/u/7/q/7") is None
    assert route.match("/u/7/p") is None
    assert route.match("/u/7/p/x") is None


def test_first_full_match_wins():
    router = Router()
    router.add("/", "front")
    router.add("/docs", "docs")
    router.add("/docs/<page>", "page")
    router.add("/docs/<int:number>", "number")
    assert router.resolve("/docs/3") == ("page", {"page": "3"})
    assert router.resolve("/") == ("front", {})
    assert router.resolve("/docs") == ("docs", {})
    assert router.resolve("/docs/a/b") == ("not_found", {})
