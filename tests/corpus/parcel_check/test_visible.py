from parcels import Parcel, all_labelled, may_leave

OK = Parcel("Bonn", 3)
BLANK = Parcel(" ", 2)


def test_labelled():
    assert all_labelled([OK, OK])


def test_first_label_is_blank():
    assert not all_labelled([BLANK, OK])


def test_later_label_is_blank():
    assert not all_labelled([OK, BLANK])


def test_may_leave():
    assert may_leave([OK, OK], limit=6)
    assert not may_leave([OK, OK], limit=5)


def test_empty_van_stays():
    assert not may_leave([], limit=5)
