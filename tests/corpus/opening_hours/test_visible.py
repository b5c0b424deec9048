from hours import is_open, merge, open_minutes, show


def test_overlap():
    assert merge([(480, 600), (540, 720)]) == [(480, 720)]


def test_inner_interval():
    assert merge([(480, 1080), (600, 660)]) == [(480, 1080)]


def test_gap():
    assert show([(840, 1080), (480, 750)]) == "08:00-12:30, 14:00-18:00"


def test_closed():
    assert not is_open([], 600)
    assert not is_open([(480, 600)], 600)


def test_minutes():
    assert open_minutes([(0, 10), (10, 25)]) == 25
