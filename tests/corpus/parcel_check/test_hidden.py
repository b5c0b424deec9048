from parcels import Parcel, all_labelled, may_leave

OK = Parcel("Bonn", 1)
BLANK = Parcel("", 1)


def test_blank_label_anywhere():
    assert all_labelled([OK, OK, BLANK]) is False
    assert all_labelled([OK, BLANK, OK]) is False
    assert all_labelled([BLANK, BLANK]) is False
    assert all_labelled([Parcel("a", 1), Parcel("\t\n", 1)]) is False


def test_all_fine():
    assert all_labelled([OK] * 5) is True
    assert all_labelled([OK]) is True


def test_no_parcels_are_all_labelled():
    assert all_labelled([]) is True


def test_may_leave():
    assert may_leave([OK, BLANK], limit=10) is False
    assert may_leave([OK, OK], limit=2) is True
    assert may_leave([OK], limit=0.5) is False
