from bookshop.catalogue import page_count, page_of, search

TITLES = ["Ulysses", "Emma", "Dracula", "Middlemarch", "Dubliners"]


def test_first_page():
    assert page_of(TITLES, 1, size=2) == ["Ulysses", "Emma"]


def test_last_page():
    assert page_of(TITLES, 3, size=2) == ["Dubliners"]
    assert page_of(TITLES, 4, size=2) == []


def test_page_count():
    assert page_count(TITLES, size=2) == 3
    assert page_count([], size=2) == 0


def test_search():
    assert search(TITLES, " DU") == ["Dubliners"]
    assert search(TITLES, "m") == ["Emma", "Middlemarch"]
