import pytest
from album import Album


def test_page_count():
    assert Album("abcdefghi").page_count == 3


def test_first_page():
    page = Album("abcdefghi").page(1)
    assert page.photos == ["a", "b", "c", "d"]
    assert page.has_next


def test_no_such_page():
    with pytest.raises(IndexError):
        Album("abc").page(2)


def test_empty_album_has_one_empty_page():
    assert Album("").page(1).photos == []
