from router import Router
from routes import Route


def blog():
    router = Router()
    router.add("/posts", "list_posts")
    router.add("/posts/<int:number>", "show_post")
    router.add("/users/<name>", "show_user")
    return router


def test_plain_pattern():
    assert blog().resolve("/posts") == ("list_posts", {})
    assert blog().resolve("/posts/") == ("list_posts", {})


def test_variable():
    assert blog().resolve("/users/ada") == ("show_user", {"name": "ada"})


def test_number():
    assert blog().resolve("/posts/12") == ("show_post", {"number": 12})


def test_number_must_be_a_number():
    assert Route("/posts/<int:number>", "show").match("/posts/latest") is None


def test_unknown_path():
    assert blog().resolve("/about") == ("not_found", {})
