from thermo import coldest, frost_minutes, gap_share, known


def test_zero_is_known():
    assert known([0, None, 0.0]) == [0, 0.0]
    assert coldest([0, 3]) == 0
    assert coldest([0]) == 0
    assert gap_share([0, 0, 0, None]) == 0.25
    assert gap_share([0]) == 0


def test_only_gaps():
    assert known([None, None]) == []
    assert coldest([None]) is None
    assert frost_minutes([None]) == 0
    assert gap_share([None]) == 1


def test_negative_and_step():
    assert frost_minutes([-1, 0, 1], step=5) == 10
    assert coldest([-3, 0]) == -3
