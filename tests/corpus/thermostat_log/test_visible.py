from thermo import coldest, frost_minutes, gap_share


def test_coldest():
    assert coldest([4.5, None, 2.0]) == 2.0


def test_frost():
    assert frost_minutes([1.5, 0.0, -0.5, None]) == 20


def test_gaps():
    assert gap_share([1, None, 3, None]) == 0.5


def test_empty_log():
    assert coldest([]) is None
    assert gap_share([]) == 0.0
