import pytest
from album import Album


def test_last_page_is_short():
    page = Album("abcdefghi").page(3)
    assert page.photos == ["i"]
    assert not page.has_next
    assert page.number == 3


def test_all_pages_give_all_photos():
    album = Album(range(23), per_page=5)
    pages = [album.page(number) for number in range(1, album.page_count + 1)]
    assert sum((page.photos for page in pages), []) == list(range(23))
    assert [page.has_next for page in pages] == [True] * 4 + [False]


def test_exact_fit():
    album = Album("abcd", per_page=2)
    assert album.page_count == 2
    assert album.page(2).photos == ["c", "d"]
    assert not album.page(2).has_next


def test_one_per_page():
    assert Album("abc", per_page=1).page(2).photos == ["b"]


def test_bounds():
    for number in (0, -1, 4):
        with pytest.raises(IndexError):
            Album("abcdefghi").page(number)
    assert Album("").page_count == 0
